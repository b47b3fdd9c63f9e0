package component

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

const (
	// inspectEvery is how often a wait looks at a workload's pods. Of an image
	// that can't be pulled, a Deployment itself says nothing until its progress
	// deadline, ten minutes later.
	inspectEvery = 2 * time.Second
	// crashes is how often a container may end before a wait gives it up: of
	// components that start together, the one that needs another begins by ending
	// a few times.
	crashes = 4
	// refusalGrace is how long pods may be refused by the cluster: a quota or a
	// webhook may let them in a moment later.
	refusalGrace = 10 * time.Second
)

// notReady says what a component waits for in vain.
type notReady struct {
	what    string // the object
	state   string // how it stands
	summary string
	facts   kube.Facts
	cause   error // of the end of the wait, if that was not the object's own state
}

func (e *notReady) Error() string { return e.what + ": " + e.state }
func (e *notReady) Unwrap() error { return e.cause }

func (e *notReady) in() (kube.Problem, string) {
	p := kube.Problem{Summary: e.what + " is not ready", Detail: e.state}
	attribute := ""
	if e.summary != "" {
		p.Summary = e.what + ": " + e.summary
	}
	if e.summary == noImage {
		attribute = "images"
	}
	if text := e.facts.String(); text != "" {
		p.Detail += "\n\n" + text
	}
	if errors.Is(e.cause, context.DeadlineExceeded) {
		p.Detail += "\n\nThe time to wait is over: see the attribute timeouts."
	}
	return p, attribute
}

// follow waits until check says that an object, of which nil is handed to it
// while there is none, is as it should be.
func (e *engine) follow(ctx context.Context, at place, check kube.Check) (*kube.Object, error) {
	wait, err := e.cluster.Follow(ctx, at.kind, at.Namespace, at.Name)
	if err != nil {
		return nil, err
	}
	defer wait.Close()
	object, err := e.cluster.Find(ctx, at.kind, at.Namespace, at.Name)
	if err != nil {
		return nil, err
	}
	return wait.Await(ctx, object, check)
}

// awaitGone waits until an object is gone, or another one of its name is there.
func (e *engine) awaitGone(ctx context.Context, at place, uid types.UID) error {
	object, err := e.follow(ctx, at, func(object *kube.Object) (bool, time.Duration, error) {
		return object == nil || object.GetUID() != uid, 0, nil
	})
	if kube.IsUnserved(err) {
		return nil // its kind went with its definition
	}
	if err != nil && ctx.Err() != nil && object != nil && len(object.GetFinalizers()) > 0 {
		return &notReady{
			what: at.String(), cause: context.Cause(ctx),
			state: fmt.Sprintf("It is being deleted, and waits for its finalizers %s. What looks after them may not run any more.", strings.Join(object.GetFinalizers(), ", ")),
		}
	}
	return err
}

// awaitEstablished waits until the API server serves the kinds of definitions.
func (c *change) awaitEstablished(ctx context.Context, objects []*manifest.Object) error {
	return parallel(ctx, objects, func(ctx context.Context, object *manifest.Object) error {
		if live := c.live[object.ID]; live != nil && condition(live, "Established")["status"] == "True" {
			return nil
		}
		last := "the API server has not looked at it yet"
		_, err := c.follow(ctx, place{object.ID, object.Resource}, func(live *kube.Object) (bool, time.Duration, error) {
			if live == nil {
				return false, 0, &notReady{what: object.String(), state: "Somebody has deleted it meanwhile."}
			}
			if names := condition(live, "NamesAccepted"); names["status"] == "False" {
				return false, 0, &notReady{
					what: object.String(), summary: "its names are taken",
					state: fmt.Sprintf("The API server does not serve it, because another definition has one of its names: %s", names["message"]),
				}
			}
			established := condition(live, "Established")
			if message := established["message"]; message != "" {
				last = message
			}
			return established["status"] == "True", 0, nil
		})
		return ended(ctx, err, object.String(), last)
	})
}

// ended makes of a wait that its context has ended an error that says what was
// waited for.
func ended(ctx context.Context, err error, what, state string) error {
	if already := (*notReady)(nil); err == nil || errors.As(err, &already) || ctx.Err() == nil {
		return err
	}
	if state == "" {
		state = "The API server has told nothing of it since it was written."
	}
	return &notReady{what: what, state: state, cause: context.Cause(ctx)}
}

// awaitWorkloads waits until the component's workloads run.
func (c *change) awaitWorkloads(ctx context.Context) error {
	var workloads []*manifest.Object
	for _, object := range c.set.Stage(manifest.Workloads) {
		if runs(object.ID) {
			workloads = append(workloads, object)
		}
	}
	return c.awaitRuns(ctx, workloads)
}

// awaitJobs waits until the component's Jobs are done.
func (c *change) awaitJobs(ctx context.Context) error {
	var jobs []*manifest.Object
	for _, object := range c.set.Stage(manifest.Workloads) {
		if isJob(object.ID) && !c.now.entry(object.ID).Done {
			jobs = append(jobs, object)
		}
	}
	if err := c.awaitRuns(ctx, jobs); err != nil {
		return err
	}
	for _, job := range jobs {
		c.now.entry(job.ID).Done = true
	}
	return nil
}

// awaitRuns waits for all of the workloads at once: the first that can't run
// ends the wait.
func (c *change) awaitRuns(ctx context.Context, workloads []*manifest.Object) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	failures := make(chan error, len(workloads))
	for _, workload := range workloads {
		go func() { failures <- c.awaitRun(ctx, workload) }()
	}
	var first error
	for range workloads {
		if err := <-failures; err != nil && first == nil {
			first = err
			cancel(context.Canceled) // what it stops has nothing to add
		}
	}
	return first
}

