package application

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// maxDuration is the longest that makes sense for anything here. How long a
// request may take is the platform's to limit.
const maxDuration = 7 * 24 * time.Hour

// requestAttributes say how requests are treated on their way to a container.
func requestAttributes() map[string]schema.Attribute {
	duration := func(description string, least time.Duration) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, Description: description,
			Validators: []validator.String{validate.Duration(least, maxDuration)},
		}
	}
	return map[string]schema.Attribute{
		"timeout":                duration("How long a request may take, such as `300s`. The platform has a default (Knative's is 5m) and a limit (Knative's is 10m).", time.Second),
		"idle_timeout":           duration("How long a request may go without a byte of its answer.", time.Second),
		"response_start_timeout": duration("How long a request may wait for the first byte of its answer.", time.Second),
		"concurrency": schema.Int64Attribute{
			Optional:    true,
			Description: "How many requests a pod takes at a time; more wait for another pod. It is a hard limit, unlike `scaling.target`. 0, Knative's default, is no limit.",
			Validators:  []validator.Int64{int64validator.Between(0, maxInt32)},
		},
		"progress_deadline": duration("How long Knative waits for a new revision to become ready; the platform's default is mostly 10m. Longer than that, `timeouts` must be longer too.", time.Second),
		"queue_proxy": schema.SingleNestedAttribute{
			Optional:    true,
			Description: "Knative's own sidecar, which queues and counts requests.",
			Attributes: map[string]schema.Attribute{
				"resources": resourcesOf("What it needs and may use: `cpu`, `memory` and `ephemeral-storage`, in place of the platform's.",
					stringvalidator.OneOf(queueProxyResources...)),
			},
		},
	}
}

// resolverAttributes say how pods resolve names.
func resolverAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"host_aliases": schema.MapAttribute{
			ElementType: types.ListType{ElemType: types.StringType},
			Optional:    true,
			Description: "Lines of the pods' hosts file: the names of an address, by address. " + needs(featureHostAliases),
			Validators: []validator.Map{
				mapvalidator.KeysAre(validate.IP()), mapvalidator.NoNullValues(),
				mapvalidator.ValueListsAre(listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.ValueStringsAre(validate.DNSName())),
			},
		},
		"dns_policy": schema.StringAttribute{
			Optional:    true,
			Description: "Who resolves names: `ClusterFirst`, Kubernetes' default, `Default` (the node's resolver) or `None` (only `dns_config`). " + needs(featureDNSPolicy),
			Validators:  []validator.String{stringvalidator.OneOf("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")},
		},
		"dns_config": schema.SingleNestedAttribute{
			Optional:    true,
			Description: "What the pods' resolver has beside what `dns_policy` gives. " + needs(featureDNSConfig),
			Attributes: map[string]schema.Attribute{
				"nameservers": schema.ListAttribute{
					ElementType: types.StringType,
					Optional:    true,
					Description: "Addresses of name servers, at most 3.",
					Validators:  []validator.List{listvalidator.SizeBetween(1, 3), listvalidator.NoNullValues(), listvalidator.ValueStringsAre(validate.IP())},
				},
				"searches": schema.ListAttribute{
					ElementType: types.StringType,
					Optional:    true,
					Description: "Domains that short names are looked for in, at most 32.",
					Validators:  []validator.List{listvalidator.SizeBetween(1, 32), listvalidator.NoNullValues(), listvalidator.ValueStringsAre(validate.DNSName())},
				},
				"options": schema.MapAttribute{
					ElementType: types.StringType,
					Optional:    true,
					Description: "Options of the resolver, such as `{ ndots = \"2\" }`; an empty value is an option without one.",
					Validators:  []validator.Map{mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1)), mapvalidator.NoNullValues()},
				},
			},
		},
	}
}
