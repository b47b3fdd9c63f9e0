package status

import (
	"context"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// componentLabel is on every object of a component that this provider installed,
// with the component's name; on the ConfigMap of its inventory too.
const componentLabel = serving.Group + "/component"

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
		if _, looked := o.found.components[name]; looked {
			continue // found by what it is, which says more
		}
		own := slices.Clone(workloads)
		own = slices.DeleteFunc(own, func(d *appsv1.Deployment) bool { return d.Labels[componentLabel] != name })
		found := health(own)
		found.version = oldest(versionsOf(own, imageVersion, labelVersion))
		o.addComponent(name, found)
	}
	return nil
}
