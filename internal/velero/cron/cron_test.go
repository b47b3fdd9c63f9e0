package cron

import (
	"testing"
	"time"
)

func TestSplitUndoesJoin(t *testing.T) {
	for _, test := range []struct{ text, expression, timezone string }{
		{"0 3 * * *", "0 3 * * *", ""},
		{"CRON_TZ=Asia/Shanghai 0 3 * * *", "0 3 * * *", "Asia/Shanghai"},
		{"TZ=UTC @daily", "@daily", "UTC"},
		{"@every 6h", "@every 6h", ""},
	} {
		expression, timezone := Split(test.text)
		if expression != test.expression || timezone != test.timezone {
			t.Errorf("%s is %q in %q", test.text, expression, timezone)
		}
		if _, err := ParseZoned(Join(expression, timezone)); err != nil {
			t.Errorf("%s joined: %s", test.text, err)
		}
	}
}

func TestParse(t *testing.T) {
	for expression, ok := range map[string]bool{
		"0 3 * * *": true, "@daily": true, "@every 6h": true, "*/15 0-6 1,15 jan-mar mon": true, "0 3 * * 7": true,
		"": false, "* * * *": false, "0 0 3 * * *": false, "60 * * * *": false, "@reboot": false, "@triggered": false, "@every 0s": false,
		"0 0 31 2 *": false, "TZ=UTC 0 3 * * *": false, "CRON_TZ=UTC": false,
	} {
		if _, err := Parse(expression); (err == nil) != ok {
			t.Errorf("%q: %v", expression, err)
		}
	}
}

// The zone counts, also over a change of the clock.
func TestZone(t *testing.T) {
	s, err := ParseZoned(Join("0 3 * * *", "Asia/Shanghai"))
	if err != nil {
		t.Fatal(err)
	}
	if next := s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); !next.Equal(time.Date(2026, 1, 1, 19, 0, 0, 0, time.UTC)) {
		t.Errorf("the next run is at %s", next.UTC())
	}
	for zone, ok := range map[string]bool{"Asia/Shanghai": true, "UTC": true, "": false, "Local": false, "Nowhere": false} {
		if err := Zone(zone); (err == nil) != ok {
			t.Errorf("%q: %v", zone, err)
		}
	}
}

func TestDaysBothWays(t *testing.T) {
	for expression, both := range map[string]bool{"0 0 1 * 1": true, "0 0 1 * *": false, "0 0 * * 1": false, "0 0 */2 * 1": false, "0 0 ? * 1": false, "@daily": false} {
		if DaysBothWays(expression) != both {
			t.Errorf("%s: not %v", expression, both)
		}
	}
}
