package cron

import (
	"strings"
	"testing"
	"time"
)

// What is accepted comes due, in whatever zone; and what Velero is told can be
// told apart again.
func FuzzParse(f *testing.F) {
	for _, expression := range []string{"0 3 * * *", "@hourly", "*/15 0-6 1,15 * MON-FRI", "0 0 30 2 *", "@every 1h", "@every 1ns", "CRON_TZ=UTC 0 3 * * *", "TZ= * * * * *", "0 0 L * ?", "* * * * * *", ""} {
		f.Add(expression, "Asia/Shanghai")
	}
	f.Fuzz(func(t *testing.T, expression, zone string) {
		DaysBothWays(expression)
		if _, err := Parse(expression); err != nil {
			return
		}
		if expression != strings.TrimSpace(expression) || Zone(zone) != nil || strings.ContainsAny(zone, " =") {
			zone = ""
		}
		written := Join(expression, zone)
		if _, err := ParseZoned(written); err != nil {
			t.Fatalf("%q is accepted, and %q is not: %s", expression, written, err)
		}
		if e, z := Split(written); e != expression || z != zone {
			t.Errorf("%q comes back as %q and %q", written, e, z)
		}
		s, err := ParseZoned(written)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		if next := s.Next(now); !next.After(now) {
			t.Errorf("%q comes due at %s, and it is %s", written, next, now)
		}
	})
}
