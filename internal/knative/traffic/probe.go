package traffic

import "context"

// unproven says what a probe was answered in the place of what it should be.
type unproven struct{ summary, detail string }

func (e *unproven) Error() string { return e.summary }

func (t *transition) prove(context.Context) error { return nil }
