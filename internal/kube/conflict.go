package kube

import (
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Conflict is one field that two managers set to different values.
type Conflict struct {
	Field   string // as the server writes it, such as .metadata.labels.team
	Manager string // the other manager, in the server's words
	Live    any    // what is there
	Wanted  any    // what we want; both are nil when they are not known
}

// ConflictError is the refusal of an apply because other managers own some of
// its fields.
type ConflictError struct {
	Object    string // kind and name
	Conflicts []Conflict
}

func (e *ConflictError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s has fields that others have set to other values:", e.Object)
	for _, c := range e.Conflicts {
		fmt.Fprintf(&b, "\n  - %s (%s)", c.Field, c.Manager)
		if c.Live != nil || c.Wanted != nil {
			fmt.Fprintf(&b, ": it is %s, this configuration wants %s", shown(c.Live), shown(c.Wanted))
		}
	}
	return b.String()
}

func shown(value any) string {
	if value == nil {
		return "not set"
	}
	return fmt.Sprintf("%#v", value)
}

// Conflicts returns the fields that a server-side apply was refused for, or nil
// if err is something else.
func Conflicts(err error) []Conflict {
	var status apierrors.APIStatus
	if !apierrors.IsConflict(err) || !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	var conflicts []Conflict
	for _, cause := range status.Status().Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			conflicts = append(conflicts, Conflict{Field: cause.Field, Manager: cause.Message})
		}
	}
	return conflicts
}

// IsStale reports whether a write was refused because the object is not any
// more what was read: reading it again and writing again may succeed.
func IsStale(err error) bool {
	return apierrors.IsConflict(err) && len(Conflicts(err)) == 0
}
