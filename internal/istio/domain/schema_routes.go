package domain

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/hostname"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// maxDuration is the longest that makes sense for anything here.
const maxDuration = 7 * 24 * time.Hour

func routesAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Required: true,
		Description: "Which application answers for which paths. The longest prefix wins, whatever the order here. " +
			"A path that no route is for answers 404, unless another domain with the same host has it.",
		Validators: []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"path_prefix": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString("/"),
				Description: "The paths, such as `/cart`, for `/cart` itself and all beneath it (not for `/cartoon`); `/`, the default, is for all. " +
					"Two domains with the same host must not have prefixes one of which is within the other, other than `/`: Istio would take the older domain first. " +
					"For the same reason, rules of `sls_revision_traffic` for the application at `/` go before the paths of younger domains with the same host.",
				Validators: []validator.String{validate.PathPrefix()},
			},
			"strip_prefix": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default:     booldefault.StaticBool(false),
				Description: "Take the prefix away before the application sees the path: of `/cart/items` with the prefix `/cart`, it sees `/items`.",
			},
			"application": schema.StringAttribute{
				Required:    true,
				Description: "The application, by its name: `sls_application.shop.name`.",
				Validators:  []validator.String{validate.DNS1035Label()},
			},
			"namespace": schema.StringAttribute{
				Optional:    true,
				Description: "The application's namespace; the domain's by default.",
				Validators:  []validator.String{validate.Namespace()},
			},
		}},
	}
}

// treatmentAttributes say how requests are treated on their way.
func treatmentAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"tls": schema.SingleNestedAttribute{
			Optional: true,
			Description: "HTTPS for the host, on a Gateway of the domain's own: exactly one of `secret` and `issuer`. " +
				"Several domains with the same host share one Gateway: the first has `tls`, the others name its Gateway in `gateways`.",
			Attributes: map[string]schema.Attribute{
				"secret": schema.StringAttribute{
					Optional:    true,
					Description: "A Secret with the certificate and its key (`tls.crt` and `tls.key`), in the namespace of the gateway's pods: that of the provider's `ingress.gateway_service`.",
					Validators:  []validator.String{validate.DNSName()},
				},
				"issuer": schema.SingleNestedAttribute{
					Optional: true,
					Description: "An issuer of cert-manager, which makes and renews the certificate. The domain makes a Certificate, named like the host, in the namespace of the gateway's pods, " +
						"where an `Issuer` (unlike a `ClusterIssuer`) must be as well.",
					Attributes: map[string]schema.Attribute{
						"name": schema.StringAttribute{
							Required:    true,
							Description: "The issuer's name.",
							Validators:  []validator.String{validate.DNSName()},
						},
						"kind": schema.StringAttribute{
							Optional: true, Computed: true,
							Default:     stringdefault.StaticString(defaultIssuerKind),
							Description: "The issuer's kind: `ClusterIssuer`, `Issuer`, or one of another group.",
							Validators:  []validator.String{stringvalidator.LengthAtLeast(1)},
						},
						"group": schema.StringAttribute{
							Optional: true, Computed: true,
							Default:     stringdefault.StaticString(defaultIssuerGroup),
							Description: "The API group of the issuer's kind.",
							Validators:  []validator.String{validate.DNSName()},
						},
					},
				},
			},
			Validators: []validator.Object{validate.ExactlyOne("secret", "issuer")},
		},
		"https_redirect": schema.BoolAttribute{
			Optional: true, Computed: true,
			Default: booldefault.StaticBool(false),
			Description: "Answer requests that came by HTTP with a redirect (308) to HTTPS. Paths beneath `/.well-known/acme-challenge/` are exempt, so that certificates can be renewed. " +
				"A request counts as HTTPS by what the gateway itself was spoken to, or by X-Forwarded-Proto of a proxy that it trusts.",
		},
		"timeout": schema.StringAttribute{
			Optional: true,
			Description: "How long a request may take, such as `30s`, retries and all. Without it the domain sets no limit; `0s` says so. " +
				"An application's own `timeout` holds besides.",
			Validators: []validator.String{validate.DurationIn(time.Millisecond, 0, maxDuration)},
		},
		"retries": schema.SingleNestedAttribute{
			Optional:    true,
			Description: "When a request is sent again. Without it, Istio's default holds: 2 further tries when a connection fails or the service is unavailable.",
			Attributes: map[string]schema.Attribute{
				"attempts": schema.Int64Attribute{
					Required:    true,
					Description: "How many further tries there are; 0 is none.",
					Validators:  []validator.Int64{int64validator.Between(0, 100)},
				},
				"per_try_timeout": schema.StringAttribute{
					Optional:    true,
					Description: "How long one try may take, such as `2s`; as long as the request by default.",
					Validators:  []validator.String{validate.DurationIn(time.Millisecond, time.Millisecond, maxDuration)},
				},
				"backoff": schema.StringAttribute{
					Optional:    true,
					Description: "The least time between tries; 25ms by default. It grows, and varies at random.",
					Validators:  []validator.String{validate.DurationIn(time.Millisecond, time.Millisecond, maxDuration)},
				},
				"retry_on": schema.ListAttribute{
					ElementType: types.StringType,
					Optional:    true,
					Description: "What a request is sent again for, in Envoy's words, such as `connect-failure`, `gateway-error` or `503`.",
					Validators: []validator.List{
						listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(),
						listvalidator.ValueStringsAre(retryCondition()),
					},
				},
			},
		},
		"cors":    corsAttribute(),
		"headers": headersAttribute(),
		"legacy":  legacyAttribute(),
	}
}

