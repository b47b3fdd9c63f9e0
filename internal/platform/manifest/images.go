package manifest

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// rewriter puts other images in the place of a manifest's.
type rewriter struct {
	images map[string]string
	keys   []string // the longest first
	used   map[string]bool
}

func newRewriter(images map[string]string) *rewriter {
	keys := slices.SortedFunc(maps.Keys(images), func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return &rewriter{images: images, keys: keys, used: map[string]bool{}}
}

// rewrite returns the image that stands for another.
func (r *rewriter) rewrite(image string) (string, error) {
	for _, key := range r.keys {
		rest, ok := strings.CutPrefix(image, key)
		if !ok || !boundary(rest) {
			continue
		}
		r.used[key] = true
		value := r.images[key]
		switch {
		case !pinned(value, rest):
			return value + rest, nil
		case strings.HasPrefix(rest, "/"):
			return "", &Error{
				Attribute: "images",
				Summary:   "An image with a tag can't stand for many",
				Detail: fmt.Sprintf("The key %q is the beginning of %q, and its value %q has a tag or digest, so that the rest of the path can't follow it. "+
					"Leave the tag out, or name the whole image as the key.", key, image, value),
			}
		}
		return value, nil
	}
	return image, nil
}

// boundary reports whether a part of an image's name ends where rest begins: at
// the end, a path's slash, a tag or a digest; not at a registry's port.
func boundary(rest string) bool {
	switch {
	case rest == "", rest[0] == '/', rest[0] == '@':
		return true
	case rest[0] == ':':
		return !strings.Contains(rest, "/")
	}
	return false
}

// pinned reports whether an image's name ends with a tag or digest. Without a
// slash, what follows tells a tag from a registry's port.
func pinned(image, rest string) bool {
	slash := strings.LastIndex(image, "/")
	return strings.ContainsAny(image[slash+1:], ":@") && (slash >= 0 || !strings.HasPrefix(rest, "/"))
}

// unused returns the keys that no image of the manifest begins with.
func (r *rewriter) unused() []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(r.images)) {
		if !r.used[key] {
			keys = append(keys, key)
		}
	}
	return keys
}

// apply rewrites the images of an object.
func (r *rewriter) apply(object *unstructured.Unstructured) error {
	if len(r.keys) == 0 {
		return nil
	}
	kind := object.GroupVersionKind()
	switch {
	case kind.Group == "caching.internal.knative.dev" && kind.Kind == "Image":
		return r.at(object.Object, "spec", "image")
	case kind.Group == "" && kind.Kind == "ConfigMap" && object.GetName() == "config-deployment":
		return r.at(object.Object, "data", "queue-sidecar-image")
	}
	for _, container := range containersOf(object) {
		if err := r.at(container, "image"); err != nil {
			return err
		}
	}
	return nil
}

// at rewrites the image at a path, if there is one.
func (r *rewriter) at(fields map[string]any, path ...string) error {
	image, there, _ := unstructured.NestedString(fields, path...)
	if !there {
		return nil // or what is there is no text, which the server refuses
	}
	image, err := r.rewrite(image)
	if err != nil {
		return err
	}
	return unstructured.SetNestedField(fields, image, path...)
}

// running is the list of a pod's containers that it runs, not of those that prepare it.
const running = "containers"

// containersOf goes through the containers of the pods that a workload runs, each after
// the list that it is in.
func containersOf(object *unstructured.Unstructured) iter.Seq2[string, map[string]any] {
	return func(yield func(string, map[string]any) bool) {
		pod := podSpec(object)
		for _, list := range []string{running, "initContainers", "ephemeralContainers"} {
			containers, _ := pod[list].([]any)
			for _, container := range containers {
				if fields, ok := container.(map[string]any); ok && !yield(list, fields) {
					return
				}
			}
		}
	}
}

// podSpec returns the specification of the pods that a workload runs, or nil.
func podSpec(object *unstructured.Unstructured) map[string]any {
	var path []string
	switch object.GetKind() {
	case "Pod":
		path = []string{"spec"}
	case "CronJob":
		path = []string{"spec", "jobTemplate", "spec", "template", "spec"}
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job":
		path = []string{"spec", "template", "spec"}
	default:
		return nil
	}
	value, _, _ := unstructured.NestedFieldNoCopy(object.Object, path...)
	spec, _ := value.(map[string]any)
	return spec
}
