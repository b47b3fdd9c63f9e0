package traffic

import (
	"maps"
	"testing"
)

// What was said before is written down once, and comes back.
func TestMinScaleComesBack(t *testing.T) {
	const key, older, earlier = "autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/minScale", "sls-platform.github.io/earlier-min-scale"
	for name, test := range map[string]struct {
		live, changed map[string]string
	}{
		"nothing said":         {map[string]string{"other": "x"}, map[string]string{"other": "x", key: "3", earlier: ""}},
		"something said":       {map[string]string{key: "1"}, map[string]string{key: "3", earlier: "1"}},
		"the same said":        {map[string]string{key: "3"}, map[string]string{key: "3", earlier: "3"}},
		"said in the old way":  {map[string]string{older: "1"}, map[string]string{older: "3", earlier: "1"}},
		"zero said":            {map[string]string{key: "0"}, map[string]string{key: "3", earlier: "0"}},
		"kept already":         {map[string]string{key: "2", earlier: "1"}, map[string]string{key: "3", earlier: "1"}},
		"kept as it should be": {map[string]string{key: "3", earlier: "1"}, map[string]string{key: "3", earlier: "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			live := maps.Clone(test.live)
			patch(live, minScaleChanges(live, 3))
			if !maps.Equal(live, test.changed) {
				t.Errorf("got %v, want %v", live, test.changed)
			}
			if again := minScaleChanges(live, 3); len(again) > 0 {
				t.Errorf("the next time it changes %v", again)
			}
			patch(live, earlierMinScale(live))
			before := maps.Clone(test.live)
			if was, kept := before[earlier]; kept {
				delete(before, earlier)
				before[key] = was
			}
			if !maps.Equal(live, before) {
				t.Errorf("in the end it is %v, want %v", live, before)
			}
			if again := earlierMinScale(live); len(again) > 0 {
				t.Errorf("given back once more it changes %v", again)
			}
		})
	}
}

// patch does what a JSON merge patch does.
func patch(annotations map[string]string, changes map[string]any) {
	for key, value := range changes {
		if text, ok := value.(string); ok {
			annotations[key] = text
		} else {
			delete(annotations, key)
		}
	}
}

func TestMinScales(t *testing.T) {
	ts := of(rev("a", 50, ""), rev("a", 0, "x"), rev("b", 50, ""), rev("c", 0, "y"))
	ts[0].minScale, ts[1].minScale, ts[2].minScale = 1, 3, 2
	if got, want := ts.minScales(), map[string]int64{"a": 3, "b": 2}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
