package validate

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// alternatives is a validator of objects by how many of some attributes they
// set.
type alternatives struct {
	names       []string
	exactly     bool
	description string
}

// ExactlyOne accepts objects that set one of the attributes, and no other.
func ExactlyOne(names ...string) validator.Object {
	return alternatives{names, true, "exactly one of " + strings.Join(names, ", ")}
}

// AtLeastOne accepts objects that set some of the attributes.
func AtLeastOne(names ...string) validator.Object {
	return alternatives{names, false, "at least one of " + strings.Join(names, ", ")}
}

func (v alternatives) Description(context.Context) string         { return v.description }
func (v alternatives) MarkdownDescription(context.Context) string { return v.description }

func (v alternatives) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	var set []string
	for _, name := range v.names {
		value := req.ConfigValue.Attributes()[name]
		switch {
		case value == nil || value.IsNull():
		case value.IsUnknown():
			return // it may turn out to be null
		default:
			set = append(set, name)
		}
	}
	if len(set) == 0 || (v.exactly && len(set) > 1) {
		found := "none"
		if len(set) > 0 {
			found = strings.Join(set, " and ")
		}
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid combination of attributes", fmt.Sprintf("Set %s; here is %s.", v.description, found))
	}
}
