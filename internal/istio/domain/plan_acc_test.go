package domain_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// changes checks that a plan changes an attribute of the domain, from and to
// what: values, or checks of them.
func changes(attribute string, from, to any) plancheck.PlanCheck { return change{attribute, from, to} }

type change struct {
	attribute string
	from, to  any
}

// CheckPlan implements plancheck.PlanCheck.
func (c change) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, planned := range req.Plan.ResourceChanges {
		if planned.Address != shop {
			continue
		}
		before, _ := planned.Change.Before.(map[string]any)
		after, _ := planned.Change.After.(map[string]any)
		for _, side := range []struct {
			want, got any
		}{{c.from, before[c.attribute]}, {c.to, after[c.attribute]}} {
			if check, ok := side.want.(knownvalue.Check); ok {
				if err := check.CheckValue(side.got); err != nil {
					resp.Error = err
				}
			} else if side.want != side.got {
				resp.Error = fmt.Errorf("%s is %v, want %v", c.attribute, side.got, side.want)
			}
		}
		return
	}
	resp.Error = fmt.Errorf("the plan has nothing of %s", shop)
}

// driftSays checks that the first entry of a list says the texts.
func driftSays(texts ...string) knownvalue.Check { return says(texts) }

type says []string

// CheckValue implements knownvalue.Check.
func (s says) CheckValue(value any) error {
	list, _ := value.([]any)
	if len(list) == 0 {
		return fmt.Errorf("nothing is said")
	}
	for _, text := range s {
		if said, _ := list[0].(string); !strings.Contains(said, text) {
			return fmt.Errorf("%q does not say %q", said, text)
		}
	}
	return nil
}

// String implements knownvalue.Check.
func (s says) String() string { return strings.Join(s, ", ") }
