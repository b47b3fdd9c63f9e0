package status

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// fake is a cluster in memory.
type fake struct {
	version string
	objects []kube.Object
	// forbidden are what may not be done, as "VERB KIND.GROUP" with, for a list,
	// the namespace behind, or "*" behind for every one; "/version" is the URL.
	forbidden map[string]bool
	unserved  map[string]bool // groups
	err       error           // of every request
}

// cluster returns a cluster with the objects of manifests.
func cluster(t *testing.T, version string, manifests ...string) *fake {
	t.Helper()
	f := &fake{version: version, forbidden: map[string]bool{}, unserved: map[string]bool{}}
	for _, manifest := range manifests {
		decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(manifest), 4096)
		for {
			var object kube.Object
			err := decoder.Decode(&object.Object)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s\n%s", err, manifest)
			}
			if object.Object != nil {
				f.objects = append(f.objects, object)
			}
		}
	}
	return f
}

func (f *fake) forbid(what ...string) *fake {
	for _, w := range what {
		f.forbidden[w] = true
	}
	return f
}

func (f *fake) refused(verb string, kind kube.Kind, namespace string) error {
	resource := kind.GroupResource()
	what := verb + " " + resource.String()
	switch {
	case f.err != nil:
		return f.err
	case f.unserved[kind.Group]:
		return apierrors.NewGenericServerResponse(404, verb, resource, "", "404 page not found", 0, true)
	case f.forbidden[what+" "+namespace], f.forbidden[what+" *"]:
		return apierrors.NewForbidden(resource, "", errors.New("by the test"))
	}
	return nil
}

func (f *fake) Version(context.Context) (string, error) {
	if f.forbidden["/version"] {
		return "", apierrors.NewForbidden(schema.GroupResource{}, "", errors.New("by the test"))
	}
	return f.version, f.err
}

func (f *fake) Find(_ context.Context, kind kube.Kind, namespace, name string) (*kube.Object, error) {
	if err := f.refused("get", kind, namespace); err != nil {
		return nil, err
	}
	for i := range f.objects {
		o := &f.objects[i]
		if o.GetKind() == kind.Name && o.GroupVersionKind().Group == kind.Group && o.GetNamespace() == namespace && o.GetName() == name {
			return o, nil
		}
	}
	return nil, nil
}

func (f *fake) ListMatching(_ context.Context, kind kube.Kind, namespace string, selector labels.Selector) ([]kube.Object, error) {
	if err := f.refused("list", kind, namespace); err != nil {
		return nil, err
	}
	var found []kube.Object
	for _, o := range f.objects {
		if o.GetKind() == kind.Name && o.GroupVersionKind().Group == kind.Group &&
			(namespace == "" || o.GetNamespace() == namespace) && selector.Matches(labels.Set(o.GetLabels())) {
			found = append(found, o)
		}
	}
	return found, nil
}

// failing is a cluster that stops to answer after a number of requests.
type failing struct {
	*fake
	requests, after int
	err             error
}

func (f *failing) next() error {
	if f.requests++; f.requests > f.after {
		return f.err
	}
	return nil
}

func (f *failing) Version(ctx context.Context) (string, error) {
	if err := f.next(); err != nil {
		return "", err
	}
	return f.fake.Version(ctx)
}

func (f *failing) Find(ctx context.Context, kind kube.Kind, namespace, name string) (*kube.Object, error) {
	if err := f.next(); err != nil {
		return nil, err
	}
	return f.fake.Find(ctx, kind, namespace, name)
}

func (f *failing) ListMatching(ctx context.Context, kind kube.Kind, namespace string, selector labels.Selector) ([]kube.Object, error) {
	if err := f.next(); err != nil {
		return nil, err
	}
	return f.fake.ListMatching(ctx, kind, namespace, selector)
}
