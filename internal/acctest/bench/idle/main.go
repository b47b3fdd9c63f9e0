// Command idle is a provider with this provider's schema that does nothing: it hands
// back what it is asked about, or to make. What a plan without changes, or an apply,
// takes with it, Terraform takes for resources of this schema, whoever serves them.
package main

import (
	"context"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/sls-platform/terraform-provider-sls/internal/provider"
)

type idle struct{ tfprotov6.ProviderServer }

func main() {
	log.SetFlags(0)
	server, err := provider.NewServer("0.0.0", func(string) (string, bool) { return "", false })
	if err != nil {
		log.Fatal(err)
	}
	// As the provider's own, which is not told of each call.
	if err := os.Setenv("TF_LOG_SDK_PROTO", "off"); err != nil {
		log.Fatal(err)
	}
	if err := tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer { return idle{server} }); err != nil {
		log.Fatal(err)
	}
}

func (idle) ValidateProviderConfig(_ context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config}, nil
}

func (idle) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (idle) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (idle) UpgradeResourceState(_ context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &tfprotov6.DynamicValue{JSON: req.RawState.JSON}}, nil
}

func (idle) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private, NewIdentity: req.CurrentIdentity}, nil
}

func (idle) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	planned := req.PriorState
	for _, of := range []*tfprotov6.DynamicValue{req.PriorState, req.ProposedNewState} {
		none, err := of.IsNull()
		if err != nil {
			return nil, err
		}
		if none { // it is to be made, or to go
			planned = req.ProposedNewState
		}
	}
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity}, nil
}

func (idle) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return &tfprotov6.ApplyResourceChangeResponse{NewState: req.PlannedState, Private: req.PlannedPrivate, NewIdentity: req.PlannedIdentity}, nil
}
