package component

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// Model is the resource as HCL has it.
type Model struct {
	Name            types.String   `tfsdk:"name"`
	Source          types.String   `tfsdk:"source"`
	Manifest        types.String   `tfsdk:"manifest"`
	SHA256          types.String   `tfsdk:"sha256"`
	Namespace       types.String   `tfsdk:"namespace"`
	Images          types.Map      `tfsdk:"images"`
	Env             types.Map      `tfsdk:"env"`
	Labels          types.Map      `tfsdk:"labels"`
	Annotations     types.Map      `tfsdk:"annotations"`
	IgnoreFields    types.List     `tfsdk:"ignore_fields"`
	Adopt           types.Bool     `tfsdk:"adopt"`
	ForceConflicts  types.Bool     `tfsdk:"force_conflicts"`
	DeleteCRDs      types.Bool     `tfsdk:"delete_crds"`
	ForceDestroy    types.Bool     `tfsdk:"force_destroy"`
	RequiredBy      types.Set      `tfsdk:"required_by"`
	OnCreateFailure types.String   `tfsdk:"on_create_failure"`
	Wait            types.Bool     `tfsdk:"wait"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`

	Objects       types.Map    `tfsdk:"objects"`
	Ready         types.Bool   `tfsdk:"ready"`
	StatusMessage types.String `tfsdk:"status_message"`
	SourceDigest  types.String `tfsdk:"source_digest"`
}

// inputs are the attributes that decide what the objects are.
var inputs = []string{"name", "source", "manifest", "sha256", "namespace", "images", "env", "labels", "annotations", "ignore_fields"}

// IgnoreFields is an element of ignore_fields.
type IgnoreFields struct {
	Kind      types.String `tfsdk:"kind"`
	APIGroup  types.String `tfsdk:"api_group"`
	Namespace types.String `tfsdk:"namespace"`
	Name      types.String `tfsdk:"name"`
	Paths     types.List   `tfsdk:"paths"`
}

// options returns what the model wants made of the manifest. Labels and
// annotations of the provider's defaults go under the resource's own.
func (r *Resource) options(ctx context.Context, m *Model, diags *diag.Diagnostics) manifest.Options {
	o := manifest.Options{
		Component:   m.Name.ValueString(),
		Namespace:   m.Namespace.ValueString(),
		Images:      lifecycle.Strings(m.Images),
		Env:         variablesOf(m.Env),
		Labels:      lifecycle.Strings(lifecycle.Effective(r.Platform.DefaultLabels, m.Labels)),
		Annotations: lifecycle.Strings(lifecycle.Effective(r.Platform.DefaultAnnotations, m.Annotations)),
	}
	var ignored []IgnoreFields
	if !m.IgnoreFields.IsNull() {
		diags.Append(m.IgnoreFields.ElementsAs(ctx, &ignored, false)...)
	}
	for _, fields := range ignored {
		rule := manifest.Rule{
			Group: fields.APIGroup.ValueStringPointer(), Kind: fields.Kind.ValueString(),
			Namespace: fields.Namespace.ValueString(), Name: fields.Name.ValueString(),
		}
		diags.Append(fields.Paths.ElementsAs(ctx, &rule.Paths, false)...)
		o.Ignore = append(o.Ignore, rule)
	}
	return o
}

// variablesOf returns what env sets: values by name, by container.
func variablesOf(env types.Map) map[string]map[string]string {
	if len(env.Elements()) == 0 {
		return nil
	}
	variables := make(map[string]map[string]string, len(env.Elements()))
	for key, element := range env.Elements() {
		if values, ok := element.(types.Map); ok {
			variables[key] = lifecycle.Strings(values)
		}
	}
	return variables
}

// envOf is the inverse of variablesOf.
func envOf(variables map[string]map[string]string) types.Map {
	if len(variables) == 0 {
		return types.MapNull(variablesType)
	}
	elements := make(map[string]attr.Value, len(variables))
	for key, values := range variables {
		elements[key] = stringMap(values)
	}
	return types.MapValueMust(variablesType, elements)
}

// variablesType is an element of env.
var variablesType = types.MapType{ElemType: types.StringType}

// stringMap returns a map for HCL.
func stringMap(values map[string]string) types.Map {
	elements := make(map[string]attr.Value, len(values))
	for key, value := range values {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}

// nullIfNone is stringMap with null for no entries.
func nullIfNone(values map[string]string) types.Map {
	if len(values) == 0 {
		return types.MapNull(types.StringType)
	}
	return stringMap(values)
}

// stringsOf returns what a set of HCL holds, in order.
func stringsOf(set types.Set) []string {
	var values []string
	for _, element := range set.Elements() {
		if text, ok := element.(types.String); ok {
			values = append(values, text.ValueString())
		}
	}
	slices.Sort(values)
	return values
}
