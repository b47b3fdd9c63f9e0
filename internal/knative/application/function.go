package application

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// RevisionNameFunction is the provider function revision_name.
type RevisionNameFunction struct{}

var _ function.Function = RevisionNameFunction{}

// NewRevisionNameFunction returns the function.
func NewRevisionNameFunction() function.Function { return RevisionNameFunction{} }

// Metadata implements function.Function.
func (RevisionNameFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "revision_name"
}

// Definition implements function.Function.
func (RevisionNameFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	parameter := applicationParameter()
	// The name does not depend on every attribute.
	parameter.AllowUnknownValues = true
	resp.Definition = function.Definition{
		Summary: "Names the revision of an application",
		Description: "Returns the name of the revision that an sls_application with these attributes stands for: `{name}-{version}-{hash of its template}`. " +
			"It asks no cluster, so that a pipeline can tell whether a change mints a revision, and which one, before there is a plan. " +
			"It knows nothing of what others have put into the live template, such as a sidecar, which a plan does.",
		Parameters: []function.Parameter{parameter},
		Return:     function.StringReturn{},
	}
}

// Run implements function.Function.
func (RevisionNameFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	plan, failed := plannedApplication(ctx, req)
	if resp.Error = failed; failed != nil {
		return
	}
	if plan == nil || !allKnown(*plan, append(slices.Clone(templateAttributes), "image_source")...) {
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
		return
	}
	var m Model
	diags := plan.Get(ctx, &m)
	if !diags.HasError() && external(&m) {
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("image_source is %q, so Knative names the revisions: there is no name before", imageFromOutside))
		return
	}
	if diags.HasError() {
		resp.Error = argumentError(diags)
		return
	}
	name := templateRevision(ctx, &m, &diags)
	if resp.Error = argumentError(diags); resp.Error == nil {
		resp.Error = resp.Result.Set(ctx, name)
	}
}

// applicationParameter is a whole application. Its type is open since every
// attribute may be left out, which the type of an object does not allow.
func applicationParameter() function.DynamicParameter {
	return function.DynamicParameter{
		Name: "application",
		Description: "An object with attributes of sls_application: those that it requires and any others. " +
			"A whole resource will do too; what is computed is not looked at.",
	}
}

// plannedApplication returns a function's argument as the resource would plan
// it, or nil if nothing of it is known yet.
func plannedApplication(ctx context.Context, req function.RunRequest) (*tfsdk.Plan, *function.FuncError) {
	var given types.Dynamic
	if failed := req.Arguments.Get(ctx, &given); failed != nil {
		return nil, failed
	}
	if given.IsUnknown() || given.IsUnderlyingValueUnknown() {
		return nil, nil
	}
	value, err := given.UnderlyingValue().ToTerraformValue(ctx)
	if err == nil {
		var config, plan tftypes.Value
		if config, err = (argument{}).application(ctx, value); err == nil {
			err = validateAlone(ctx, config)
		}
		if err == nil {
			plan, err = argument{withDefaults: true}.application(ctx, value)
		}
		if err == nil {
			return &tfsdk.Plan{Raw: plan, Schema: schemaOnce()}, nil
		}
	}
	return nil, function.NewArgumentFuncError(0, err.Error())
}

// argumentError returns the errors of diags as an error of the argument, or nil.
func argumentError(diags diag.Diagnostics) *function.FuncError {
	var problems []error
	for _, d := range diags.Errors() {
		text := d.Summary() + ": " + d.Detail()
		if located, ok := d.(diag.DiagnosticWithPath); ok && !located.Path().Equal(path.Empty()) {
			text = located.Path().String() + ": " + text
		}
		problems = append(problems, errors.New(strings.TrimSuffix(text, ".")))
	}
	if len(problems) == 0 {
		return nil
	}
	return function.NewArgumentFuncError(0, errors.Join(problems...).Error())
}
