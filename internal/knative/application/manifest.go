package application

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// ManifestFunction is the provider function manifest.
type ManifestFunction struct{}

var _ function.Function = ManifestFunction{}

// NewManifestFunction returns the function.
func NewManifestFunction() function.Function { return ManifestFunction{} }

// Metadata implements function.Function.
func (ManifestFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "manifest"
}

// Definition implements function.Function.
func (ManifestFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Writes an application as a Kubernetes manifest",
		Description: "Returns the Knative Service, as YAML, that an sls_application with these attributes makes when it is new: " +
			"for a review, for policy checks before a plan, or for a pipeline that applies manifests. " +
			"Functions know nothing of the provider's configuration, so its default_labels and default_annotations are not in it.",
		Parameters: []function.Parameter{applicationParameter()},
		Return:     function.StringReturn{},
	}
}

// Run implements function.Function.
func (ManifestFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	plan, failed := plannedApplication(ctx, req)
	if resp.Error = failed; failed != nil {
		return
	}
	if plan == nil {
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
		return
	}
	var m Model
	diags := plan.Get(ctx, &m)
	if resp.Error = argumentError(diags); resp.Error != nil {
		return
	}
	m.EffectiveLabels, m.EffectiveAnnotations = lifecycle.Effective(nil, m.Labels), lifecycle.Effective(nil, m.Annotations)
	inner := decode(ctx, &m, &diags)
	if resp.Error = argumentError(diags); resp.Error != nil {
		return
	}
	text, err := manifest(inner)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, text)
}

// manifest returns the Service that an application is created as, in YAML.
func manifest(m *nested) (string, error) {
	want, err := expand(m)
	if err != nil {
		return "", err
	}
	if external(m.Model) {
		want.revision = "" // Knative's to name
	}
	object := want.object(want.template, want.revision, want.scaling)
	for _, path := range [][]string{{"metadata", "labels"}, {"metadata", "annotations"}, {"spec", "template", "metadata"}} {
		// What the apply sends even when it is empty says nothing to a reader.
		if values, _, _ := unstructured.NestedMap(object.Object, path...); len(values) == 0 {
			unstructured.RemoveNestedField(object.Object, path...)
		}
	}
	text, err := yaml.Marshal(object.Object)
	if err != nil {
		return "", fmt.Errorf("writing the Knative Service %s/%s as YAML: %w", want.namespace, want.name, err)
	}
	return string(text), nil
}
