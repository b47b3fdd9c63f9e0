package apply

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func decode(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func TestDecode(t *testing.T) {
	objects := decode(t, "# a comment alone\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\n")
	var names []string
	for _, o := range objects {
		names = append(names, o.GetKind()+"/"+o.GetName())
	}
	if !slices.Equal(names, []string{"ConfigMap/a", "Secret/b"}) {
		t.Errorf("got %q", names)
	}
	if _, err := Decode(strings.NewReader("a: [")); err == nil {
		t.Error("accepted what is no YAML")
	}
}

func TestCondition(t *testing.T) {
	object := func(conditions string) *unstructured.Unstructured {
		return decode(t, "{kind: Pod, metadata: {name: x}, status: {conditions: "+conditions+"}}")[0]
	}
	if err := Condition(object("[{type: Other, status: 'False'}, {type: Ready, status: 'True'}]"), "Ready"); err != nil {
		t.Error(err)
	}
	for conditions, want := range map[string]string{
		"[]": "no condition Ready yet",
		"[{type: Ready, status: 'False', reason: Crash, message: it fell}]": "Ready is False: Crash it fell",
		"[{type: Ready, status: Unknown}]":                                  "Ready is Unknown",
	} {
		if err := Condition(object(conditions), "Ready"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", conditions, err)
		}
	}
}

func TestAvailable(t *testing.T) {
	const ready, unready = "[{type: Ready, status: 'True'}]", "[{type: Ready, status: 'False'}]"
	pod := func(app, conditions, more string) unstructured.Unstructured {
		return *decode(t, "{kind: Pod, metadata: {name: p, labels: {app: "+app+"}"+more+"}, status: {conditions: "+conditions+"}}")[0]
	}
	deployment := func(status string) *unstructured.Unstructured {
		return decode(t, "{kind: Deployment, metadata: {name: d, generation: 2}, spec: {replicas: 1, selector: {matchLabels: {app: a}}}, status: "+status+"}")[0]
	}
	const current = "{observedGeneration: 2, updatedReplicas: 1, availableReplicas: 1}"
	for _, c := range []struct {
		name, status string
		pods         []unstructured.Unstructured
		want         string
	}{
		{"ready", current, []unstructured.Unstructured{pod("a", ready, "")}, ""},
		{"another's pod", current, []unstructured.Unstructured{pod("b", ready, "")}, "0 of 1 pods ready"},
		{"not ready", current, []unstructured.Unstructured{pod("a", unready, "")}, "0 of 1 pods ready"},
		{"crashing", current, []unstructured.Unstructured{pod("a", unready+", containerStatuses: [{name: main, state: {waiting: {reason: CrashLoopBackOff, message: back-off}}}]", "")}, "container main: CrashLoopBackOff back-off"},
		{"going", current, []unstructured.Unstructured{pod("a", ready, ", deletionTimestamp: '2026-01-01T00:00:00Z'")}, "0 of 1 pods ready"},
		{"status says so, but there is no pod", current, nil, "0 of 1 pods ready"},
		{"not observed", "{observedGeneration: 1, updatedReplicas: 1}", []unstructured.Unstructured{pod("a", ready, "")}, "not observed"},
		{"old pods", "{observedGeneration: 2}", []unstructured.Unstructured{pod("a", ready, "")}, "0 of 1 pods are of the newest state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := available(deployment(c.status), c.pods)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
