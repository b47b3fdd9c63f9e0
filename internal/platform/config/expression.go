package config

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// expression refuses conditions of a label selector of which Kubernetes can make
// nothing. Knative only finds out when it looks for namespaces, and then makes no
// certificates.
type expression struct{}

// takesValues says which operators there are.
var takesValues = map[v1.LabelSelectorOperator]bool{
	v1.LabelSelectorOpIn: true, v1.LabelSelectorOpNotIn: true, v1.LabelSelectorOpExists: false, v1.LabelSelectorOpDoesNotExist: false,
}

// Description implements validator.Describer.
func (expression) Description(context.Context) string {
	return "values for In and NotIn, and none for Exists and DoesNotExist"
}

// MarkdownDescription implements validator.Describer.
func (v expression) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject implements validator.Object.
func (v expression) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	fields := attributesOf(req.ConfigValue)
	operator, values := fields["operator"], fields["values"]
	if operator == nil || operator.IsNull() || operator.IsUnknown() || values.IsUnknown() {
		return
	}
	takes, known := takesValues[v1.LabelSelectorOperator(expandString(operator))]
	if known && takes == values.IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path.AtName("values"), "Invalid combination of attributes",
			fmt.Sprintf("A condition has %s. Its operator is %s.", v.Description(ctx), expandString(operator)))
	}
}
