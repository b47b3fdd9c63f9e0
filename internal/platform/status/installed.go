package status

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
	"github.com/sls-platform/terraform-provider-sls/internal/release"
)

// componentLabel is on every object of a component that this provider installed,
// with the component's name; on the ConfigMap of its inventory too.
const componentLabel = manifest.Label

// inventoryComplete is the phase, in an inventory's ConfigMap, of a component of
// which an apply came to its end.
const inventoryComplete = "complete"

// installed looks for the components that this provider installed.
func (o *observer) installed(ctx context.Context) error {
	labelled := labels.NewSelector()
	exists, err := labels.NewRequirement(componentLabel, selection.Exists, nil)
	if err != nil {
		return err
	}
	labelled = labelled.Add(*exists)

	inventories, known, err := o.list(ctx, configMaps, metav1.NamespaceSystem, labelled)
	if err != nil {
		return err
	}
	if !known {
		o.tellUnlisted(configMaps, metav1.NamespaceSystem, "which components this provider installed is unknown")
		return nil
	}
	if len(inventories) == 0 {
		return nil
	}
	objects, known, err := o.list(ctx, deployments, "", labelled)
	if err != nil {
		return err
	}
	if !known {
		o.tellUnlisted(deployments, "", "the health of the components that this provider installed is unknown")
		return nil
	}
	workloads, err := decodeDeployments(objects)
	if err != nil {
		return err
	}
	for i := range inventories {
		name := inventories[i].GetLabels()[componentLabel]
		noted, _, err := unstructured.NestedStringMap(inventories[i].Object, "data")
		if err != nil {
			return fmt.Errorf("decoding the inventory of the component %s: %w", name, err)
		}
		unfinished := ""
		if noted["phase"] != inventoryComplete {
			unfinished = cmp.Or(noted["message"], "its apply is under way or did not end; the next one takes it up")
		}
		if found, looked := o.found.components[name]; looked {
			// What it is known to be says more than that it was installed.
			if unfinished != "" {
				o.addComponent(name, component{found.version, false, unfinished})
			}
			continue
		}
		own := slices.Clone(workloads)
		own = slices.DeleteFunc(own, func(d *appsv1.Deployment) bool { return d.Labels[componentLabel] != name })
		found := health(own)
		found.version = cmp.Or(noted["version"], oldest(versionsOf(own, release.ByImage, release.ByLabel)))
		if unfinished != "" {
			found.ready, found.message = false, unfinished
		}
		o.addComponent(name, found)
	}
	return nil
}
