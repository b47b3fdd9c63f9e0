package application

import "testing"

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
