package application

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	corev1 "k8s.io/api/core/v1"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	knative "knative.dev/serving/pkg/apis/serving"
)

// shownWarnings is how many of a revision's newest warnings an error shows.
const shownWarnings = 3

// notReady says why an application did not become ready.
type notReady struct {
	service  *servingv1.Service
	revision string
	state    serving.Readiness
	cause    error // why the wait ended, when Knative did not end it
}

func (e *notReady) Error() string {
	if e.cause != nil {
		return e.cause.Error()
	}
	return e.state.String()
}

func (e *notReady) Unwrap() error { return e.cause }

// failure is a notReady in words, with what the revision, its pods and its
// containers say themselves.
type failure struct {
	at      path.Path // the attribute at fault; empty if it can't be told
	summary string
	detail  string
}

// explain asks the cluster for the reasons. It tells what it can learn: a reason
// that may not be read is left out.
func explain(ctx context.Context, cluster *kube.Cluster, e *notReady) failure {
	f := failure{at: path.Empty()}
	var facts kube.Facts
	say := facts.Say
	reasons := []string{e.state.Reason}
	if text := e.state.String(); text != "" {
		say("Knative reports: %s", text)
	}
	name := e.revision
	if name == "" && e.service != nil {
		name = e.service.Status.LatestCreatedRevisionName
	}
	if name != "" && e.service != nil {
		revision := readRevision(ctx, cluster, e.service.Namespace, name)
		if revision != nil {
			for _, c := range revision.Status.Conditions {
				// Ready only repeats one of the others.
				if c.Status != corev1.ConditionFalse || c.Type == servingv1.RevisionConditionReady {
					continue
				}
				reasons = append(reasons, c.Reason)
				if !strings.Contains(e.state.Message, c.Message) {
					say("Revision %s, %s: %s: %s", name, c.Type, c.Reason, c.Message)
				}
			}
		}
		list, err := cluster.List(ctx, pods, e.service.Namespace, map[string]string{knative.RevisionLabelKey: name})
		if err == nil {
			if newest := newestPod(list, name); newest != nil {
				// The queue-proxy waits for the application's own containers.
				reasons = append(reasons, cluster.ExplainPod(ctx, newest, say, "queue-proxy")...)
			}
		}
		if err == nil && len(list) == 0 && revision != nil {
			explainNoPods(ctx, cluster, revision, say)
		}
	}
	f.summary, f.at = summarize(reasons)
	f.detail = facts.String()
	return f
}

func readRevision(ctx context.Context, cluster *kube.Cluster, namespace, name string) *servingv1.Revision {
	object, err := cluster.Find(ctx, serving.Revisions, namespace, name)
	if err != nil || object == nil {
		return nil
	}
	revision, err := serving.DecodeRevision(object)
	if err != nil {
		return nil
	}
	return revision
}

// explainNoPods tells what Knative warns of while it makes no pods: that it can't
// make their Deployment is told nowhere else.
func explainNoPods(ctx context.Context, cluster *kube.Cluster, revision *servingv1.Revision, say func(string, ...any)) {
	warnings, err := cluster.Warnings(ctx, revision.Namespace, revision.UID)
	if err != nil {
		return
	}
	for _, warning := range warnings[:min(shownWarnings, len(warnings))] {
		say("Revision %s: %s: %s", revision.Name, warning.Reason, warning.Message)
	}
}

// newestPod returns the newest pod of a revision, or nil.
func newestPod(list []kube.Object, revision string) *corev1.Pod {
	return kube.NewestPod(list, func(labels map[string]string) bool { return labels[knative.RevisionLabelKey] == revision })
}

// summarize picks the line that the error begins with, and the attribute that
// the reason is about.
func summarize(reasons []string) (string, path.Path) {
	has := func(wanted ...string) bool {
		return slices.ContainsFunc(reasons, func(r string) bool { return slices.Contains(wanted, r) })
	}
	switch {
	case has("ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ContainerMissing", "RegistryUnavailable", "ImageInspectError"):
		return "The image can't be pulled", path.Root("image")
	case has("CreateContainerConfigError", "CreateContainerError", "RunContainerError"):
		return "The container can't be started", path.Empty()
	case has("OOMKilled"):
		return "The container used more memory than its limit", path.Root("resources")
	case has("ContainerEnded", "CrashLoopBackOff", "Error") || hasExitCode(reasons):
		return "The container ends instead of serving", path.Empty()
	case has("Unschedulable"):
		return "No node has room for the application", path.Root("resources")
	case has("FailedCreate"):
		return "The cluster refuses the application's pods", path.Root("resources")
	case has("ProgressDeadlineExceeded"):
		return "The application did not become ready within Knative's progress deadline", path.Empty()
	}
	return "The application is not ready", path.Empty()
}

// hasExitCode recognizes the reasons that Knative makes of exit codes.
func hasExitCode(reasons []string) bool {
	return slices.ContainsFunc(reasons, func(r string) bool { return strings.HasPrefix(r, "ExitCode") })
}
