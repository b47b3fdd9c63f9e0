package kube

import "slices"

// predecessors are the managers that an object may have been made with before it
// was imported or adopted: other providers, clients that people use, and Velero,
// which brings it back.
var predecessors = []string{
	"Terraform", "HashiCorp", "terraform-provider-kubernetes", "OpenTofu",
	"kubectl", "kubectl-create", "kubectl-client-side-apply", "kubectl-edit", "kubectl-patch", "kubectl-replace",
	"kubectl-label", "kubectl-annotate", "before-first-apply", "kn", "helm", "velero", "velero-server",
}

// FromPredecessors reports whether all of the managers, of which there is one at
// least, are such as an object has before it is imported or adopted, or are of the
// others that are given. The first write takes its fields over from them; who writes
// beside us afterwards is somebody else.
func FromPredecessors(managers []string, others ...string) bool {
	return len(managers) > 0 && !slices.ContainsFunc(managers, func(manager string) bool {
		return !slices.Contains(predecessors, manager) && !slices.Contains(others, manager)
	})
}
