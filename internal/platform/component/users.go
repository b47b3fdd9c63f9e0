package component

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// refuseUsed refuses a destroy while somebody needs the component: has objects of
// the kinds that its own definitions bring, or of those that are said to need it.
func (e *engine) refuseUsed(ctx context.Context, own []*kube.Object) error {
	definitions := own
	if len(e.requiredBy) > 0 {
		all, err := e.cluster.List(ctx, manifest.CRDs, "", nil)
		if err != nil {
			return fmt.Errorf("listing the custom resource definitions, for required_by: %w", err)
		}
		definitions = slices.Concat(own, requiring(all, e.requiredBy, own))
	}
	found, err := e.foreign(ctx, definitions)
	if err == nil && found.count > 0 {
		return found
	}
	return err
}

// requiring returns those of the definitions whose name or group is among the
// names, but for the component's own.
func requiring(all []kube.Object, names []string, own []*kube.Object) []*kube.Object {
	var found []*kube.Object
	for i := range all {
		definition := &all[i]
		group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
		isOwn := slices.ContainsFunc(own, func(o *kube.Object) bool { return o.GetName() == definition.GetName() })
		if !isOwn && (slices.Contains(names, group) || slices.Contains(names, definition.GetName())) {
			found = append(found, definition)
		}
	}
	return found
}

// definitionsOf returns those of a component's definitions that are there and
// its own.
func (e *engine) definitionsOf(ctx context.Context, noted *inventory) ([]*kube.Object, error) {
	var definitions []*kube.Object
	for _, entry := range noted.entries {
		if entry.stage() != manifest.Definitions {
			continue
		}
		live, err := e.cluster.Find(ctx, entry.kind(), "", entry.Name)
		if err != nil {
			return nil, &objectError{entry.ID, err}
		}
		if live != nil && e.isOurs(live) {
			definitions = append(definitions, live)
		}
	}
	return definitions, nil
}

// foreignObjects are objects that need a component and that no component has
// installed.
type foreignObjects struct {
	component string
	count     int
	some      []string
}

func (f *foreignObjects) Error() string {
	return fmt.Sprintf("%d objects need the component %s", f.count, f.component)
}

func (f *foreignObjects) in() (kube.Problem, string) {
	list := "  - " + strings.Join(f.some, "\n  - ")
	if more := f.count - len(f.some); more > 0 {
		list += fmt.Sprintf("\n  - and %d more", more)
	}
	return kube.Problem{
		Summary: fmt.Sprintf("%d objects need the component", f.count),
		Detail: fmt.Sprintf("On the cluster are objects of kinds that the component %s brings or that need it, and no component has installed them:\n\n%s\n\n"+
			"Without the component nobody looks after them. Remove them first. Or apply force_destroy = true, and then destroy: they stay as they are, or go too with delete_crds = true.", f.component, list),
	}, "force_destroy"
}

// foreign looks for objects of the definitions' kinds that no component has
// installed. What a controller has made of another object is not counted: that
// one is.
func (e *engine) foreign(ctx context.Context, definitions []*kube.Object) (*foreignObjects, error) {
	const shown = 10
	found := &foreignObjects{component: e.component}
	for _, definition := range definitions {
		objects, err := e.objectsOf(ctx, definition)
		if err != nil {
			return nil, err
		}
		for i := range objects {
			if objects[i].GetLabels()[manifest.Label] != "" || len(objects[i].GetOwnerReferences()) > 0 {
				continue
			}
			if found.count++; len(found.some) < shown {
				found.some = append(found.some, manifest.IDOf(&objects[i]).String())
			}
		}
	}
	return found, nil
}

// objectsOf returns the objects of a definition's kind.
func (e *engine) objectsOf(ctx context.Context, definition *kube.Object) ([]kube.Object, error) {
	kind := manifest.Defines(definition)
	objects, err := e.cluster.List(ctx, kind, "", nil)
	if kube.IsUnserved(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the objects of %s: %w", definition.GetName(), err)
	}
	return objects, nil
}
