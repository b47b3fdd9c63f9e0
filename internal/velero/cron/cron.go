// Package cron reads cron expressions as Velero's server does.
package cron

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // a plan must not depend on what zones the machine knows that it is made on

	"github.com/netresearch/go-cron" // what Velero's server reads schedules with since 1.18
)

// Schedule says when something runs.
type Schedule = cron.Schedule

// errNever says that an expression never comes due. Velero's server would take
// that for overdue, and back up every minute.
var errNever = errors.New("it never comes due, which Velero takes for overdue: it would make a backup every minute")

// Parse reads an expression: five fields, or a descriptor such as @daily. A time
// zone is given on its own.
func Parse(expression string) (Schedule, error) {
	if zoned(expression) {
		return nil, errors.New("a time zone is said by the attribute timezone")
	}
	return ParseZoned(expression)
}

// ParseZoned reads an expression as it is in a Schedule, where a time zone may
// stand before it.
func ParseZoned(text string) (s Schedule, err error) {
	defer func() { // Velero's server guards itself likewise
		if problem := recover(); problem != nil {
			s, err = nil, fmt.Errorf("%v", problem)
		}
	}()
	if s, err = cron.ParseStandard(text); err != nil {
		return nil, err
	}
	if s.Next(time.Now()).IsZero() {
		return nil, errNever
	}
	return s, nil
}

// Join puts a time zone before an expression, as Velero wants it: its Schedule has
// no field for it. Without a zone, the server's own counts.
func Join(expression, timezone string) string {
	if timezone == "" {
		return expression
	}
	return prefix + timezone + " " + expression
}

// Split undoes Join.
func Split(text string) (expression, timezone string) {
	if !zoned(text) {
		return text, ""
	}
	zone, expression, _ := strings.Cut(text, " ")
	_, timezone, _ = strings.Cut(zone, "=")
	return strings.TrimSpace(expression), timezone
}

const prefix = "CRON_TZ="

func zoned(text string) bool {
	return strings.HasPrefix(text, prefix) || strings.HasPrefix(text, "TZ=")
}

// Zone says what is wrong with the name of a time zone.
func Zone(name string) error {
	if name == "" || name == "Local" {
		return errors.New("leave timezone out for the server's own")
	}
	_, err := time.LoadLocation(name)
	return err
}

// DaysBothWays reports whether an expression restricts the day of the month and
// that of the week. Until 1.17 Velero ran when either fits, since 1.18 when both do.
func DaysBothWays(expression string) bool {
	fields := strings.Fields(expression)
	const dayOfMonth, dayOfWeek = 2, 4
	every := func(field string) bool { return strings.HasPrefix(field, "*") || strings.HasPrefix(field, "?") }
	return len(fields) == dayOfWeek+1 && !every(fields[dayOfMonth]) && !every(fields[dayOfWeek])
}
