package component

import (
	"context"
	"errors"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// refuse returns what is in the way of writing a set over what is there: another
// component's objects, objects that are nobody's, and definitions that lack a
// version that is stored.
func (e *engine) refuse(ctx context.Context, set *manifest.Set, live map[manifest.ID]*kube.Object, before *inventory) error {
	var problems []error
	var existing []manifest.ID
	owners := map[string]bool{} // whether a component has an inventory
	for _, object := range set.Objects {
		there := live[object.ID]
		if there == nil {
			continue
		}
		if missing := missingVersions(&object.Object, there); len(missing) > 0 && object.Stage == manifest.Definitions {
			problems = append(problems, &storedVersions{object.ID, missing})
		}
		if before.entry(object.ID) != nil || e.isOurs(there) {
			continue // also what a destroy has kept
		}
		owner := there.GetLabels()[manifest.Label]
		if owner != "" {
			has, known := owners[owner]
			if !known {
				other, err := readInventory(ctx, e.cluster.Find, owner)
				if broken := (*brokenInventory)(nil); err != nil && !errors.As(err, &broken) {
					return err
				}
				has = other != nil || err != nil
				owners[owner] = has
			}
			if has {
				problems = append(problems, &claimed{object.ID, e.component, owner})
				continue
			}
		}
		if !e.adopt {
			existing = append(existing, object.ID)
		}
	}
	if len(existing) > 0 {
		problems = append(problems, &existingObjects{e.component, existing})
	}
	return errors.Join(problems...)
}

// taken tells whose an object is that appeared while it was to be written.
func (e *engine) taken(ctx context.Context, object *manifest.Object, live *kube.Object) error {
	if owner := live.GetLabels()[manifest.Label]; owner != "" {
		if other, err := readInventory(ctx, e.cluster.Find, owner); err == nil && other != nil {
			return &claimed{object.ID, e.component, owner}
		}
	}
	return &existingObjects{e.component, []manifest.ID{object.ID}}
}

// missingVersions returns the versions in which objects of a definition's kind
// are stored, and which the definition that is wanted does not have.
func missingVersions(wanted, live *kube.Object) []string {
	stored, _, _ := unstructured.NestedStringSlice(live.Object, "status", "storedVersions")
	has := manifest.Versions(wanted)
	return slices.DeleteFunc(stored, func(version string) bool { return slices.Contains(has, version) })
}

// checkExisting refuses a create where the component is there already.
func checkExisting(before *inventory, adopt bool) error {
	if before == nil || before.phase == creating || adopt {
		return nil
	}
	return &existingComponent{before.component}
}
