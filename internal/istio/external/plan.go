package external

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/hostname"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// ModifyPlan tells as much as can be known before the apply. It asks the cluster
// nothing.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan, config Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	complete(&plan, r.Platform)
	if config.Resolution.IsNull() {
		plan.Resolution = types.StringUnknown()
	}
	plan.URL = types.StringUnknown()
	if lifecycle.AllKnown(req.Plan.Raw, "endpoints") && config.Resolution.IsNull() {
		plan.Resolution = resolutionOf(&Settings{Endpoints: decode(ctx, &plan, &resp.Diagnostics).Endpoints})
	}
	if lifecycle.AllKnown(req.Plan.Raw, "name", "namespace", "ports", "tls") {
		plan.URL = urlOf(decode(ctx, &plan, &resp.Diagnostics), r.placeOf(&plan))
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// ValidateConfig refuses at plan what Istio would refuse or misunderstand.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !lifecycle.AllKnown(req.Config.Raw, "ports", "endpoints", "addresses", "resolution", "tls", "timeout", "location") {
		return // what is known after apply is validated then
	}
	if s := decode(ctx, &m, &resp.Diagnostics); !resp.Diagnostics.HasError() {
		if s.TLS != nil && s.TLS.Mode.IsNull() {
			s.TLS.Mode = types.StringValue(tlsSimple)
		}
		resp.Diagnostics.Append(validateSettings(s)...)
	}
}

// validateSettings returns what is wrong with settings that are known.
func validateSettings(s *Settings) (diags diag.Diagnostics) {
	numbers := map[int64]bool{}
	for i, port := range s.Ports {
		if n := port.Number.ValueInt64(); numbers[n] {
			diags.AddAttributeError(path.Root("ports").AtListIndex(i).AtName("number"), "Two ports with one number", fmt.Sprintf("%d is in the list already.", n))
		}
		numbers[port.Number.ValueInt64()] = true
	}
	validateResolution(s, &diags)
	validateTLS(s, &diags)
	if _, ok := httpPort(s); !ok && !s.Timeout.IsNull() {
		diags.AddAttributeError(path.Root("timeout"), "A timeout is of requests by HTTP",
			"No port speaks HTTP (http, http2, grpc, or https with tls), so that the gateway sees no requests. Leave timeout out, or correct ports.")
	}
	return diags
}

func validateResolution(s *Settings, diags *diag.Diagnostics) {
	at := path.Root("resolution")
	for i, endpoint := range s.Endpoints {
		_, err := netip.ParseAddr(endpoint.Address.ValueString())
		if err != nil && s.Resolution.ValueString() == resolutionStatic {
			diags.AddAttributeError(path.Root("endpoints").AtListIndex(i).AtName("address"), "The address has to be resolved",
				fmt.Sprintf("%q is a name, and resolution is \"static\". Leave resolution out, or set \"dns\".", endpoint.Address.ValueString()))
		}
	}
	switch resolution := s.Resolution.ValueString(); {
	case resolution == resolutionStatic && len(s.Endpoints) == 0:
		diags.AddAttributeError(at, "Nothing says where the service is", "With resolution = \"static\", endpoints have to list its addresses.")
	case resolution == resolutionNone && len(s.Endpoints) > 0:
		diags.AddAttributeError(at, "Endpoints are not used", "With resolution = \"none\", callers say where the service is. Leave endpoints or resolution out.")
	case resolution == resolutionRoundRobin && len(s.Endpoints) > 1:
		diags.AddAttributeError(at, "More than one endpoint", "With resolution = \"dns_round_robin\" there is one name to resolve. Leave resolution out.")
	}
	if _, byGateway := httpPort(s); byGateway && s.Resolution.ValueString() == resolutionNone {
		diags.AddAttributeError(at, "The gateway would not find the service",
			"With resolution = \"none\", a request goes where its caller sends it, and callers of the stable name send it to the gateway. Use dns, or endpoints.")
	}
}

func validateTLS(s *Settings, diags *diag.Diagnostics) {
	if s.TLS == nil {
		return
	}
	at := path.Root("tls")
	switch s.TLS.Mode.ValueString() {
	case tlsMutual:
		if s.TLS.Secret.IsNull() {
			diags.AddAttributeError(at.AtName("secret"), "Mutual TLS needs a certificate", "Name the Secret with the client certificate and its key.")
		}
	case tlsDisable:
		if !s.TLS.Secret.IsNull() || !s.TLS.SNI.IsNull() || len(s.TLS.SubjectAltNames) > 0 || !s.TLS.InsecureSkipVerify.IsNull() {
			diags.AddAttributeError(at, "TLS is disabled", "With mode = \"disable\", nothing else of tls has a meaning. Leave it out.")
		}
	}
	if s.TLS.InsecureSkipVerify.ValueBool() && (len(s.TLS.SubjectAltNames) > 0) {
		diags.AddAttributeError(at.AtName("insecure_skip_verify"), "The certificate is verified or not", "With insecure_skip_verify, no names are verified: leave subject_alt_names out.")
	}
	for i, port := range s.Ports {
		if protocol := port.Protocol.ValueString(); protocol == "tls" && originates(s.TLS) {
			diags.AddAttributeError(path.Root("ports").AtListIndex(i).AtName("protocol"), "Callers speak TLS themselves",
				"A port of the protocol tls is for callers that speak TLS to the service; with tls, the gateway does: use https, or leave tls out.")
		}
	}
}

// addressOrName accepts where an endpoint is.
func addressOrName() validator.String {
	return validate.Text("an IP address or a DNS name", func(value string) []string {
		if _, err := netip.ParseAddr(value); err == nil {
			return nil
		}
		return hostname.Problems(value)
	})
}
