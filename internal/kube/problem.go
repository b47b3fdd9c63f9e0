package kube

// Problem is an error in words for the person who applies the configuration.
type Problem struct {
	Summary string // one line, without a full stop
	Detail  string // what happened, and the way out
}

// Diagnose puts an error into words.
func Diagnose(err error) Problem {
	return Problem{Summary: "Request to the cluster failed", Detail: err.Error()}
}
