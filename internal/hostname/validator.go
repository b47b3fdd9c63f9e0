package hostname

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// hostValidator accepts hosts.
type hostValidator struct{}

// Validator accepts names of hosts: lower-case DNS names whose labels have at
// most 63 characters, without a wildcard, a port, or a dot at the end.
func Validator() validator.String { return hostValidator{} }

func (hostValidator) Description(context.Context) string {
	return "the name of a host, such as shop.example.com"
}

func (v hostValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v hostValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	host := req.ConfigValue.ValueString()
	if problems := Problems(host); len(problems) > 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value",
			fmt.Sprintf("%q is not %s: %s.", host, v.Description(ctx), strings.Join(problems, "; ")))
	}
}