// awaitRun waits until a workload runs, and explains why it does not.
func (c *change) awaitRun(ctx context.Context, workload *manifest.Object) error {
	w := &watched{engine: c.engine, inspected: time.Now()}
	object, err := c.follow(ctx, place{workload.ID, workload.Resource}, func(object *kube.Object) (bool, time.Duration, error) {
		if object == nil && isJob(workload.ID) {
			return true, 0, nil // done, and cleaned up by its time to live
		}
		if object == nil {
			return false, 0, &notReady{what: workload.String(), state: "Somebody has deleted it meanwhile."}
		}
		return w.check(ctx, object)
	})
	if err == nil || object == nil || errors.Is(context.Cause(ctx), context.Canceled) {
		return ended(ctx, err, workload.String(), w.last.message)
	}
	why := &notReady{what: workload.String(), state: w.last.message, cause: context.Cause(ctx)}
	if !errors.Is(err, errNotRunning) && ctx.Err() == nil {
		return err // the request failed, not the workload
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	c.explain(late, object, w.last.reason, why)
	return why
}

var errNotRunning = errors.New("the workload can't run")

// watched is what a wait for a workload has seen so far.
type watched struct {
	*engine
	last      runState
	inspected time.Time
	stuck     string    // the reason that the newest pod gave last
	refused   time.Time // pods are refused since then
}

func (w *watched) check(ctx context.Context, object *kube.Object) (done bool, again time.Duration, err error) {
	w.last = assess(object)
	switch w.last.phase {
	case running:
		return true, 0, nil
	case failed:
		return false, 0, errNotRunning
	}
	if c := condition(object, "ReplicaFailure"); c["status"] == "True" {
		if w.refused.IsZero() {
			w.refused = time.Now()
		}
		if time.Since(w.refused) > refusalGrace {
			w.last = runState{failed, c["reason"], c["message"]}
			return false, 0, errNotRunning
		}
	} else {
		w.refused = time.Time{}
	}
	if time.Since(w.inspected) >= inspectEvery {
		w.inspected = time.Now()
		if stuck := w.inspect(ctx, object); stuck != nil {
			w.last = runState{failed, stuck.State.Waiting.Reason, fmt.Sprintf("Container %s waits: %s", stuck.Name, stuck.State.Waiting.Reason)}
			return false, 0, errNotRunning
		}
	}
	return false, inspectEvery - min(time.Since(w.inspected), inspectEvery-time.Millisecond), nil
}

// inspect looks at the workload's newest pod, and returns what is stuck if it
// was so the last time already.
func (w *watched) inspect(ctx context.Context, object *kube.Object) *corev1.ContainerStatus {
	all, err := w.cluster.Recent(ctx, kube.Pods, object.GetNamespace(), inspectEvery)
	if err != nil {
		return nil // who may not look at pods waits for the workload's own word
	}
	before := w.stuck
	w.stuck = ""
	pod := newestPod(all, object)
	if pod == nil {
		return nil
	}
	stuck := kube.Stuck(pod)
	if stuck == nil || (stuck.State.Waiting.Reason == "CrashLoopBackOff" && stuck.RestartCount < crashes) {
		return nil
	}
	w.stuck = pod.Name + " " + stuck.State.Waiting.Reason
	if w.stuck != before {
		return nil
	}
	return stuck
}

// newestPod returns the newest pod of a workload, or nil.
func newestPod(list []kube.Object, workload *kube.Object) *corev1.Pod {
	if workload.GetKind() == "Pod" {
		pod := &corev1.Pod{}
		if runtime.DefaultUnstructuredConverter.FromUnstructured(workload.Object, pod) != nil {
			return nil
		}
		return pod
	}
	fields, _, _ := unstructured.NestedMap(workload.Object, "spec", "selector")
	selector := &metav1.LabelSelector{}
	if runtime.DefaultUnstructuredConverter.FromUnstructured(fields, selector) != nil {
		return nil
	}
	wanted, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil || wanted.Empty() {
		return nil
	}
	return kube.NewestPod(list, func(of map[string]string) bool { return wanted.Matches(labels.Set(of)) })
}

const (
	noImage  = "an image can't be pulled"
	noStart  = "a container can't be started"
	ends     = "a container ends instead of running"
	noRoom   = "no node has room for a pod"
	noPods   = "the cluster refuses its pods"
	tooLate  = "it did not run within its progress deadline"
	jobFails = "the Job failed"
)

// summaries are what the cluster's reasons mean, the most telling first.
var summaries = []struct {
	summary string
	reasons []string
}{
	{noImage, []string{"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "ImageInspectError"}},
	{noStart, []string{"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}},
	{ends, []string{"CrashLoopBackOff", "ContainerEnded"}},
	{noRoom, []string{corev1.PodReasonUnschedulable}},
	{noPods, []string{"FailedCreate"}},
	{jobFails, []string{"BackoffLimitExceeded", "PodFailurePolicy", "FailedIndexes", "MaxFailedIndexesExceeded"}},
	{tooLate, []string{"ProgressDeadlineExceeded", "DeadlineExceeded"}},
}

// explain asks the cluster why a workload does not run.
func (e *engine) explain(ctx context.Context, workload *kube.Object, reason string, why *notReady) {
	reasons := []string{reason}
	list, err := e.cluster.List(ctx, kube.Pods, workload.GetNamespace(), nil)
	if pod := newestPod(list, workload); err == nil && pod != nil {
		reasons = append(reasons, e.cluster.ExplainPod(ctx, pod, why.facts.Say)...)
	}
	for _, known := range summaries {
		if slices.ContainsFunc(reasons, func(r string) bool { return slices.Contains(known.reasons, r) }) {
			why.summary = known.summary
			return
		}
	}
}
