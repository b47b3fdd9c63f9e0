package domain

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// ValidateConfig refuses at plan what can be told from the configuration alone.
// What depends on the provider's own configuration is told by ModifyPlan.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validateModel(&m, &resp.Diagnostics)
}

func validateModel(m *Model, diags *diag.Diagnostics) {
	if internal := m.Scope.ValueString() == scopeInternal; internal {
		if !m.TLS.IsNull() {
			diags.AddAttributeError(path.Root("tls"), "An internal domain has no TLS",
				"The cluster-local gateway speaks plain HTTP. Leave tls out, or make the domain public.")
		}
		if m.HTTPSRedirect.ValueBool() {
			diags.AddAttributeError(path.Root("https_redirect"), "An internal domain has no TLS",
				"The cluster-local gateway speaks plain HTTP, so that a redirect to HTTPS would lead nowhere.")
		}
	}
}

// validateRules returns what is wrong with rules that are known.
func validateRules(r *Rules, at place) (diags diag.Diagnostics) {
	validatePrefixes(r, &diags)
	validateHost(r, at, &diags)
	if r.CORS != nil {
		validateOrigins(r.CORS, &diags)
	}
	if r.Headers != nil {
		validateHeaders(r.Headers.Request, path.Root("headers").AtName("request"), true, &diags)
		validateHeaders(r.Headers.Response, path.Root("headers").AtName("response"), false, &diags)
	}
	return diags
}

// validateOrigins refuses expressions that the gateway would stumble over: it
// would then keep its old routes, for all domains.
func validateOrigins(c *CORS, diags *diag.Diagnostics) {
	for i, origin := range c.AllowOrigins {
		if origin.Regex.IsNull() {
			continue
		}
		if err := routing.CheckRegex(origin.Regex.ValueString()); err != nil {
			diags.AddAttributeError(path.Root("cors").AtName("allow_origins").AtListIndex(i).AtName("regex"), "The gateway can't use the expression", err.Error()+".")
		}
	}
}

// validatePrefixes refuses two routes for the same paths.
func validatePrefixes(r *Rules, diags *diag.Diagnostics) {
	taken := map[string]string{}
	for i, route := range r.Routes {
		prefix := route.PathPrefix.ValueString()
		at := path.Root("routes").AtListIndex(i)
		if by := taken[prefix]; by != "" {
			diags.AddAttributeError(at.AtName("path_prefix"), "Two routes for the same paths", fmt.Sprintf("%s is the prefix of %s already.", prefix, by))
		}
		taken[prefix] = at.String()
	}
	if r.Legacy == nil {
		return
	}
	for i, prefix := range r.Legacy.PathPrefixes {
		if by := taken[prefix]; by != "" {
			diags.AddAttributeError(path.Root("legacy").AtName("path_prefixes").AtListIndex(i), "Two routes for the same paths",
				fmt.Sprintf("%s is the prefix of %s: either the application gets it or the legacy service.", prefix, by))
		}
	}
}

// validateHost refuses hosts that are Knative's or another namespace's to give.
func validateHost(r *Rules, at place, diags *diag.Diagnostics) {
	where := path.Root("host")
	inCluster := strings.HasSuffix(r.Host, ".svc."+at.ingress.ClusterDomain)
	_, namespace, ofService := serviceOf(r, at)
	switch {
	case inCluster && r.Scope == scopePublic:
		diags.AddAttributeError(where, "The host is one inside the cluster",
			fmt.Sprintf("Nobody outside resolves %s. Choose another host, or set scope = \"internal\".", r.Host))
	case inCluster && !ofService:
		diags.AddAttributeError(where, "The host is not of the form of a Service's",
			fmt.Sprintf("A host inside the cluster has the form NAME.NAMESPACE.svc.%s.", at.ingress.ClusterDomain))
	case ofService && namespace != at.namespace:
		diags.AddAttributeError(where, "The host belongs to another namespace",
			fmt.Sprintf("The Service that makes %s resolve would be in the namespace %s, and the domain is in %s. Put the domain there, or choose a host of its own namespace.", r.Host, namespace, at.namespace))
	case slices.ContainsFunc(applications(r, at), func(a routing.Application) bool {
		return routing.InternalHost(a.Name, a.Namespace, at.ingress.ClusterDomain) == r.Host
	}):
		diags.AddAttributeError(where, "The host is the application's own",
			fmt.Sprintf("Knative answers for %s itself. Choose another name, such as %s-internal.", r.Host, strings.SplitN(r.Host, ".", 2)[0]))
	}
}

