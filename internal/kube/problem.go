package kube

import (
	"context"
	"errors"
	"fmt"
)

// Problem is an error in words for the person who applies a configuration.
type Problem struct {
	Summary string // what is wrong, to be read after "doing: ", without a full stop
	Detail  string // what happened, and the way out
}

// Diagnose puts an error of this package, of client-go or of the API server
// into words. Errors are told apart by type, never by their text, which changes
// from version to version; the text is shown where it says more than the type.
func Diagnose(err error) Problem {
	if err == nil {
		return Problem{}
	}
	// Network errors come before the context's: a time limit on connecting also
	// counts as context.DeadlineExceeded.
	for _, diagnose := range []func(error) (Problem, bool){
		diagnoseConnection, diagnoseConflict, diagnoseStatus, diagnoseNetwork, diagnoseContext,
	} {
		if problem, ok := diagnose(err); ok {
			return problem
		}
	}
	return Problem{Summary: "request to the cluster failed", Detail: sentence(err.Error())}
}

// diagnoseContext explains a request or a wait that was ended from this side.
func diagnoseContext(err error) (Problem, bool) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Problem{
			Summary: "time is up",
			Detail:  paragraphs(err.Error(), "What was begun goes on in the cluster. Look at the object there, or allow more time in `timeouts`"),
		}, true
	case errors.Is(err, context.Canceled):
		return Problem{
			Summary: "interrupted",
			Detail:  paragraphs(err.Error(), "What was begun goes on in the cluster; the next run takes it up"),
		}, true
	}
	return Problem{}, false
}

// diagnoseConflict explains an apply that other managers' fields are in the way of.
const conflictAdvice = "Either leave these fields to the others, by removing them from the configuration, or take them over with force_conflicts = true"

func diagnoseConflict(err error) (Problem, bool) {
	var conflict *ConflictError
	if !errors.As(err, &conflict) {
		return Problem{}, false
	}
	return Problem{
		Summary: "somebody else has set some of its fields",
		Detail:  paragraphs(conflict.Error(), conflictAdvice),
	}, true
}

// sentence ends text with a full stop.
func sentence(text string) string {
	if text == "" {
		return text
	}
	switch text[len(text)-1] {
	case '.', '!', '?', '\n':
		return text
	}
	return text + "."
}

// paragraphs joins what happened and the way out.
func paragraphs(what, wayOut string) string {
	return fmt.Sprintf("%s\n\n%s", sentence(what), sentence(wayOut))
}
