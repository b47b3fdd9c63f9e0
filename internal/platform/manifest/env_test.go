package manifest

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

const controllers = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller, namespace: ns}
spec:
  template:
    spec:
      initContainers: [{name: prepare, image: i}]
      containers:
        - name: controller
          image: i
          env:
            - {name: SYSTEM_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
            - {name: KUBE_API_QPS, value: "5"}
        - {name: proxy, image: i}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: sweep, namespace: ns}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: sweep, image: i}]}}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: ns}
data: {env: "1"}
`

func TestEnvironment(t *testing.T) {
	own := []any{
		map[string]any{"name": "SYSTEM_NAMESPACE", "valueFrom": map[string]any{"fieldRef": map[string]any{"fieldPath": "metadata.namespace"}}},
		map[string]any{"name": "KUBE_API_QPS", "value": "5"},
	}
	variable := func(name, value string) any { return map[string]any{"name": name, "value": value} }
	for name, test := range map[string]struct {
		env  map[string]map[string]string
		want map[string][]any // by object and container, where there are any
	}{
		"none": {want: map[string][]any{"controller/controller": own}},
		"a workload's containers": {
			env: map[string]map[string]string{"controller": {"KUBE_API_QPS": "50", "KUBE_API_BURST": "100", "A": ""}},
			want: map[string][]any{
				"controller/controller": {own[0], variable("KUBE_API_QPS", "50"), variable("A", ""), variable("KUBE_API_BURST", "100")},
				"controller/proxy":      {variable("A", ""), variable("KUBE_API_BURST", "100"), variable("KUBE_API_QPS", "50")},
			},
		},
		"one container": {
			env:  map[string]map[string]string{"controller/proxy": {"A": "1"}, "controller/prepare": {"B": "2"}},
			want: map[string][]any{"controller/controller": own, "controller/proxy": {variable("A", "1")}, "controller/prepare": {variable("B", "2")}},
		},
		"one container before its workload": {
			env:  map[string]map[string]string{"controller/proxy": {"A": "1"}, "controller": {"A": "2", "B": "2"}},
			want: map[string][]any{"controller/controller": append(own[:2:2], variable("A", "2"), variable("B", "2")), "controller/proxy": {variable("A", "1"), variable("B", "2")}},
		},
		"instead of a reference": {
			env:  map[string]map[string]string{"controller/controller": {"SYSTEM_NAMESPACE": "x"}},
			want: map[string][]any{"controller/controller": {variable("SYSTEM_NAMESPACE", "x"), own[1]}},
		},
		"at any depth": {
			env:  map[string]map[string]string{"sweep": {"A": "1"}},
			want: map[string][]any{"controller/controller": own, "sweep/sweep": {variable("A", "1")}},
		},
	} {
		set, err := Render(Inline(controllers), Options{Component: "x", Env: test.env})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := map[string][]any{}
		for _, object := range set.Objects {
			for _, container := range containersOf(&object.Object) {
				if env, there := container["env"].([]any); there {
					containerName, _ := container["name"].(string)
					got[object.GetName()+"/"+containerName] = env
				}
			}
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\n got %v\nwant %v", name, got, test.want)
		}
	}
}

// A variable of what the manifest does not run would be set nowhere.
func TestEnvironmentOfNobody(t *testing.T) {
	for _, key := range []string{"controler", "controller/other", "settings", "prepare"} {
		_, err := Render(Inline(controllers), Options{Component: "x", Env: map[string]map[string]string{key: {"A": "1"}}})
		var problem *Error
		if !errors.As(err, &problem) || problem.Attribute != "env" ||
			!strings.Contains(problem.Detail, `"`+key+`"`) || !strings.Contains(problem.Detail, "controller/controller, controller/prepare, controller/proxy, sweep/sweep") {
			t.Errorf("%s: %v", key, err)
		}
	}
}
