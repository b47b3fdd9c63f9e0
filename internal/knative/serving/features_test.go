package serving

import (
	"reflect"
	"testing"

	"knative.dev/serving/pkg/apis/config"
)

// Every flag of Knative's is listed, under the key by which its parser reads it.
func TestFeaturesAreKnatives(t *testing.T) {
	if got, want := len(Features), reflect.TypeFor[config.Features]().NumField(); got != want {
		t.Errorf("there are %d features, Knative has %d", got, want)
	}
	read := func(key, value string) *config.Features {
		parsed, err := config.NewFeaturesConfigFromMap(map[string]string{key: value})
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	seen := map[string]bool{}
	for _, feature := range Features {
		if seen[feature.Key] {
			t.Errorf("%s is listed twice", feature.Key)
		}
		seen[feature.Key] = true
		on, off := read(feature.Key, "enabled"), read(feature.Key, "disabled")
		if feature.Of(on) != config.Enabled || feature.Of(off) != config.Disabled {
			t.Errorf("the key %s does not lead to its flag: %s, %s", feature.Key, feature.Of(on), feature.Of(off))
		}
	}
}
