package manifest

import "slices"

// Stage is when an object is applied: what others need goes first.
type Stage int

// The stages, in their order.
const (
	// Definitions are custom resource definitions: the custom resources of the
	// same manifest are of their kinds.
	Definitions Stage = iota
	// Namespaces hold most of what follows.
	Namespaces
	// Base is all that is built in and runs nothing: accounts, roles,
	// configuration, Services.
	Base
	// Workloads run pods, with what is there by now.
	Workloads
	// Customs are custom resources. They go right behind the workloads, not once
	// these run: a workload may mount what a controller makes of one.
	Customs
	// Gates are what the API server asks before it accepts or answers something:
	// webhook configurations, admission policies, aggregated APIs. One whose
	// Service does not answer blocks writes, also ours, so they go last.
	Gates
)

// Stages are all of them, in their order.
var Stages = []Stage{Definitions, Namespaces, Base, Workloads, Customs, Gates}

var workloadKinds = []string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod", "Job", "CronJob"}

// StageOf returns the stage of an object.
func StageOf(id ID) Stage {
	switch {
	case id.Group == CRDs.Group && id.Kind == CRDs.Name:
		return Definitions
	case id.Group == "" && id.Kind == "Namespace":
		return Namespaces
	case id.Group == "admissionregistration.k8s.io", id.Group == "apiregistration.k8s.io":
		return Gates
	case custom(id.Group):
		return Customs
	case slices.Contains(workloadKinds, id.Kind):
		return Workloads
	}
	return Base
}
