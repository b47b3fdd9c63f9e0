package application

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	knative "knative.dev/serving/pkg/apis/serving"
)

// podWarnings is how many of a pod's newest warnings an error shows.
const podWarnings = 3

// logLines is how much of a container's log an error shows.
const logLines = 10

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
	var facts []string
	say := func(format string, args ...any) {
		if fact := fmt.Sprintf(format, args...); !slices.Contains(facts, fact) {
			facts = append(facts, fact)
		}
	}
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
			reasons = append(reasons, explainPods(ctx, cluster, list, name, say)...)
		}
		if err == nil && len(list) == 0 && revision != nil {
			explainNoPods(ctx, cluster, revision, say)
		}
	}
	f.summary, f.at = summarize(reasons)
	f.detail = strings.Join(facts, "\n\n")
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

// explainPods tells what the containers of the newest pod say; the other pods
// of a revision say the same.
func explainPods(ctx context.Context, cluster *kube.Cluster, list []kube.Object, revision string, say func(string, ...any)) (reasons []string) {
	newest := newestPod(list, revision)
	if newest == nil {
		return nil
	}
	for _, c := range newest.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			say("Pod %s is not scheduled: %s", newest.Name, c.Message)
			reasons = append(reasons, c.Reason)
		}
	}
	// A failing probe is told nowhere else.
	if warnings, err := cluster.Warnings(ctx, newest.Namespace, newest.UID); err == nil {
		for _, warning := range warnings[:min(podWarnings, len(warnings))] {
			say("Pod %s: %s: %s", newest.Name, warning.Reason, warning.Message)
		}
	}
	for _, c := range slices.Concat(newest.Status.InitContainerStatuses, newest.Status.ContainerStatuses) {
		if c.Name == "queue-proxy" {
			continue // it waits for the application's own containers
		}
		crashed := false
		if w := c.State.Waiting; w != nil && w.Reason != "" && w.Reason != "PodInitializing" && w.Reason != "ContainerCreating" {
			say("Container %s waits: %s: %s", c.Name, w.Reason, w.Message)
			reasons = append(reasons, w.Reason)
		}
		ended := c.State.Terminated
		if ended == nil {
			ended = c.LastTerminationState.Terminated
		}
		if ended != nil {
			crashed = true
			say("Container %s ended with exit code %d (%s) %s", c.Name, ended.ExitCode, ended.Reason, ended.Message)
			reasons = append(reasons, "ContainerEnded")
		}
		if !crashed && (c.Ready || c.State.Running == nil) {
			continue
		}
		previous := crashed && c.State.Terminated == nil
		if log, err := cluster.Logs(ctx, newest.Namespace, newest.Name, c.Name, logLines, previous); err == nil && strings.TrimSpace(log) != "" {
			say("The last lines of container %s:\n%s", c.Name, indent(log))
		}
	}
	return reasons
}

// explainNoPods tells what Knative warns of while it makes no pods: that it can't
// make their Deployment is told nowhere else.
func explainNoPods(ctx context.Context, cluster *kube.Cluster, revision *servingv1.Revision, say func(string, ...any)) {
	warnings, err := cluster.Warnings(ctx, revision.Namespace, revision.UID)
	if err != nil {
		return
	}
	for _, warning := range warnings[:min(podWarnings, len(warnings))] {
		say("Revision %s: %s: %s", revision.Name, warning.Reason, warning.Message)
	}
}

// newestPod returns the newest pod of a revision, or nil.
func newestPod(list []kube.Object, revision string) *corev1.Pod {
	var newest *corev1.Pod
	for i := range list {
		pod := &corev1.Pod{}
		if list[i].GetLabels()[knative.RevisionLabelKey] != revision ||
			runtime.DefaultUnstructuredConverter.FromUnstructured(list[i].Object, pod) != nil {
			continue
		}
		if newest == nil || newest.CreationTimestamp.Before(&pod.CreationTimestamp) {
			newest = pod
		}
	}
	return newest
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
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
