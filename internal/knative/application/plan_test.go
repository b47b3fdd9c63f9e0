package application

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

func stringsMap(values map[string]string) types.Map {
	elements := map[string]attr.Value{}
	for key, value := range values {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}

func TestEffective(t *testing.T) {
	t.Parallel()
	defaults := map[string]string{"team": "platform", "tier": "gold"}
	for name, test := range map[string]struct {
		defaults map[string]string
		own      types.Map
		want     types.Map
	}{
		"defaults alone":           {defaults, types.MapNull(types.StringType), stringsMap(defaults)},
		"neither":                  {nil, types.MapNull(types.StringType), stringsMap(nil)},
		"one's own wins":           {defaults, stringsMap(map[string]string{"team": "shop", "x": "y"}), stringsMap(map[string]string{"team": "shop", "tier": "gold", "x": "y"})},
		"one's own is not known":   {defaults, types.MapUnknown(types.StringType), types.MapUnknown(types.StringType)},
		"a value is not known yet": {defaults, types.MapValueMust(types.StringType, map[string]attr.Value{"team": types.StringUnknown()}), types.MapValueMust(types.StringType, map[string]attr.Value{"team": types.StringUnknown(), "tier": types.StringValue("gold")})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := lifecycle.Effective(test.defaults, test.own); !got.Equal(test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// The plan of an update knows what the change can't touch, and nothing that it
// may touch.
func TestPlanStatus(t *testing.T) {
	t.Parallel()
	running := func() Model {
		return Model{
			Labels: stringsMap(nil), EffectiveLabels: stringsMap(nil), EffectiveAnnotations: stringsMap(nil),
			Visibility: types.StringValue(serving.VisibilityPublic), Wait: types.BoolValue(true),
			Revision: types.StringValue("web-1"), LatestReadyRevision: types.StringValue("web-1"), ImageDigest: types.StringValue("image@sha256:1"),
			URL: types.StringValue("http://web"), ClusterLocalURL: types.StringValue("http://web.local"),
			Ready: types.BoolValue(true), StatusMessage: types.StringNull(),
		}
	}
	failed := func(m *Model) {
		m.Ready, m.StatusMessage = types.BoolValue(false), types.StringValue("Why")
	}
	begun := func(m *Model) {
		failed(m)
		m.URL, m.ClusterLocalURL, m.LatestReadyRevision, m.ImageDigest = types.StringNull(), types.StringNull(), types.StringNull(), types.StringNull()
	}
	for name, test := range map[string]struct {
		state, plan   func(*Model)
		urls, outcome bool // whether they are unknown
	}{
		"nothing changes":                  {},
		"scaling changes":                  {plan: func(m *Model) { m.Scaling = types.ObjectUnknown(nil) }},
		"another revision":                 {plan: func(m *Model) { m.Revision = types.StringValue("web-2") }, outcome: true},
		"a revision that is not known":     {plan: func(m *Model) { m.Revision = types.StringUnknown() }, outcome: true},
		"a label":                          {plan: func(m *Model) { m.Labels = stringsMap(map[string]string{"a": "b"}) }, urls: true},
		"a default label":                  {plan: func(m *Model) { m.EffectiveLabels = stringsMap(map[string]string{"a": "b"}) }, urls: true},
		"an annotation":                    {plan: func(m *Model) { m.EffectiveAnnotations = stringsMap(map[string]string{"a": "b"}) }, urls: true},
		"visibility":                       {plan: func(m *Model) { m.Visibility = types.StringValue(serving.VisibilityLocal) }, urls: true},
		"a retry":                          {state: failed, outcome: true},
		"no retry for who does not wait":   {state: failed, plan: func(m *Model) { m.Wait = types.BoolValue(false) }},
		"what a create did not learn":      {state: begun, urls: true, outcome: true},
		"nor is it asked who did not wait": {state: begun, plan: func(m *Model) { m.Wait = types.BoolValue(false) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := running()
			if test.state != nil {
				test.state(&state)
			}
			plan := state
			// The framework proposes every computed value as not known.
			plan.URL, plan.ClusterLocalURL, plan.LatestReadyRevision, plan.ImageDigest = types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
			plan.Ready, plan.StatusMessage = types.BoolUnknown(), types.StringUnknown()
			if test.plan != nil {
				test.plan(&plan)
			}
			planStatus(&plan, &state)
			expectPlanned(t, test.urls, state.URL, plan.URL)
			expectPlanned(t, test.urls, state.ClusterLocalURL, plan.ClusterLocalURL)
			expectPlanned(t, test.outcome, state.LatestReadyRevision, plan.LatestReadyRevision)
			expectPlanned(t, test.outcome, state.ImageDigest, plan.ImageDigest)
			expectPlanned(t, test.outcome, state.Ready, plan.Ready)
			expectPlanned(t, test.outcome, state.StatusMessage, plan.StatusMessage)
		})
	}
}

func expectPlanned(t *testing.T, unknown bool, was, planned attr.Value) {
	t.Helper()
	if planned.IsUnknown() != unknown || (!unknown && !planned.Equal(was)) {
		t.Errorf("it was %s and is planned as %s", was, planned)
	}
}
