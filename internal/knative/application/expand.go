package application

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

// desired is what a configuration wants of the cluster.
type desired struct {
	name, namespace string
	labels          map[string]string // of the Service
	annotations     map[string]string // of the Service
	// template is the revision template without its name and without scaling:
	// its content is the revision's address.
	template map[string]any
	scaling  map[string]string
	revision string
}

// expand turns a model into what it wants of the cluster.
func expand(m *nested) (*desired, error) {
	template, err := expandTemplate(m)
	if err != nil {
		return nil, err
	}
	name := m.Name.ValueString()
	revision, err := RevisionName(name, m.Version.ValueString(), template)
	if err != nil {
		return nil, err
	}
	return &desired{
		name:        name,
		namespace:   m.Namespace.ValueString(),
		labels:      expandLabels(m),
		annotations: stringMap(m.EffectiveAnnotations),
		template:    template,
		scaling:     expandScaling(m.scaling),
		revision:    revision,
	}, nil
}

// expandLabels returns the Service's labels: the user's and the defaults', and
// those that attributes stand for.
func expandLabels(m *nested) map[string]string {
	labels := stringMap(m.EffectiveLabels)
	if labels == nil {
		labels = map[string]string{}
	}
	if m.Visibility.ValueString() == visibilityLocal {
		labels[visibilityLabel] = visibilityLocal
	}
	if version := m.Version.ValueString(); version != "" {
		labels[versionLabel] = version
	}
	return labels
}

// expandTemplate returns the revision template in the API's own shape, with
// nothing in it but what the model sets: server-side apply owns what it sends.
func expandTemplate(m *nested) (map[string]any, error) {
	container := corev1.Container{
		Image:   m.Image.ValueString(),
		Command: stringList(m.Command),
		Args:    stringList(m.Args),
		Env:     expandEnv(stringMap(m.Env)),
	}
	if m.port != nil {
		container.Ports = []corev1.ContainerPort{{
			Name:          m.port.Protocol.ValueString(), // Knative tells h2c from http1 by the port's name
			ContainerPort: int32(m.port.Number.ValueInt64()),
		}}
	}
	if m.resources != nil {
		var err error
		if container.Resources.Requests, err = expandQuantities(m.resources.Requests); err != nil {
			return nil, err
		}
		if container.Resources.Limits, err = expandQuantities(m.resources.Limits); err != nil {
			return nil, err
		}
	}
	template := servingv1.RevisionTemplateSpec{
		Spec: servingv1.RevisionSpec{PodSpec: corev1.PodSpec{Containers: []corev1.Container{container}}},
	}
	if version := m.Version.ValueString(); version != "" {
		template.Labels = map[string]string{versionLabel: version}
	}
	return encodeTemplate(&template)
}

// encodeTemplate writes a template as the API has it, without the zero values
// that Go's types can't leave out: sent by server-side apply, they would be
// ours to own.
func encodeTemplate(template *servingv1.RevisionTemplateSpec) (map[string]any, error) {
	encoded, err := runtime.DefaultUnstructuredConverter.ToUnstructured(template)
	if err != nil {
		return nil, fmt.Errorf("encoding the revision template: %w", err)
	}
	if metadata, ok := encoded["metadata"].(map[string]any); ok {
		delete(metadata, "creationTimestamp")
		if len(metadata) == 0 {
			delete(encoded, "metadata")
		}
	}
	spec, _ := encoded["spec"].(map[string]any)
	containers, _ := spec["containers"].([]any)
	for _, c := range containers {
		container, _ := c.(map[string]any)
		if container["name"] == "" {
			delete(container, "name") // Knative's to give
		}
		if resources, ok := container["resources"].(map[string]any); ok && len(resources) == 0 {
			delete(container, "resources")
		}
	}
	return encoded, nil
}

// expandEnv sorts by name: a map has no order, and equal content must be equal.
func expandEnv(env map[string]string) []corev1.EnvVar {
	var vars []corev1.EnvVar
	for _, name := range slices.Sorted(maps.Keys(env)) {
		vars = append(vars, corev1.EnvVar{Name: name, Value: env[name]})
	}
	return vars
}

// expandQuantities returns amounts in their canonical spelling, so that another
// spelling of the same amount is no other revision.
func expandQuantities(amounts map[string]quantity.Value) (corev1.ResourceList, error) {
	var list corev1.ResourceList
	for name, amount := range amounts {
		parsed, err := resource.ParseQuantity(amount.ValueString())
		if err != nil {
			return nil, fmt.Errorf("the amount of %s, %q: %w", name, amount.ValueString(), err)
		}
		if list == nil {
			list = corev1.ResourceList{}
		}
		list[corev1.ResourceName(name)] = parsed
	}
	return list, nil
}

// object returns the Service to apply, with a template of that name.
func (d *desired) object(template map[string]any, name string, scaling map[string]string) *kube.Object {
	template = runtime.DeepCopyJSON(template)
	metadata, ok := template["metadata"].(map[string]any)
	if !ok {
		metadata = map[string]any{}
		template["metadata"] = metadata
	}
	if name != "" {
		metadata["name"] = name
	}
	if len(scaling) > 0 {
		annotations, ok := metadata["annotations"].(map[string]any)
		if !ok {
			annotations = map[string]any{}
			metadata["annotations"] = annotations
		}
		maps.Copy(annotations, encodeMap(scaling))
	}
	return &kube.Object{Object: map[string]any{
		"apiVersion": services.APIVersion(),
		"kind":       services.Name,
		"metadata": map[string]any{
			"namespace": d.namespace,
			"name":      d.name,
			// Sent even when empty: who owned a map and no longer sends it removes
			// it whole, with the entries in it that a webhook has set and nobody
			// owns, such as serving.knative.dev/creator, which may not go.
			"labels":      encodeMap(d.labels),
			"annotations": encodeMap(d.annotations),
		},
		"spec": map[string]any{"template": template},
	}}
}

func encodeMap(m map[string]string) map[string]any {
	encoded := make(map[string]any, len(m))
	for key, value := range m {
		encoded[key] = value
	}
	return encoded
}

// stringMap returns the known elements of a map; nil for none.
func stringMap(m types.Map) map[string]string {
	var plain map[string]string
	for key, value := range m.Elements() {
		if plain == nil {
			plain = map[string]string{}
		}
		plain[key] = text(value)
	}
	return plain
}

// stringList returns the elements of a list; nil for none.
func stringList(l types.List) []string {
	var plain []string
	for _, value := range l.Elements() {
		plain = append(plain, text(value))
	}
	return plain
}

func text(value attr.Value) string {
	s, _ := value.(types.String)
	return s.ValueString()
}
