package manifest

import "testing"

func TestRewrite(t *testing.T) {
	const digest = "@sha256:0123"
	images := map[string]string{
		"gcr.io/knative-releases":                        "registry.example.com/knative",
		"gcr.io/knative-releases/knative.dev/queue":      "registry.example.com/queue:v2",
		"ko://knative.dev/serving/cmd/queue":             "localhost:5000/queue@sha256:9",
		"docker.io/istio/pilot":                          "mirror:5000/pilot",
		"localhost":                                      "nowhere",
		"registry.example.com/whole:v1":                  "registry.example.com/other:v2",
		"gcr.io/knative-releases/knative.dev/longer/one": "short",
	}
	for image, want := range map[string]string{
		"gcr.io/knative-releases/knative.dev/serving/cmd/activator" + digest: "registry.example.com/knative/knative.dev/serving/cmd/activator" + digest,
		"gcr.io/knative-releases/knative.dev/queue" + digest:                 "registry.example.com/queue:v2",
		"gcr.io/knative-releases-more/x:v1":                                  "gcr.io/knative-releases-more/x:v1", // not at a boundary
		"ko://knative.dev/serving/cmd/queue":                                 "localhost:5000/queue@sha256:9",
		"ko://knative.dev/serving/cmd/queue-more":                            "ko://knative.dev/serving/cmd/queue-more",
		"docker.io/istio/pilot:1.31":                                         "mirror:5000/pilot:1.31",
		"localhost:5000/x:v1":                                                "localhost:5000/x:v1", // a registry's port is no tag
		"localhost/x:v1":                                                     "nowhere/x:v1",
		"registry.example.com/whole:v1":                                      "registry.example.com/other:v2",
		"registry.example.com/whole:v10":                                     "registry.example.com/whole:v10",
		"gcr.io/knative-releases/knative.dev/longer/one:v1":                  "short:v1",
	} {
		got, err := newRewriter(images).rewrite(image)
		if err != nil || got != want {
			t.Errorf("%s becomes %s (%v), not %s", image, got, err, want)
		}
	}
	if _, err := newRewriter(images).rewrite("gcr.io/knative-releases/knative.dev/queue/below:v1"); err == nil {
		t.Error("an image with a tag stands for many")
	}
}

func TestRewriteEverywhere(t *testing.T) {
	const text = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: ns}
spec: {template: {spec: {containers: [{name: a, image: old/a}], initContainers: [{name: b, image: old/b}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: b, namespace: ns}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: old/c}]}}}}}
---
apiVersion: caching.internal.knative.dev/v1alpha1
kind: Image
metadata: {name: c, namespace: ns}
spec: {image: old/d}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-deployment, namespace: ns}
data: {queue-sidecar-image: old/e, other: old/f}
`
	set, err := Render(Inline(text), Options{Component: "x", Images: map[string]string{"old": "new", "unused": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var walk func(any)
	walk = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for _, below := range value {
				walk(below)
			}
		case []any:
			for _, below := range value {
				walk(below)
			}
		case string:
			found[value] = true
		}
	}
	for _, object := range set.Objects {
		walk(object.Object.Object)
	}
	for _, want := range []string{"new/a", "new/b", "new/c", "new/d", "new/e", "old/f"} {
		if !found[want] {
			t.Errorf("%s is not there", want)
		}
	}
	if len(set.UnusedImages) != 1 || set.UnusedImages[0] != "unused" {
		t.Errorf("unused are %q", set.UnusedImages)
	}
}
