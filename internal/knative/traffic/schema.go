package traffic

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

const (
	// defaultWait is longer than a cold start with min_scale takes.
	defaultWait   = 10 * time.Minute
	defaultDelete = 5 * time.Minute

	// defaultDrain leaves every gateway time to learn of the switch before tags
	// go that it may still send requests to.
	defaultDrain = "10s"
	minDrain     = time.Second
	maxDrain     = 24 * time.Hour

	maxInt32 = 1<<31 - 1
)

// trafficSchema is built once: the framework asks for it with every call.
func trafficSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		Description: "Who gets which version of an application: percents, rules by header, cookie, query, path and method, and percents of users instead of requests. " +
			"Callers by a domain (`sls_domain`) get all of it, and switch at one moment; callers by Knative's own hosts get the percents. " +
			"No request fails during a release, a promotion or a rollback: a target can be reached before anything is sent to it, and stays so until `drain` is over.",
		Attributes: map[string]schema.Attribute{
			"application": schema.StringAttribute{
				Required:      true,
				Description:   "The application, such as `sls_application.shop.name`: the reference makes Terraform deploy a version before it gets traffic. Its `rollout` should be `manual` if the traffic is to be managed from its second version on: else the version that comes in the same apply as this resource gets all traffic for a moment.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{validate.DNS1035Label(), stringvalidator.LengthAtMost(maxLabel - 1 - automaticLength)},
			},
			"namespace": schema.StringAttribute{
				Required:      true,
				Description:   "The application's namespace.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{validate.Namespace()},
			},
			"revisions": revisionsAttribute(),
			"rules":     rulesAttribute(),
			"sticky":    stickyAttribute(),
			"version_header": schema.StringAttribute{
				Optional: true,
				Description: "The name of a response header that tells which version has answered, such as `x-version`: the revision's version, or its name if it has none; `latest` for an entry with `latest = true`. " +
					"Callers by a domain get it.",
				Validators: []validator.String{validate.HeaderName()},
			},
			"drain": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:     stringdefault.StaticString(defaultDrain),
				Description: "How long a tag that is retired goes on answering after the switch, such as `30s`: for requests under way, and gateways that have not learned of it. 10s by default.",
				Validators:  []validator.String{validate.Duration(minDrain, maxDrain)},
			},
			"missing_revision": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString(missingError),
				Description: "What happens if the cluster has no revision for an entry: `error`, before anything is written, or `collapse`, for a standby that lacks an old version: " +
					"the entry's share, its tag and its rules go to the present entry with the largest percent, with a warning. A revision that can't start is an error in both cases; one that is still starting is waited for.",
				Validators: []validator.String{stringvalidator.OneOf(missingError, missingCollapse)},
			},
			"probe": probeAttribute(),
			"on_destroy": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString(destroyKeep),
				Description: "What becomes of the traffic when this resource is destroyed: `keep` leaves percents and tags as they are (the rules go), so that later versions get no traffic either; " +
					"`latest` gives all of it to the newest ready revision, now and from then on, as Knative does without a word on traffic.",
				Validators: []validator.String{stringvalidator.OneOf(destroyKeep, destroyLatest)},
			},
			"adopt": lifecycle.AdoptAttribute("traffic that somebody else has set", "refusing to create the resource"),
			"force_conflicts": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default:     booldefault.StaticBool(false),
				Description: "Take over the traffic when another field manager has set it to another value. Without it, that is an error that names the manager and both values.",
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long a switch may take, besides `drain`; 10m by default.",
				Update: true, UpdateDescription: "How long a switch may take, besides `drain`; 10m by default.",
				Delete: true, DeleteDescription: "How long the withdrawal may take, besides `drain`; 5m by default.",
			}),

			"targets": schema.ListNestedAttribute{
				Computed:    true,
				Description: "What each entry of `revisions` came to, in the same order.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"revision": schema.StringAttribute{Computed: true, Description: "The revision; null for `latest = true`, which is another one with each deployment."},
					"version":  schema.StringAttribute{Computed: true, Description: "The revision's version, if it has one."},
					"percent":  schema.Int64Attribute{Computed: true, Description: "Its share of the requests, or of the users with `sticky`."},
					"tag":      schema.StringAttribute{Computed: true, Description: "The tag that it is reached by: yours, or one that was made because a share needs one."},
					"url":      schema.StringAttribute{Computed: true, Description: "Where the tag answers by itself."},
				}},
			},
			"rules_hosts": schema.ListAttribute{
				ElementType: types.StringType,
				Computed:    true,
				Description: "The hosts of the domains that lead to the application: there `rules`, `sticky` and `version_header` apply. Knative's own hosts know only percents.",
			},
			"ready": schema.BoolAttribute{
				Computed:    true,
				Description: "Whether the traffic goes where it should. While it is false, each apply tries again. It stays true while Knative looks again at traffic that was ready.",
			},
			"status_message": schema.StringAttribute{
				Computed:    true,
				Description: "Why the traffic is not ready, in Knative's words; null when it is.",
			},
			"drift": schema.ListAttribute{
				ElementType: types.StringType,
				Computed:    true,
				Description: "What is otherwise on the cluster and no attribute can show: empty unless somebody has changed it. The next apply repairs it.",
			},
		},
	}
}

func revisionsAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Required: true,
		Description: "Who gets how much. The percents of all entries make 100. Keep the order during a ramp: with `sticky`, the first entry is the one that loses and gets back users " +
			"as the others grow and shrink.",
		Validators: []validator.List{listvalidator.SizeBetween(1, 50)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"version": schema.StringAttribute{
				Optional: true,
				Description: "The version: its newest ready revision, of several that which the application stands for now. A version without a ready revision is an error before anything is written. " +
					"One of version, revision and latest.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1), validate.LabelValue()},
			},
			"revision": schema.StringAttribute{
				Optional:    true,
				Description: "The name of one revision, such as `sls_application.shop.revision`, which a plan knows before the revision is made.",
				Validators:  []validator.String{validate.DNS1035Label()},
			},
			"latest": schema.BoolAttribute{
				Optional:    true,
				Description: "`true`: whatever revision is the newest ready one, also after later deployments.",
				Validators:  []validator.Bool{boolvalidator.Equals(true)},
			},
			"percent": schema.Int64Attribute{
				Optional: true, Computed: true,
				Default:     int64default.StaticInt64(0),
				Description: "The share of the requests that no rule takes, in percent; 0 by default. With `sticky`, the share of the users.",
				Validators:  []validator.Int64{int64validator.Between(0, 100)},
			},
			"tag": schema.StringAttribute{
				Optional: true,
				Description: "A name for rules to send to, and by which the entry answers on a host of its own, `TAG-APPLICATION.NAMESPACE.…`. Together with the application's name it has at most 63 characters. " +
					"`latest` is kept for the entry with `latest = true`.",
				Validators: []validator.String{validate.DNS1035Label()},
			},
			"min_scale": schema.Int64Attribute{
				Optional: true,
				Description: "The least number of pods of the revision while it is listed here; they run before it gets any traffic. It goes before the application's `scaling.min`, " +
					"which counts again when the entry goes. Not for `latest = true`.",
				Validators: []validator.Int64{int64validator.Between(1, maxInt32)},
			},
		}},
	}
}

func stickyAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		Description: "Percents are shares of users, not of requests: a user stays with a version. A ramp moves only the users that it must, and back again the same. " +
			"Either each browser gets a random id in a cookie (`cookie`, `ttl`), or requests carry an id already (`cookie` or `header`, with `suffix_digits`). " +
			"The same cookie may serve many applications: then a user is early or late in all of them. Callers by a domain get it.",
		Attributes: map[string]schema.Attribute{
			"cookie": schema.StringAttribute{
				Optional:    true,
				Description: "The name of the cookie: of the random id, which the gateway sets, or with `suffix_digits` of the application's own, which ends in digits.",
				Validators:  []validator.String{validate.HeaderName()}, // the same alphabet
			},
			"ttl": schema.StringAttribute{
				Optional:    true,
				Description: "How long a browser keeps the random id, such as `720h`; 30 days by default.",
				Validators:  []validator.String{validate.Duration(time.Minute, 10*365*24*time.Hour)},
			},
			"domain": schema.StringAttribute{
				Optional:    true,
				Description: "The cookie's domain, for one random id across several hosts; by default the cookie is the host's own.",
				Validators:  []validator.String{validate.DNSName()},
			},
			"header": schema.StringAttribute{
				Optional:    true,
				Description: "The request header whose value ends in the digits of an id, such as an account number.",
				Validators:  []validator.String{validate.HeaderName()},
			},
			"suffix_digits": schema.Int64Attribute{
				Optional:    true,
				Description: "How many of an id's last digits decide: 1 for steps of 10 %, 2 for 1 %, 3 for 0.1 %. Requests without such an id go by the percents.",
				Validators:  []validator.Int64{int64validator.Between(1, 3)},
			},
		},
	}
}

func probeAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		Description: "Prove the traffic before the apply ends: requests from where Terraform runs must be answered by the version that they should be. Each rule is tried with what it matches (unless it matches by regular expressions), " +
			"and the percents without. Needs `version_header`.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				Required:    true,
				Description: "Where to send the requests: a host of `rules_hosts`, or the gateway's address together with `host`, such as `http://203.0.113.7/healthz`.",
				Validators:  []validator.String{httpURL()},
			},
			"host": schema.StringAttribute{
				Optional:    true,
				Description: "The host to ask for, where url has the gateway's address.",
				Validators:  []validator.String{validate.DNSName()},
			},
			"headers": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Further headers of the requests.",
			},
			"status": schema.Int64Attribute{
				Optional: true, Computed: true,
				Default:     int64default.StaticInt64(200),
				Description: "The status that the answers must have; 200 by default.",
				Validators:  []validator.Int64{int64validator.Between(100, 599)},
			},
			"timeout": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:     stringdefault.StaticString("1m"),
				Description: "How long the proof may take; 1m by default. Then the apply fails, and the next one tries again.",
				Validators:  []validator.String{validate.Duration(time.Second, time.Hour)},
			},
		},
	}
}
