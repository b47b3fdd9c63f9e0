package domain

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/hostname"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

const (
	defaultWait   = 5 * time.Minute
	defaultDelete = 5 * time.Minute
)

// domainSchema is built once: the framework asks for it with every call.
func domainSchema(ctx context.Context) schema.Schema {
	s := schema.Schema{
		Description: "A domain: a host, and which applications answer on it. It is a VirtualService of Istio on the platform's gateway, " +
			"which hands requests to the rules of `sls_revision_traffic` where an application has some, and to the application otherwise. " +
			"Requests go from gateway to gateway: for WebSockets, the platform needs a DestinationRule with `useClientProtocol` for the cluster-local gateway's host, because its Service says HTTP/2.",
		Attributes: map[string]schema.Attribute{
			"host": schema.StringAttribute{
				Required: true,
				Description: "The host, such as `shop.example.com`, without a port or wildcard. The function `domain` makes one from a template. " +
					"An internal domain may have the form `NAME.NAMESPACE.svc.cluster.local` (with the cluster's own DNS suffix): then a Service of that name makes it resolve inside the cluster.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{hostname.Validator()},
			},
			"namespace": schema.StringAttribute{
				Required:      true,
				Description:   "The namespace of the domain, which must exist. Applications may be in others.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{validate.Namespace()},
			},
			"name": schema.StringAttribute{
				Optional: true, Computed: true,
				Description: "The name of the VirtualService; the host by default. Only a second domain with the same host in the same namespace needs another, " +
					"such as one for another path prefix or scope.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIfConfigured()},
				Validators:    []validator.String{validate.DNSName()},
			},
			"scope": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString(scopePublic),
				Description: "Who reaches the domain: `public`, whoever reaches the ingress gateway, or `internal`, callers inside the cluster, by the cluster-local gateway. " +
					"An application's own cluster-local name knows no rules of `sls_revision_traffic`: an internal domain is how callers inside the cluster get them.",
				Validators: []validator.String{stringvalidator.OneOf(scopePublic, scopeInternal)},
			},
			"routes": routesAttribute(),
			"gateways": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Istio's Gateways that the domain is on, as `namespace/name`, in place of the one of the provider's `ingress`. " +
					"A Gateway that `tls` makes comes on top.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(),
					listvalidator.ValueStringsAre(validate.NamespacedName()),
				},
			},
			"adopt":           lifecycle.AdoptAttribute("a VirtualService of that name if there is one", "refusing to create it"),
			"force_conflicts": lifecycle.ForceConflictsAttribute(),
			"wait": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default: booldefault.StaticBool(false),
				Description: "Wait until the certificate of `tls.issuer` is issued. It is off by default, because an issuer often wants the host's DNS record first, " +
					"and that is made from `dns_target`. Everything else is in force when Istio's webhook has accepted it, and gateways know it a moment later: Istio reports nothing that could be waited for.",
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long to wait for the certificate of a new domain; 5m by default.",
				Update: true, UpdateDescription: "How long to wait for the certificate of a changed domain; 5m by default.",
				Delete: true, DeleteDescription: "How long removing the domain may take; 5m by default.",
			}),

			"url": schema.StringAttribute{
				Computed:    true,
				Description: "Where the domain answers: `https` with `tls` or `https_redirect`, else `http`.",
			},
			"dns_target": schema.StringAttribute{
				Computed: true,
				Description: "What the host's DNS record has to point to: the address or host name of the load balancer of the provider's `ingress.gateway_service`, " +
					"or for an internal domain the host of the cluster-local gateway. It is empty while there is none, and `dns_message` says why.",
			},
			"dns_message": schema.StringAttribute{
				Computed:    true,
				Description: "Why `dns_target` is empty; null when it is not.",
			},
			"certificate_status": schema.StringAttribute{
				Computed: true,
				Description: "How the host's certificate stands: `valid`, or what it lacks in a sentence. " +
					"Of a Secret that may not be read, and without `tls`, it is null.",
			},
			"ready": schema.BoolAttribute{
				Computed: true,
				Description: "Whether all that the domain is made of is on the cluster, accepted by Istio's webhook and, with `tls.issuer`, the certificate issued. " +
					"Istio does not report whether its gateways have loaded a VirtualService: that takes a moment longer.",
			},
			"status_message": schema.StringAttribute{
				Computed:    true,
				Description: "Why the domain is not ready; null when it is.",
			},
			"drift": schema.ListAttribute{
				ElementType: types.StringType,
				Computed:    true,
				Description: "What somebody else has changed and no attribute can show. A plan empties the list, and the apply repairs it.",
			},
		},
	}
	maps.Copy(s.Attributes, lifecycle.MetadataAttributes("the objects that the domain is made of", group+"/"))
	maps.Copy(s.Attributes, treatmentAttributes())
	return s
}
