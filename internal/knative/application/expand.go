package application

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/runtime"
	knative "knative.dev/serving/pkg/apis/serving"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// desired is what a configuration wants of the cluster.
type desired struct {
	name, namespace string
	version         string
	labels          map[string]string // of the Service
	annotations     map[string]string // of the Service
	// template is the revision template without its name and without scaling:
	// its content is the revision's address.
	template map[string]any
	scaling  map[string]string
	// revision is the name of the revision with that content and no other.
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
	annotations, err := expandAnnotations(m)
	if err != nil {
		return nil, err
	}
	return &desired{
		name:        name,
		namespace:   m.Namespace.ValueString(),
		version:     m.Version.ValueString(),
		labels:      expandLabels(m),
		annotations: annotations,
		template:    template,
		scaling:     expandScaling(m.scaling),
		revision:    revision,
	}, nil
}

// expandLabels returns the Service's labels: the user's and the defaults', and
// those that attributes stand for.
func expandLabels(m *nested) map[string]string {
	labels := lifecycle.Strings(m.EffectiveLabels)
	if labels == nil {
		labels = map[string]string{}
	}
	if m.Visibility.ValueString() == serving.VisibilityLocal {
		labels[serving.VisibilityLabel] = serving.VisibilityLocal
	}
	if version := m.Version.ValueString(); version != "" {
		labels[serving.VersionLabel] = version
	}
	return labels
}

// expandAnnotations returns the Service's annotations: the user's and the
// defaults', and those that attributes stand for.
func expandAnnotations(m *nested) (map[string]string, error) {
	var problems []error
	annotations := lifecycle.Strings(m.EffectiveAnnotations)
	durationAnnotation(mapping{problems: &problems}, &m.RolloutDuration, knative.RolloutDurationKey, &annotations, nil)
	return annotations, errors.Join(problems...)
}

// expandTemplate returns the revision template in the API's own shape, with
// nothing in it but what the model sets: server-side apply owns what it sends.
func expandTemplate(m *nested) (map[string]any, error) {
	template, err := typedTemplate(m)
	if err != nil {
		return nil, err
	}
	return encodeRevisionTemplate(template)
}

// typedTemplate returns the revision template in the API's types.
func typedTemplate(m *nested) (*servingv1.RevisionTemplateSpec, error) {
	t := m.template
	if t == nil {
		var diags diag.Diagnostics
		if t = decodeTemplate(context.Background(), m.Model, &diags); diags.HasError() {
			return nil, fmt.Errorf("%s: %s", diags[0].Summary(), diags[0].Detail())
		}
	}
	var problems []error
	template := &servingv1.RevisionTemplateSpec{}
	revisionTemplate(mapping{problems: &problems}, t, template)
	if version := m.Version.ValueString(); version != "" {
		set(&template.Labels, serving.VersionLabel, version)
	}
	return template, errors.Join(problems...)
}

// encodeRevisionTemplate writes a template as the API has it, without the zero
// values that Go's types can't leave out: sent by server-side apply, they would
// be ours to own.
func encodeRevisionTemplate(template *servingv1.RevisionTemplateSpec) (map[string]any, error) {
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
	for _, field := range []string{"containers", "initContainers"} {
		containers, _ := spec[field].([]any)
		for _, c := range containers {
			if container, ok := c.(map[string]any); ok {
				dropZeroes(container)
			}
		}
	}
	return encoded, nil
}

func dropZeroes(container map[string]any) {
	if container["name"] == "" {
		delete(container, "name") // Knative's to give
	}
	if resources, ok := container["resources"].(map[string]any); ok && len(resources) == 0 {
		delete(container, "resources")
	}
	for _, name := range []string{"startupProbe", "livenessProbe", "readinessProbe"} {
		probe, _ := container[name].(map[string]any)
		for _, handler := range probe {
			by, _ := handler.(map[string]any)
			if by["port"] == int64(0) {
				delete(by, "port") // the container's own
			}
			if by["service"] == nil {
				delete(by, "service")
			}
		}
	}
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
		maps.Copy(annotations, lifecycle.Unstructured(scaling))
	}
	return &kube.Object{Object: map[string]any{
		"apiVersion": serving.Services.APIVersion(),
		"kind":       serving.Services.Name,
		"metadata": map[string]any{
			"namespace": d.namespace,
			"name":      d.name,
			// Sent even when empty: who owned a map and no longer sends it removes
			// it whole, with the entries in it that a webhook has set and nobody
			// owns, such as knative.knative.dev/creator, which may not go.
			"labels":      lifecycle.Unstructured(d.labels),
			"annotations": lifecycle.Unstructured(d.annotations),
		},
		"spec": map[string]any{"template": template},
	}}
}
