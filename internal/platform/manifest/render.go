package manifest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/util/cert"
)

// Label names the component that an object belongs to.
const Label = "sls-platform.github.io/component"

// Options are what a component makes of a manifest.
type Options struct {
	Component   string
	Namespace   string // of namespaced objects that name none
	Images      map[string]string
	Env         map[string]map[string]string `json:",omitempty"` // by WORKLOAD or WORKLOAD/CONTAINER
	Labels      map[string]string
	Annotations map[string]string
	Ignore      []Rule
}

// Set is what a cluster is to have of a manifest.
type Set struct {
	Objects      []*Object // by stage, then by kind and name
	Ignored      Ignored   // without those that always hold: see WithBuiltIn
	UnusedImages []string  // keys of Images that no image begins with
}

// Digests returns the digest of each object by its name.
func (s *Set) Digests() map[string]string {
	digests := make(map[string]string, len(s.Objects))
	for _, object := range s.Objects {
		digests[object.String()] = object.Digest
	}
	return digests
}

// Stage returns the objects of one stage.
func (s *Set) Stage(stage Stage) []*Object {
	var of []*Object
	for _, object := range s.Objects {
		if object.Stage == stage {
			of = append(of, object)
		}
	}
	return of
}

// Render makes of a manifest the objects that a cluster is to have. Its errors
// are *Error.
func Render(c *Content, options Options) (*Set, error) {
	for _, rule := range options.Ignore {
		for _, path := range rule.Paths {
			if _, err := Pointer(path); err != nil {
				return nil, &Error{Attribute: "ignore_fields", Summary: "Not a JSON pointer", Detail: err.Error()}
			}
		}
	}
	all, err := c.parse()
	if err != nil {
		return nil, err
	}
	known := kindsOf(all)
	images, env := newRewriter(options.Images), newEnvironment(options.Env)
	set := &Set{}
	byID := map[ID]*Object{}
	for _, p := range all {
		object, err := render(p, known, images, env, options)
		if err != nil {
			return nil, err
		}
		if other, twice := byID[object.ID]; twice {
			if other.Digest == object.Digest {
				continue
			}
			return nil, broken(object.Origin, fmt.Sprintf("%s is in the manifest twice, with another content at %s", object, other.Origin))
		}
		byID[object.ID] = object
		set.Objects = append(set.Objects, object)
	}
	if err := env.check(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(set.Objects, func(a, b *Object) int {
		if a.Stage != b.Stage {
			return int(a.Stage - b.Stage)
		}
		return strings.Compare(a.String(), b.String())
	})
	set.UnusedImages = images.unused()
	set.Ignored = slices.Concat(autoscaled(set.Objects), aggregated(set.Objects), options.Ignore)
	return set, nil
}

// render makes one object of a manifest what the cluster is to have.
func render(p parsed, known kinds, images *rewriter, env *environment, options Options) (*Object, error) {
	u := unstructured.Unstructured{Object: p.object}
	clean(&u)
	resource, scope := known.resolve(u.GroupVersionKind())
	switch {
	case scope == inCluster:
		u.SetNamespace("")
	case scope == inNamespace && u.GetNamespace() == "" && options.Namespace == "":
		return nil, &Error{
			Attribute: "namespace",
			Summary:   "An object is in no namespace",
			Detail: fmt.Sprintf("%s: the %s %s%s names no namespace.\n\n"+
				"Set namespace: it is for the objects of the manifest that name none.", p.at, u.GetKind(), u.GetName(), u.GetGenerateName()),
		}
	case scope == inNamespace && u.GetNamespace() == "":
		u.SetNamespace(options.Namespace)
	}
	if err := images.apply(&u); err != nil {
		return nil, err
	}
	env.apply(&u)
	if u.GetName() == "" {
		// Once for each content: a name of the server's own would be made anew with
		// every apply.
		hash, err := suffix(u.Object)
		if err != nil {
			return nil, err
		}
		u.SetName(u.GetGenerateName() + hash)
		u.SetGenerateName("")
	}
	u.SetLabels(merged(u.GetLabels(), options.Labels, map[string]string{Label: options.Component}))
	if annotations := merged(u.GetAnnotations(), options.Annotations); len(annotations) > 0 {
		u.SetAnnotations(annotations)
	}
	digest, err := content(u.Object)
	if err != nil {
		return nil, err
	}
	id := IDOf(&u)
	return &Object{ID: id, Object: u, Resource: resource, Stage: StageOf(id), Digest: digest, Origin: p.at}, nil
}

func merged(maps ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range maps {
		for key, value := range m {
			all[key] = value
		}
	}
	return all
}

// serverFields are what a server writes, and an exported object has.
var serverFields = [][]string{
	{"status"},
	{"metadata", "creationTimestamp"},
	{"metadata", "managedFields"},
	{"metadata", "resourceVersion"},
	{"metadata", "uid"},
	{"metadata", "generation"},
	{"metadata", "selfLink"},
	{"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"},
}

// clean removes what is not ours to set, and writes what has two forms in the
// one that the server keeps.
func clean(u *unstructured.Unstructured) {
	for _, path := range serverFields {
		unstructured.RemoveNestedField(u.Object, path...)
	}
	kind := u.GroupVersionKind()
	switch {
	case kind.Group == "" && kind.Kind == "Secret":
		// Text that a new version drops would stay: the server keeps data only.
		text, _, _ := unstructured.NestedStringMap(u.Object, "stringData")
		for key, value := range text {
			_ = unstructured.SetNestedField(u.Object, base64.StdEncoding.EncodeToString([]byte(value)), "data", key)
		}
		delete(u.Object, "stringData")
	case kind.Group == CRDs.Group && kind.Kind == CRDs.Name:
		cleanBundle(u.Object, "spec", "conversion", "webhook", "clientConfig")
	case kind.Group == "admissionregistration.k8s.io":
		webhooks, _ := u.Object["webhooks"].([]any)
		for _, webhook := range webhooks {
			if fields, ok := webhook.(map[string]any); ok {
				cleanBundle(fields, "clientConfig")
			}
		}
	}
}

// cleanBundle removes a certificate authority that is none: releases hold a
// place with one, which newer API servers refuse.
func cleanBundle(fields map[string]any, path ...string) {
	path = append(path, "caBundle")
	text, there, _ := unstructured.NestedString(fields, path...)
	if !there {
		return
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		_, err = cert.ParseCertsPEM(decoded)
	}
	if err != nil {
		unstructured.RemoveNestedField(fields, path...)
	}
}
