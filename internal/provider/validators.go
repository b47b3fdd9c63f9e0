package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/apimachinery/pkg/api/validate/content"
)

// check makes a validator of one of Kubernetes' own checks, so that a plan
// refuses what the API server would refuse, in the server's words.
type check struct {
	what   string
	faults func(string) []string // what is wrong with a value
}

func (c check) Description(context.Context) string             { return "must be " + c.what }
func (c check) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

func (c check) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	if faults := c.faults(value); len(faults) > 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value",
			fmt.Sprintf("%q must be %s: %s.", value, c.what, strings.Join(faults, "; ")))
	}
}

func namespaceName() validator.String {
	return check{what: "a namespace's name", faults: content.IsDNS1123Label}
}

func dnsName() validator.String {
	return check{what: "a DNS name", faults: content.IsDNS1123Subdomain}
}

func namespacedName() validator.String {
	return check{what: "of the form namespace/name", faults: func(value string) []string {
		namespace, name, ok := strings.Cut(value, "/")
		if !ok {
			return []string{"it has no slash"}
		}
		return append(content.IsDNS1123Label(namespace), content.IsDNS1123Subdomain(name)...)
	}}
}

func labels() []validator.Map {
	return []validator.Map{
		mapvalidator.KeysAre(check{what: "a label's key", faults: content.IsLabelKey}),
		mapvalidator.ValueStringsAre(check{what: "a label's value", faults: content.IsLabelValue}),
	}
}

func annotations() []validator.Map {
	return []validator.Map{
		mapvalidator.KeysAre(check{what: "an annotation's key", faults: func(key string) []string {
			return content.IsLabelKey(strings.ToLower(key)) // as the API server does
		}}),
	}
}
