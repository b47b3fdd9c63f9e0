package component

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// The end of a wait says what was waited for, unless the wait has ended by
// itself with something that says more.
func TestEnded(t *testing.T) {
	over, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	<-over.Done()
	if err := ended(t.Context(), nil, "x", "starts"); err != nil {
		t.Errorf("a wait that ended well ended with %v", err)
	}
	broken := errors.New("broken")
	if err := ended(t.Context(), broken, "x", "starts"); !errors.Is(err, broken) {
		t.Errorf("a request that failed is %v", err)
	}
	own := &notReady{what: "y", state: "failed"}
	if err := ended(over, own, "x", "starts"); !errors.Is(err, own) {
		t.Errorf("what failed by itself is %v", err)
	}
	err := ended(over, over.Err(), "x", "starts")
	if late := (*notReady)(nil); !errors.As(err, &late) || late.what != "x" || late.state != "starts" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a wait whose time was over ended with %v", err)
	}
}

// What the Deployment itself says counts at once; pods that are refused get a
// moment.
func TestWatchedJudges(t *testing.T) {
	refusing := decode(t, "{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1, conditions: [{type: ReplicaFailure, status: 'True', reason: FailedCreate, message: quota}]}}")
	late := decode(t, "{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1, conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]}}")
	w := &watched{inspected: time.Now()}
	if done, again, err := w.check(t.Context(), refusing); done || err != nil || again <= 0 || again > inspectEvery {
		t.Errorf("pods that are refused for the first time: %t, again in %s, %v", done, again, err)
	}
	w.refused = time.Now().Add(-2 * refusalGrace)
	if _, _, err := w.check(t.Context(), refusing); !errors.Is(err, errNotRunning) || w.last.reason != "FailedCreate" || w.last.message != "quota" {
		t.Errorf("pods that stay refused: %v, %+v", err, w.last)
	}
	w = &watched{inspected: time.Now(), refused: time.Now().Add(-2 * refusalGrace)}
	if _, _, err := w.check(t.Context(), decode(t, "{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1}}")); err != nil || !w.refused.IsZero() {
		t.Errorf("pods that are let in again: %v, refused since %s", err, w.refused)
	}
	if _, _, err := w.check(t.Context(), late); !errors.Is(err, errNotRunning) {
		t.Errorf("a Deployment that is too late: %v", err)
	}
}

// The newest pod is one that the workload selects.
func TestNewestPod(t *testing.T) {
	pod := func(name, app, created string) kube.Object {
		return *decode(t, "{apiVersion: v1, kind: Pod, metadata: {name: "+name+", labels: {app: "+app+"}, creationTimestamp: '"+created+"'}}")
	}
	pods := []kube.Object{pod("old", "web", "2026-01-01T00:00:00Z"), pod("new", "web", "2026-01-02T00:00:00Z"), pod("other", "db", "2026-01-03T00:00:00Z")}
	for text, want := range map[string]string{
		"{kind: Deployment, spec: {selector: {matchLabels: {app: web}}}}":                                    "new",
		"{kind: Deployment, spec: {selector: {matchExpressions: [{key: app, operator: In, values: [db]}]}}}": "other",
		"{kind: Deployment, spec: {selector: {matchLabels: {app: none}}}}":                                   "",
		"{kind: Deployment, spec: {}}":          "",
		"{kind: Pod, metadata: {name: itself}}": "itself",
	} {
		got := ""
		if found := newestPod(pods, decode(t, text)); found != nil {
			got = found.Name
		}
		if got != want {
			t.Errorf("of %s it is %q, not %q", text, got, want)
		}
	}
}