func corsAttribute() schema.Attribute {
	texts := func(description string, of validator.String) schema.Attribute {
		return schema.ListAttribute{
			ElementType: types.StringType, Optional: true, Description: description,
			Validators: []validator.List{
				listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(), listvalidator.ValueStringsAre(of),
			},
		}
	}
	match := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, Description: description, Validators: []validator.String{stringvalidator.LengthBetween(1, maxRegex)}}
	}
	regex := schema.StringAttribute{
		Optional: true, Description: "A regular expression (RE2) that the whole origin matches.",
		Validators: []validator.String{validate.Regex(maxRegex)},
	}
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "What pages of other origins may do with the host. The gateway answers their preflight requests.",
		Attributes: map[string]schema.Attribute{
			"allow_origins": schema.ListNestedAttribute{
				Required:    true,
				Description: "The origins, such as `https://www.example.com`.",
				Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"exact":  match("The origin."),
						"prefix": match("What the origin begins with."),
						"regex":  regex,
					},
					Validators: []validator.Object{validate.ExactlyOne("exact", "prefix", "regex")},
				},
			},
			"allow_methods":  texts("The methods.", stringvalidator.OneOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*")),
			"allow_headers":  texts("The headers that requests may have; `*` is any.", headerOrStar()),
			"expose_headers": texts("The headers of responses that pages may read.", headerOrStar()),
			"max_age": schema.StringAttribute{
				Optional:    true,
				Description: "How long browsers may remember the answer to a preflight request, such as `24h`.",
				Validators:  []validator.String{validate.Duration(0, maxDuration)},
			},
			"allow_credentials": schema.BoolAttribute{
				Optional:    true,
				Description: "Whether requests may carry cookies and other credentials.",
			},
		},
	}
}

func headersAttribute() schema.Attribute {
	values := func(description string) schema.Attribute {
		return schema.MapAttribute{
			ElementType: types.StringType, Optional: true, Description: description,
			Validators: []validator.Map{
				mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues(),
				mapvalidator.KeysAre(changeableHeader()), mapvalidator.ValueStringsAre(validate.HeaderValue()),
			},
		}
	}
	changes := func(of string) schema.Attribute {
		return schema.SingleNestedAttribute{
			Optional:    true,
			Description: "Changes of the headers of " + of + ".",
			Validators:  []validator.Object{validate.AtLeastOne("set", "add", "remove")},
			Attributes: map[string]schema.Attribute{
				"set": values("Headers that get this value, whatever they had. Values are plain text: a percent sign is one."),
				"add": values("Headers that get this value beside what they have."),
				"remove": schema.ListAttribute{
					ElementType: types.StringType, Optional: true, Description: "Headers that go.",
					Validators: []validator.List{
						listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(),
						listvalidator.ValueStringsAre(changeableHeader()),
					},
				},
			},
		}
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		Description: "Changes of headers on the way. X-Forwarded-Host is set to the host in any case: the application is asked by its internal name, " +
			"and learns by that header which domain was meant.",
		Validators: []validator.Object{validate.AtLeastOne("request", "response")},
		Attributes: map[string]schema.Attribute{"request": changes("requests"), "response": changes("responses")},
	}
}

func legacyAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		Description: "The service that the applications take over from, step by step: it still gets the paths of `path_prefixes`, and `percent` of the requests for all others. " +
			"A request that it gets is not seen by the rules of `sls_revision_traffic`.",
		Attributes: map[string]schema.Attribute{
			"host": schema.StringAttribute{
				Required: true,
				Description: "The service's host, which Istio must know: a Service, such as `shop.old.svc.cluster.local`, or a host of an `sls_external_service`. " +
					"Istio answers 503 for a host that it does not know.",
				Validators: []validator.String{hostname.Validator()},
			},
			"port": schema.Int64Attribute{
				Optional: true, Computed: true,
				Default:     int64default.StaticInt64(defaultLegacyPort),
				Description: "The service's port.",
				Validators:  []validator.Int64{int64validator.Between(1, 65535)},
			},
			"path_prefixes": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				Description: "Paths that the service still gets, whole: `/cart` for itself and all beneath it. The longest prefix wins, also over `routes`.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(),
					listvalidator.ValueStringsAre(validate.PathPrefix(), notRoot()),
				},
			},
			"percent": schema.Int64Attribute{
				Optional: true,
				Description: "The share of the requests for the paths of `routes` that the service still gets, from 0 to 100. It is chosen for each request anew, by its x-request-id, " +
					"so that callers inside the cluster which hand that header on stay with one side.",
				Validators: []validator.Int64{int64validator.Between(0, 100)},
			},
			"rewrite_host": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default:     booldefault.StaticBool(false),
				Description: "Ask the service by `legacy.host`. By default it sees the domain's host, as before.",
			},
		},
		Validators: []validator.Object{validate.AtLeastOne("path_prefixes", "percent")},
	}
}

// maxRegex is how long a regular expression may be for Istio.
const maxRegex = 1024
