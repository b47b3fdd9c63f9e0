package hostname

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Function is the provider function domain.
type Function struct{}

var _ function.Function = Function{}

// New returns the function.
func New() function.Function { return Function{} }

// The function's arguments, by their position.
const (
	templateArgument int64 = iota
	valuesArgument
)

// Metadata implements function.Function.
func (Function) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "domain"
}

// Definition implements function.Function.
func (Function) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Makes a domain from a template",
		Description: "Replaces each {placeholder} of a template by its value, so that the rule for domains is written down once. " +
			"A placeholder without a value, a stray brace and a result that is not a valid domain are errors.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:        "template",
				Description: "The template, such as `{name}.sls-{cluster}.qunhe.com`.",
			},
			function.MapParameter{
				Name:        "values",
				ElementType: types.StringType,
				Description: "The placeholders' values, such as `{ name = \"shop\", cluster = \"prod\" }`. What the template has no use for is ignored; an empty value leaves its placeholder out.",
			},
		},
		Return: function.StringReturn{},
	}
}

// Run implements function.Function.
func (Function) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var template string
	var given map[string]types.String
	if resp.Error = req.Arguments.Get(ctx, &template, &given); resp.Error != nil {
		return
	}
	values := map[string]string{}
	for name, value := range given {
		if value.IsNull() {
			resp.Error = function.NewArgumentFuncError(valuesArgument, name+": it is null")
			return
		}
		values[name] = value.ValueString()
	}
	host, err := Render(template, values)
	var wrongTemplate *TemplateError
	var wrongValue *ValueError
	switch {
	case errors.As(err, &wrongTemplate):
		resp.Error = function.NewArgumentFuncError(templateArgument, err.Error())
	case errors.As(err, &wrongValue):
		resp.Error = function.NewArgumentFuncError(valuesArgument, err.Error())
	default:
		resp.Error = resp.Result.Set(ctx, host)
	}
}
