package config

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// What Knative's parsers refuse is left to them: see validate.go. The validators
// here are for what they let pass and what goes wrong later, in a controller or
// in the pods of applications.

// percentNotFraction accepts percentages from which Knative makes no fractions.
type percentNotFraction struct{}

// Description implements validator.Describer.
func (percentNotFraction) Description(context.Context) string {
	return "a percentage above 1, up to 100"
}

// MarkdownDescription implements validator.Describer.
func (v percentNotFraction) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateFloat64 implements validator.Float64.
func (v percentNotFraction) ValidateFloat64(ctx context.Context, req validator.Float64Request, resp *validator.Float64Response) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if f := req.ConfigValue.ValueFloat64(); f > 0 && f <= 1 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value",
			fmt.Sprintf("%s = %s is not %s: Knative takes a number up to 1 for a fraction. Write 70 for 70 %%, not 0.7.", req.Path, formatNumber(f), v.Description(ctx)))
	}
}

// withoutComma accepts the words of a list with commas.
func withoutComma() validator.String {
	return validate.Text("one word of a list", func(value string) []string {
		switch {
		case strings.TrimSpace(value) != value || value == "":
			return []string{"it is empty, or has white space around it"}
		case strings.Contains(value, ","):
			return []string{"a comma divides the words of the list: make it two"}
		}
		return nil
	})
}

// class accepts names of ingress, certificate and autoscaler classes.
func class() validator.String {
	return validate.Text("the name of a class, such as istio.ingress.networking.knative.dev", validation.IsDNS1123Subdomain)
}

// oneLine refuses texts of several lines.
func oneLine() validator.String {
	return validate.Text("one line", func(value string) []string {
		if strings.ContainsAny(value, "\r\n") {
			return []string{"it has several, and who collects logs would take each for an entry"}
		}
		return nil
	})
}
