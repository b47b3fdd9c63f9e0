package status

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// component is a part of the platform that runs.
type component struct {
	version string // empty: not known
	ready   bool
	message string // why it is not ready, or what is amiss although it is
}

// health returns the state of what runs as these Deployments; expected are the
// names that one of them must have each.
func health(workloads []*appsv1.Deployment, expected ...string) component {
	all := component{ready: true}
	var messages []string
	for _, name := range expected {
		if !slices.ContainsFunc(workloads, func(d *appsv1.Deployment) bool { return d.Name == name }) {
			all.ready = false
			messages = append(messages, fmt.Sprintf("there is no Deployment %s", name))
		}
	}
	for _, d := range workloads {
		ready, message := serves(d)
		all.ready = all.ready && ready
		if message != "" {
			messages = append(messages, fmt.Sprintf("Deployment %s/%s: %s", d.Namespace, d.Name, message))
		}
	}
	all.message = strings.Join(messages, "; ")
	return all
}

// serves tells whether a Deployment has as many pods as it needs to serve.
// Less than all that it wants is enough, by its own measure: an autoscaler's next
// pod on its way is no failure.
func serves(d *appsv1.Deployment) (ready bool, message string) {
	wanted := int32(1) // what Kubernetes takes for none said
	if d.Spec.Replicas != nil {
		wanted = *d.Spec.Replicas
	}
	switch {
	case d.Status.ObservedGeneration < d.Generation:
		return false, "its newest change is not looked at yet"
	case wanted == 0:
		return false, "it is scaled to zero"
	}
	var available *appsv1.DeploymentCondition
	for i, c := range d.Status.Conditions {
		switch {
		case c.Type == appsv1.DeploymentAvailable:
			available = &d.Status.Conditions[i]
		case c.Type == appsv1.DeploymentProgressing && c.Status == corev1.ConditionFalse:
			return false, fmt.Sprintf("%s: %s", c.Reason, c.Message)
		}
	}
	if d.Status.AvailableReplicas < wanted {
		message = fmt.Sprintf("%d of %d pods are available", d.Status.AvailableReplicas, wanted)
	}
	return available != nil && available.Status == corev1.ConditionTrue, message
}

// decodeDeployments returns the Deployments in Kubernetes' own type.
func decodeDeployments(objects []kube.Object) ([]*appsv1.Deployment, error) {
	var decoded []*appsv1.Deployment
	for i := range objects {
		d, err := decode[appsv1.Deployment](&objects[i])
		if err != nil {
			return nil, err
		}
		decoded = append(decoded, d)
	}
	return decoded, nil
}

// versionsOf returns the versions that Deployments name themselves by, each
// once, in order. sources are asked in turn until one names a release.
func versionsOf(workloads []*appsv1.Deployment, sources ...func(*appsv1.Deployment) string) []string {
	var versions []string
	for _, d := range workloads {
		for _, source := range sources {
			if version := source(d); version != "" {
				versions = append(versions, version)
				break
			}
		}
	}
	slices.Sort(versions)
	return slices.Compact(versions)
}

// note keeps what was found of a product that runs as Deployments, and tells
// what is amiss. unversioned says why there is no version, where there is none.
func (o *observer) note(of product, as string, found component, versions []string, unversioned string) {
	found.version = oldest(versions)
	switch {
	case len(versions) == 0:
		o.tell("The version of %s is unknown: %s.", of, unversioned)
	case len(versions) > 1:
		o.tell("%s runs in more than one version: %s. It is being upgraded, or its upgrade did not end; the oldest one counts here.",
			of, strings.Join(versions, ", "))
	}
	o.found.products[of] = installation{present, found.version}
	o.addComponent(as, found)
}

// addComponent keeps a component, and tells if it is not ready.
func (o *observer) addComponent(name string, c component) {
	if !c.ready {
		o.tell("The component %s is not ready: %s.", name, cmp.Or(c.message, "no reason is given"))
	}
	o.found.components[name] = c
}

func cmpNames(aNamespace, aName, bNamespace, bName string) int {
	return cmp.Or(cmp.Compare(aNamespace, bNamespace), cmp.Compare(aName, bName))
}
