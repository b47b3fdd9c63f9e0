package application

import (
	"maps"
	"testing"
)

func TestScalingChanges(t *testing.T) {
	t.Parallel()
	type annotations = map[string]string
	for name, test := range map[string]struct {
		live, was, want annotations
		changes         map[string]any
	}{
		"nothing to do":                {annotations{"min": "1", "foreign": "x"}, annotations{"min": "1"}, annotations{"min": "1"}, nil},
		"a new value":                  {annotations{"min": "1"}, annotations{"min": "1"}, annotations{"min": "2"}, map[string]any{"min": "2"}},
		"a first value":                {nil, nil, annotations{"min": "2"}, map[string]any{"min": "2"}},
		"one that somebody has undone": {annotations{}, annotations{"min": "1"}, annotations{"min": "1"}, map[string]any{"min": "1"}},
		"ours goes, theirs stays":      {annotations{"min": "1", "max": "9"}, annotations{"min": "1"}, nil, map[string]any{"min": nil}},
		"ours that is gone":            {annotations{"max": "9"}, annotations{"min": "1"}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := scalingChanges(test.live, test.was, test.want)
			if len(got) != len(test.changes) {
				t.Errorf("got %v", got)
			}
			for key, value := range test.changes {
				if now, there := got[key]; !there || now != value {
					t.Errorf("got %v", got)
				}
			}
		})
	}
}

func TestOwnScaling(t *testing.T) {
	t.Parallel()
	type annotations = map[string]string
	const earlier = "sls-platform.github.io/earlier-min-scale"
	for name, test := range map[string]struct {
		live, was, want annotations
		own             annotations
		changes         map[string]any
	}{
		"ours": {
			annotations{"autoscaling.knative.dev/min-scale": "2"},
			nil,
			annotations{"autoscaling.knative.dev/min-scale": "1"},
			annotations{"autoscaling.knative.dev/min-scale": "2"},
			map[string]any{"autoscaling.knative.dev/min-scale": "1"},
		},
		"kept by the traffic": {
			annotations{"autoscaling.knative.dev/min-scale": "2", "autoscaling.knative.dev/max-scale": "9", earlier: "1"},
			nil,
			annotations{"autoscaling.knative.dev/min-scale": "1"},
			annotations{"autoscaling.knative.dev/min-scale": "1", "autoscaling.knative.dev/max-scale": "9", earlier: "1"},
			nil,
		},
		"in its older spelling, with another wish": {
			annotations{"autoscaling.knative.dev/minScale": "2", earlier: ""},
			nil,
			annotations{"autoscaling.knative.dev/min-scale": "1"},
			annotations{earlier: ""},
			map[string]any{earlier: "1"},
		},
		"no wish any more": {
			annotations{"autoscaling.knative.dev/min-scale": "2", earlier: "1"},
			annotations{"autoscaling.knative.dev/min-scale": "1"},
			nil,
			annotations{"autoscaling.knative.dev/min-scale": "1", earlier: "1"},
			map[string]any{earlier: ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := maps.Clone(test.live)
			own, elsewhere := ownScaling(test.live)
			if _, kept := test.live[earlier]; elsewhere != kept || !maps.Equal(own, test.own) || !maps.Equal(test.live, before) {
				t.Errorf("own is %v, elsewhere %t; the live one %v", own, elsewhere, test.live)
			}
			changes := scalingChanges(own, test.was, test.want)
			if elsewhere {
				remindMinimum(changes)
			}
			if !maps.Equal(changes, test.changes) {
				t.Errorf("the changes are %v, want %v", changes, test.changes)
			}
		})
	}
}
