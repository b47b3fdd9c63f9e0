package traffic

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// What may be said of a value, in each of the ways. Whether exactly one is said,
// and what the text may hold, is judged together with the rest of the rules.
const (
	exactText   = "The whole value."
	prefixText  = "What the value begins with."
	regexText   = "A regular expression (RE2) that the whole value matches."
	presentText = "`true`: there is such a value, whatever it is."
)

func rulesAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Optional: true,
		Description: "Who is sent to a target whatever the percents are. The first rule that matches wins. A rule that an earlier one leaves nothing for is an error. " +
			"Rules apply to callers by a domain (`rules_hosts`).",
		Validators: []validator.List{listvalidator.SizeAtMost(100)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:    true,
				Description: "The rule's name, for messages and for who looks at the VirtualService; unique.",
			},
			"match": schema.ListNestedAttribute{
				Required:     true,
				Description:  "What the rule takes: requests that meet any of these entries, and of that entry everything.",
				Validators:   []validator.List{listvalidator.SizeBetween(1, 20)},
				NestedObject: schema.NestedAttributeObject{Attributes: matchAttributes()},
			},
			"target": schema.StringAttribute{
				Required:    true,
				Description: "The tag of the entry of `revisions` that the requests go to.",
				Validators:  []validator.String{validate.DNS1035Label()},
			},
		}},
	}
}

func matchAttributes() map[string]schema.Attribute {
	values := func(description string) schema.Attribute {
		return schema.MapNestedAttribute{
			Optional:     true,
			Description:  description,
			NestedObject: schema.NestedAttributeObject{Attributes: ways(true, true)},
		}
	}
	return map[string]schema.Attribute{
		"headers": values("Headers by name, in upper or lower case, which the request has. Cookies have an attribute of their own."),
		"cookies": values("Cookies by name, which the request has; at most three in one entry."),
		"query":   values("Parameters of the query by name, which the request has, as they stand in it: nothing is decoded."),
		"path": schema.SingleNestedAttribute{
			Optional:    true,
			Description: "The path, without the query. It is relative to the domain's `path_prefix`. A regular expression works only under domains without one.",
			Attributes:  ways(true, false),
		},
		"method": schema.SingleNestedAttribute{
			Optional:    true,
			Description: "The method, such as `GET`.",
			Attributes:  ways(false, false),
		},
		"without_headers": values("Headers by name, which the request does not have with such a value."),
		"without_cookies": values("Cookies by name, which the request does not have with such a value."),
	}
}

// ways are the ways to look at a value.
func ways(prefix, present bool) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"exact": schema.StringAttribute{Optional: true, Description: exactText},
		"regex": schema.StringAttribute{Optional: true, Description: regexText},
	}
	if prefix {
		attributes["prefix"] = schema.StringAttribute{Optional: true, Description: prefixText}
	}
	if present {
		attributes["present"] = schema.BoolAttribute{
			Optional: true, Description: presentText,
			Validators: []validator.Bool{boolvalidator.Equals(true)},
		}
	}
	return attributes
}