// validateHeaders refuses changes that are the domain's own, or fight.
func validateHeaders(changes *HeaderChanges, at path.Path, request bool, diags *diag.Diagnostics) {
	if changes == nil {
		return
	}
	by := map[string]string{}
	see := func(attribute, name string, where path.Path) {
		key := strings.ToLower(name)
		if request && key == forwardedHost {
			diags.AddAttributeError(where, "The header is the domain's own", "X-Forwarded-Host tells the application by which host it was asked; a domain sets it by itself.")
		}
		if before, twice := by[key]; twice {
			diags.AddAttributeError(where, "The header is changed twice", fmt.Sprintf("%s is in %s as well. The case of letters makes no difference.", name, before))
		}
		by[key] = attribute
	}
	for name := range changes.Set {
		see("set", name, at.AtName("set").AtMapKey(name))
	}
	for name := range changes.Add {
		see("add", name, at.AtName("add").AtMapKey(name))
	}
	for i, name := range changes.Remove {
		see("remove", name, at.AtName("remove").AtListIndex(i))
	}
}

// refuseUnfit adds an error for each route under whose prefix an application's
// rules don't fit.
func refuseUnfit(ctx context.Context, cluster *kube.Cluster, want *desired, diags *diag.Diagnostics) error {
	for i, route := range want.rules.Routes {
		if route.PathPrefix.ValueString() == "/" {
			continue
		}
		_, err := rebased(ctx, cluster.Read, delegation{applicationOf(&want.rules.Routes[i], want.place), route.PathPrefix.ValueString()})
		if err == nil || forbidden(err) {
			continue
		}
		if offline(err) {
			return err
		}
		problem := problemOf(err)
		diags.AddAttributeError(path.Root("routes").AtListIndex(i).AtName("path_prefix"), problem.Summary, problem.Detail)
	}
	return nil
}

// retryConditions are what Envoy can send a request again for, beside status
// codes.
var retryConditions = []string{
	"5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream",
	"retriable-status-codes", "retriable-headers", "envoy-ratelimited", "http3-post-connect-failure",
	"cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
}

func retryCondition() validator.String {
	return validate.Text("something that a request can be sent again for", func(value string) []string {
		if code, err := strconv.Atoi(value); err == nil && http.StatusText(code) != "" || slices.Contains(retryConditions, value) {
			return nil
		}
		return []string{"there are status codes, " + strings.Join(retryConditions, ", ")}
	})
}

// changeableHeader accepts headers that a gateway may change. The host is how it
// finds the application.
func changeableHeader() validator.String {
	return validate.Text("a header that a domain may change", func(value string) []string {
		if strings.EqualFold(value, "host") {
			return []string{"by the Host header the gateway finds the application"}
		}
		return validation.IsHTTPHeaderName(value)
	})
}

func headerOrStar() validator.String {
	return validate.Text("the name of an HTTP header, or *", func(value string) []string {
		if value == "*" {
			return nil
		}
		return validation.IsHTTPHeaderName(value)
	})
}

func notRoot() validator.String {
	return validate.Text("a part of the paths", func(value string) []string {
		if value == "/" {
			return []string{"the legacy service would have all paths: leave the domain with it, or use percent"}
		}
		return nil
	})
}
