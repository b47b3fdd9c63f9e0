package validate

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Duration accepts durations such as "90s" or "1m30s" between two bounds, in
// whole seconds, as Knative's annotations take them.
func Duration(least, most time.Duration) validator.String {
	return DurationIn(time.Second, least, most)
}

// DurationIn accepts durations between two bounds, in whole units.
func DurationIn(unit, least, most time.Duration) validator.String {
	return text{fmt.Sprintf("a duration between %s and %s", least, most), func(value string) []string {
		d, err := time.ParseDuration(value)
		switch {
		case err != nil:
			return []string{`write it as a number with a unit, such as 90s, 5m or 1h30m`}
		case d < least || d > most:
			return []string{fmt.Sprintf("it is outside of %s to %s", least, most)}
		case d%unit != 0:
			return []string{"it is not in whole " + units[unit]}
		}
		return nil
	}}
}

var units = map[time.Duration]string{time.Second: "seconds", time.Millisecond: "milliseconds"}
