package noop

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Verified has a server of Server ask the framework whenever it has an answer of its
// own, and fail if the two are not the same. It is for tests: all that run with it
// show that the server takes nothing for a no-op that is none.
func Verified(of tfprotov6.ProviderServer) (tfprotov6.ProviderServer, error) {
	s, ok := of.(*server)
	if !ok {
		return nil, fmt.Errorf("a %T is no server of this package", of)
	}
	s.verified = true
	return s, nil
}

func (s *server) verifyUpgrade(ctx context.Context, r *served, req *tfprotov6.UpgradeResourceStateRequest, quick *tfprotov6.UpgradeResourceStateResponse) error {
	if !s.verified {
		return nil
	}
	full, err := s.everything.UpgradeResourceState(ctx, req)
	if err != nil {
		return err
	}
	return r.verify(ctx, "UpgradeResourceState", full.Diagnostics, quick.UpgradedState, full.UpgradedState)
}

func (s *server) verifyValidate(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) error {
	if !s.verified {
		return nil
	}
	full, err := s.everything.ValidateResourceConfig(ctx, req)
	if err != nil {
		return err
	}
	for _, d := range full.Diagnostics {
		return fmt.Errorf("ValidateResourceConfig: the framework says: %s: %s", d.Summary, d.Detail)
	}
	return nil
}

func (s *server) verifyRead(ctx context.Context, req *tfprotov6.ReadResourceRequest, quick *tfprotov6.ReadResourceResponse) error {
	if !s.verified {
		return nil
	}
	full, err := s.everything.ReadResource(ctx, req)
	if err != nil {
		return err
	}
	r := s.served(ctx, req.TypeName)
	if err := r.verify(ctx, "ReadResource", full.Diagnostics, quick.NewState, full.NewState); err != nil {
		return err
	}
	if !sameIdentity(quick.NewIdentity, full.NewIdentity) {
		return fmt.Errorf("ReadResource of %s: the framework has another identity", req.TypeName)
	}
	return verifyPrivate("ReadResource", quick.Private, full.Private)
}

func (s *server) verifyPlan(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest, quick *tfprotov6.PlanResourceChangeResponse) error {
	if !s.verified {
		return nil
	}
	full, err := s.everything.PlanResourceChange(ctx, req)
	if err != nil {
		return err
	}
	if len(full.RequiresReplace) > 0 {
		return fmt.Errorf("PlanResourceChange of %s: the framework replaces it, for %v", req.TypeName, full.RequiresReplace)
	}
	r := s.served(ctx, req.TypeName)
	if err := r.verify(ctx, "PlanResourceChange", full.Diagnostics, quick.PlannedState, full.PlannedState); err != nil {
		return err
	}
	return verifyPrivate("PlanResourceChange", quick.PlannedPrivate, full.PlannedPrivate)
}

// verify returns an error if the framework had something to say, or another value.
func (r *served) verify(ctx context.Context, what string, said []*tfprotov6.Diagnostic, quick, full *tfprotov6.DynamicValue) error {
	for _, d := range said {
		return fmt.Errorf("%s: the framework says: %s: %s", what, d.Summary, d.Detail)
	}
	typ := r.schema.typ.TerraformType(ctx)
	is, err := quick.Unmarshal(typ)
	if err != nil {
		return err
	}
	should, err := full.Unmarshal(typ)
	if err != nil {
		return err
	}
	differences, err := should.Diff(is)
	if err == nil && len(differences) > 0 {
		err = fmt.Errorf("%s: the framework has something else: %v", what, slices.Collect(func(yield func(string) bool) {
			for _, d := range differences {
				if !yield(d.String()) {
					return
				}
			}
		}))
	}
	return err
}

func verifyPrivate(what string, quick, full []byte) error {
	is, known := privateOf(quick)
	should, alike := privateOf(full)
	if !known || !alike || !maps.EqualFunc(is, should, slices.Equal[[]byte]) {
		return fmt.Errorf("%s: the framework keeps something else beside the state: %s, not %s", what, full, quick)
	}
	return nil
}
