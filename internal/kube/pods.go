package kube

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
)

// Pods is the kind of pods.
var Pods = Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "pods"}, Name: "Pod"}

const (
	// podWarnings is how many of a pod's newest warnings are told.
	podWarnings = 3
	// logLines is how much of a container's log is told.
	logLines = 10
	// logRemoved is what the kubelet gives for a log in place of a removed one's lines.
	logRemoved = "unable to retrieve container logs for "
	// logAgain and logPatience are how often, and for how long, it is asked for again.
	logAgain, logPatience = time.Second, 4 * time.Second
)

// stuckReasons are what the kubelet gives for a container that will not start
// without somebody's doing.
var stuckReasons = []string{
	"ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable",
	"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff",
}

// Stuck returns why a container of the pod will not start without somebody's
// doing, or nil. Some of the reasons pass by themselves all the same: believe
// one that is still there after a while.
func Stuck(pod *corev1.Pod) *corev1.ContainerStatus {
	for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if waiting := c.State.Waiting; waiting != nil && slices.Contains(stuckReasons, waiting.Reason) {
			return &c
		}
	}
	return nil
}

// NewestPod returns the newest of those pods in a list whose labels are wanted,
// or nil. The others of a workload mostly say the same.
func NewestPod(list []Object, wanted func(labels map[string]string) bool) *corev1.Pod {
	var newest *corev1.Pod
	for i := range list {
		pod := &corev1.Pod{}
		if !wanted(list[i].GetLabels()) || runtime.DefaultUnstructuredConverter.FromUnstructured(list[i].Object, pod) != nil {
			continue
		}
		if newest == nil || newest.CreationTimestamp.Before(&pod.CreationTimestamp) {
			newest = pod
		}
	}
	return newest
}

// ExplainPod hands to say what a pod, its containers and their logs tell of why
// it does not run, and returns the reasons in the cluster's own words. What may
// not be read is left out, and so are containers that wait for others.
func (c *Cluster) ExplainPod(ctx context.Context, pod *corev1.Pod, say func(format string, args ...any), waitForOthers ...string) (reasons []string) {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			say("Pod %s is not scheduled: %s", pod.Name, condition.Message)
			reasons = append(reasons, condition.Reason)
		}
	}
	// A failing probe is told nowhere else.
	if warnings, err := c.Warnings(ctx, pod.Namespace, pod.UID); err == nil {
		for _, warning := range warnings[:min(podWarnings, len(warnings))] {
			say("Pod %s: %s: %s", pod.Name, warning.Reason, warning.Message)
		}
	}
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if !slices.Contains(waitForOthers, status.Name) {
			reasons = append(reasons, c.explainContainer(ctx, pod, &status, say)...)
		}
	}
	return reasons
}

func (c *Cluster) explainContainer(ctx context.Context, pod *corev1.Pod, status *corev1.ContainerStatus, say func(string, ...any)) (reasons []string) {
	crashed := false
	if w := status.State.Waiting; w != nil && w.Reason != "" && w.Reason != "PodInitializing" && w.Reason != "ContainerCreating" {
		say("Container %s waits: %s: %s", status.Name, w.Reason, w.Message)
		reasons = append(reasons, w.Reason)
	}
	ended := status.State.Terminated
	if ended == nil {
		ended = status.LastTerminationState.Terminated
	}
	if ended != nil {
		crashed = true
		say("Container %s ended with exit code %d (%s) %s", status.Name, ended.ExitCode, ended.Reason, ended.Message)
		reasons = append(reasons, "ContainerEnded")
	}
	if !crashed && (status.Ready || status.State.Running == nil) {
		return reasons
	}
	previous := crashed && status.State.Terminated == nil
	if log := c.lastLines(ctx, pod, status.Name, previous); log != "" {
		say("The last lines of container %s:\n%s", status.Name, indent(log))
	}
	return reasons
}

// lastLines returns what a container wrote last, or nothing if that can't be had.
// Of a container that starts again and again, the kubelet keeps the newest run that
// has ended. While it does not know yet that one more has, which takes a busy node
// half a minute, the previous run is for it one that it has removed: the newest one's
// log is then had.
func (c *Cluster) lastLines(ctx context.Context, pod *corev1.Pod, container string, previous bool) (lines string) {
	_ = wait.PollUntilContextTimeout(ctx, logAgain, logPatience, true, func(ctx context.Context) (bool, error) {
		log, err := c.Logs(ctx, pod.Namespace, pod.Name, container, logLines, previous)
		if previous && err == nil && strings.HasPrefix(log, logRemoved) {
			log, err = c.Logs(ctx, pod.Namespace, pod.Name, container, logLines, false)
		}
		if err != nil || strings.HasPrefix(log, logRemoved) {
			return false, err
		}
		lines = strings.TrimSpace(log)
		return true, nil
	})
	return lines
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}

// Facts collects what is told of a failure, each fact once.
type Facts []string

// Say adds a fact.
func (f *Facts) Say(format string, args ...any) {
	if fact := fmt.Sprintf(format, args...); !slices.Contains(*f, fact) {
		*f = append(*f, fact)
	}
}

// String writes the facts as paragraphs.
func (f *Facts) String() string { return strings.Join(*f, "\n\n") }
