package external

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/hostname"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

const (
	maxDuration    = 7 * 24 * time.Hour
	maxInt32       = 1<<31 - 1
	defaultTimeout = 5 * time.Minute
)

func externalSchema(ctx context.Context) schema.Schema {
	s := schema.Schema{
		Description: "A service outside the cluster, under a stable name inside it. Callers ask `url` by plain HTTP; the cluster-local gateway " +
			"asks the service, with the timeout, TLS and circuit breaking said here. That needs no sidecars; callers that have one may use the service's own host as well.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required: true,
				Description: "The stable name: the service is `http://NAME.NAMESPACE.svc.cluster.local` (with the cluster's own DNS suffix) inside the cluster. " +
					"A Service of that name, a ServiceEntry, a DestinationRule and a VirtualService are made.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{validate.DNS1035Label()},
			},
			"namespace": schema.StringAttribute{
				Required:      true,
				Description:   "The namespace, which must exist.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{validate.Namespace()},
			},
			"host": schema.StringAttribute{
				Required:    true,
				Description: "The service's own host, such as `soa.example.com`: what it sees in the Host header, and what is resolved unless `endpoints` say where it is.",
				Validators:  []validator.String{hostname.Validator()},
			},
			"ports":             portsAttribute(),
			"endpoints":         endpointsAttribute(),
			"tls":               tlsAttribute(),
			"connection_pool":   connectionPoolAttribute(),
			"outlier_detection": outlierDetectionAttribute(),
			"addresses": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Addresses or CIDR blocks that callers with a sidecar reach the service by. Only a service of plain TCP needs them.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(), listvalidator.ValueStringsAre(validate.Network()),
				},
			},
			"resolution": schema.StringAttribute{
				Optional: true, Computed: true,
				Description: "How the service is found: `static`, at the addresses of `endpoints`; `dns`, by resolving them or `host`; `dns_round_robin`, by the first address of each answer; " +
					"`none`, where callers with a sidecar send to. By default `static` if all endpoints are IP addresses, else `dns`.",
				Validators: []validator.String{stringvalidator.OneOf(resolutionStatic, resolutionDNS, resolutionRoundRobin, resolutionNone)},
			},
			"location": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:     stringdefault.StaticString(locationExternal),
				Description: "Whether the service is `external` to Istio's mesh, or `internal`: a part of it on another machine, spoken to by mutual TLS.",
				Validators:  []validator.String{stringvalidator.OneOf(locationExternal, locationInternal)},
			},
			"timeout": schema.StringAttribute{
				Optional:    true,
				Description: "How long a request may take, such as `3s`, retries and all; `0s`, as by default, is no limit.",
				Validators:  []validator.String{validate.DurationIn(time.Millisecond, 0, maxDuration)},
			},
			"adopt":           lifecycle.AdoptAttribute("the objects of that name if there are some", "refusing to create them"),
			"force_conflicts": lifecycle.ForceConflictsAttribute(),
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long creating the objects may take; 5m by default.",
				Update: true, UpdateDescription: "How long changing the objects may take; 5m by default.",
				Delete: true, DeleteDescription: "How long removing the objects may take; 5m by default.",
			}),
			"url": schema.StringAttribute{
				Computed: true,
				Description: "Where callers inside the cluster ask the service: by HTTP, also where the gateway goes on by TLS. " +
					"It is null if no port speaks HTTP: then the service is for callers with a sidecar alone.",
			},
			"drift": schema.ListAttribute{
				ElementType: types.StringType,
				Computed:    true,
				Description: "What somebody else has changed and no attribute can show. A plan empties the list, and the apply repairs it.",
			},
		},
	}
	maps.Copy(s.Attributes, lifecycle.MetadataAttributes("the objects", serving.Group+"/"))
	return s
}

func portsAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Required: true,
		Description: "The ports that the service listens on. `url` leads to the first that speaks HTTP: `http`, `http2` or `grpc`, or `https` with `tls`, " +
			"by which the gateway speaks TLS for its callers.",
		Validators: []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"number": schema.Int64Attribute{
				Required:    true,
				Description: "The port.",
				Validators:  []validator.Int64{int64validator.Between(1, 65535)},
			},
			"protocol": schema.StringAttribute{
				Required:    true,
				Description: "What is spoken: `http`, `https`, `http2`, `grpc`, `tls`, `tcp`, `mongo`.",
				Validators:  []validator.String{stringvalidator.OneOf("http", "https", "http2", "grpc", "tls", "tcp", "mongo")},
			},
			"target_port": schema.Int64Attribute{
				Optional:    true,
				Description: "The port at the endpoints, where that is another.",
				Validators:  []validator.Int64{int64validator.Between(1, 65535)},
			},
		}},
	}
}

func endpointsAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Optional:    true,
		Description: "Where the service is; by default, where `host` resolves to. The gateway's pods must reach and, for names, resolve it.",
		Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"address": schema.StringAttribute{
				Required:    true,
				Description: "An IP address or a DNS name.",
				Validators:  []validator.String{addressOrName()},
			},
			"weight": schema.Int64Attribute{
				Optional:    true,
				Description: "The endpoint's share of the requests, beside the others'.",
				Validators:  []validator.Int64{int64validator.Between(1, maxInt32)},
			},
			"locality": schema.StringAttribute{
				Optional:    true,
				Description: "Where the endpoint is, as `region/zone`: near ones are asked first.",
				Validators:  []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		}},
	}
}

func tlsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "TLS to the service.",
		Attributes: map[string]schema.Attribute{
			"mode": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:     stringdefault.StaticString(tlsSimple),
				Description: "`simple`; `mutual`, with the client certificate of `secret`; or `disable`, where the mesh would use TLS otherwise.",
				Validators:  []validator.String{stringvalidator.OneOf(tlsSimple, tlsMutual, tlsDisable)},
			},
			"sni": schema.StringAttribute{
				Optional: true,
				Description: "The name that is asked for, and that the service's certificate is verified against unless `subject_alt_names` are given; " +
					"the Host header's by default.",
				Validators: []validator.String{hostname.Validator()},
			},
			"secret": schema.StringAttribute{
				Optional: true,
				Description: "A Secret with the authority that the service's certificate is from (`ca.crt`) and, for `mutual`, the client certificate and key (`tls.crt`, `tls.key`), " +
					"in the namespace of the gateway's pods. By default, the authorities of the gateway's image are trusted.",
				Validators: []validator.String{validate.DNSName()},
			},
			"subject_alt_names": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Names of which the service's certificate must have one.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(),
					listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"insecure_skip_verify": schema.BoolAttribute{
				Optional:    true,
				Description: "Accept any certificate. For tests: whoever is in between can read and change everything.",
			},
		},
	}
}

func connectionPoolAttribute() schema.Attribute {
	number := func(description string, least int64) schema.Attribute {
		return schema.Int64Attribute{Optional: true, Description: description, Validators: []validator.Int64{int64validator.Between(least, maxInt32)}}
	}
	duration := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, Description: description, Validators: []validator.String{validate.DurationIn(time.Millisecond, time.Millisecond, maxDuration)}}
	}
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "How much the service is asked at a time. A request beyond that is answered 503 at once. Limits hold for each pod of the gateway.",
		Attributes: map[string]schema.Attribute{
			"max_connections":             number("How many connections there are at most.", 1),
			"connect_timeout":             duration("How long making a connection may take, such as `2s`; 10s by default."),
			"idle_timeout":                duration("How long a connection may be idle; 1h by default."),
			"max_pending_requests":        number("How many requests may wait for a connection.", 1),
			"max_requests":                number("How many requests may be under way.", 1),
			"max_requests_per_connection": number("After how many requests a connection is closed; 1 is a connection for each.", 1),
			"max_retries":                 number("How many requests may be sent again at a time.", 1),
		},
		Validators: []validator.Object{validate.AtLeastOne("max_connections", "connect_timeout", "idle_timeout", "max_pending_requests", "max_requests", "max_requests_per_connection", "max_retries")},
	}
}

func outlierDetectionAttribute() schema.Attribute {
	number := func(description string, least, most int64) schema.Attribute {
		return schema.Int64Attribute{Optional: true, Description: description, Validators: []validator.Int64{int64validator.Between(least, most)}}
	}
	duration := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, Description: description, Validators: []validator.String{validate.DurationIn(time.Millisecond, time.Millisecond, maxDuration)}}
	}
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "When an endpoint that fails is left out for a while.",
		Attributes: map[string]schema.Attribute{
			"consecutive_5xx":            number("After how many answers of 5xx in a row, failed connections among them; 5 by default, 0 is never.", 0, maxInt32),
			"consecutive_gateway_errors": number("After how many answers of 502, 503 or 504 in a row, failed connections among them; 0, as by default, is never.", 0, maxInt32),
			"interval":                   duration("How often is looked, such as `5s`; 10s by default."),
			"base_ejection_time":         duration("How long an endpoint is left out at first; each time longer. 30s by default."),
			"max_ejection_percent":       number("How many percent of the endpoints may be left out at a time; 10 by default. A service with one endpoint needs 100.", 0, 100),
			"min_health_percent":         number("Below how many percent of healthy endpoints all are asked again; 0 by default.", 0, 100),
		},
		Validators: []validator.Object{validate.AtLeastOne("consecutive_5xx", "consecutive_gateway_errors", "interval", "base_ejection_time", "max_ejection_percent", "min_health_percent")},
	}
}
