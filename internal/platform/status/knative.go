package status

import (
	"context"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	networking "knative.dev/networking/pkg/config"
	"knative.dev/serving/pkg/apis/config"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"

	"github.com/sls-platform/terraform-provider-sls/internal/release"
)

const (
	knativeNamespace = "knative-serving"
	// ingressProvider is the label of what implements an ingress class beside
	// Knative Serving, in the same namespace and with releases of its own.
	ingressProvider = "networking.knative.dev/ingress-provider"
)

// knativeWorkloads are the Deployments that every release of Knative Serving
// has. The webhook is one of them: without it, no Service can be written.
var knativeWorkloads = []string{"activator", "autoscaler", "controller", "webhook"}

// knative looks for Knative Serving and the controller of its ingress.
func (o *observer) knative(ctx context.Context) error {
	objects, known, err := o.list(ctx, deployments, knativeNamespace, labels.Everything())
	if err != nil {
		return err
	}
	if !known {
		o.tellUnlisted(deployments, knativeNamespace, "the version and the health of Knative Serving are unknown")
		return o.knativeConfig(ctx)
	}
	all, err := decodeDeployments(objects)
	if err != nil {
		return err
	}
	var own []*appsv1.Deployment
	ingresses := map[string][]*appsv1.Deployment{}
	for _, d := range all {
		switch provider := d.Labels[ingressProvider]; {
		case provider != "":
			name := ingressName(provider)
			ingresses[name] = append(ingresses[name], d)
		case slices.Contains(knativeWorkloads, d.Name):
			own = append(own, d)
		}
	}
	if len(own) == 0 {
		o.found.products[knativeServing] = installation{presence: absent}
		o.tell("Knative Serving is not installed: the namespace %s has none of its Deployments. Applications need it.", knativeNamespace)
		return nil
	}
	o.note(knativeServing, "knative-serving", health(own, knativeWorkloads...), knativeVersions(own),
		"neither the label "+release.VersionLabel+" of its Deployments nor the tags of their images name a release, so it was not installed from one")
	for name, workloads := range ingresses {
		found := health(workloads)
		found.version = oldest(knativeVersions(workloads))
		o.addComponent(name, found)
	}
	return o.knativeConfig(ctx)
}

// knativeVersions asks the label first: Knative's release script writes it into
// every manifest (hack/generate-yamls.sh), while images are named by digest, and
// tags in a mirror are often those of Knative's Go modules, which count otherwise.
func knativeVersions(workloads []*appsv1.Deployment) []string {
	return versionsOf(workloads, release.ByLabel, release.ByImage)
}

// ingressName returns what the controller of an ingress class is called: some
// say their name in the label, others that of what they drive.
func ingressName(provider string) string {
	if strings.HasPrefix(provider, "net-") {
		return provider
	}
	return "net-" + provider
}

// knativeConfig reads Knative's settings with its own parsers, so that what is
// not set has the default of Knative.
func (o *observer) knativeConfig(ctx context.Context) error {
	data, known, err := o.settings(ctx, networking.ConfigMapName)
	if err != nil {
		return err
	}
	if known {
		if parsed, err := networking.NewConfigFromMap(data); err != nil {
			o.tell("Knative can't read the ConfigMap %s in the namespace %s, and goes on with what it had: %s.", networking.ConfigMapName, knativeNamespace, err)
		} else {
			o.found.ingressClass = parsed.DefaultIngressClass
		}
	}

	data, known, err = o.settings(ctx, config.FeaturesConfigName)
	if err != nil || !known {
		return err
	}
	parsed, err := config.NewFeaturesConfigFromMap(data)
	if err != nil {
		o.tell("Knative can't read the ConfigMap %s in the namespace %s, and goes on with what it had: %s.", config.FeaturesConfigName, knativeNamespace, err)
		return nil
	}
	o.found.flags = map[string]string{}
	for _, feature := range serving.Features {
		o.found.flags[feature.Key] = strings.ToLower(string(feature.Of(parsed)))
	}
	return nil
}

// settings returns the data of one of Knative's ConfigMaps. known is false
// where there is none: Knative does not start without, so its defaults do not
// count then.
func (o *observer) settings(ctx context.Context, name string) (data map[string]string, known bool, err error) {
	object, known, err := o.find(ctx, configMaps, knativeNamespace, name)
	if err != nil || !known {
		return nil, false, err
	}
	if object == nil {
		o.tell("There is no ConfigMap %s in the namespace %s, without which Knative Serving does not start: install it completely.", name, knativeNamespace)
		return nil, false, nil
	}
	data, _, err = unstructured.NestedStringMap(object.Object, "data")
	return data, err == nil, err
}
