package application

import (
	"maps"
	"slices"
	"testing"

	"knative.dev/serving/pkg/apis/autoscaling"
)

func TestScalingIsAnnotations(t *testing.T) {
	got := expandScaling(configured(t, `{"scaling": {"min": 0, "max": 10, "class": "hpa", "metric": "cpu", "target": 75, "utilization": 70.5, "window": "90s"}}`).scaling)
	want := map[string]string{
		"autoscaling.knative.dev/min-scale": "0", "autoscaling.knative.dev/max-scale": "10",
		"autoscaling.knative.dev/class": "hpa.autoscaling.knative.dev", "autoscaling.knative.dev/metric": "cpu",
		"autoscaling.knative.dev/target": "75", "autoscaling.knative.dev/target-utilization-percentage": "70.5", "autoscaling.knative.dev/window": "90s",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := expandScaling(nil); got != nil {
		t.Errorf("no scaling is %v", got)
	}
}

// TestAllOfKnativesAnnotationsAreAttributes fails when a new version of Knative
// has an annotation that is no attribute yet.
func TestAllOfKnativesAnnotationsAreAttributes(t *testing.T) {
	for _, keys := range [][]string{
		autoscaling.ClassAnnotation, autoscaling.InitialScaleAnnotation, autoscaling.MaxScaleAnnotation, autoscaling.MetricAnnotation,
		autoscaling.MetricAggregationAlgorithmAnnotation, autoscaling.ActivationScale, autoscaling.MinScaleAnnotation,
		autoscaling.PanicThresholdPercentageAnnotation, autoscaling.PanicWindowPercentageAnnotation, autoscaling.ScaleDownDelayAnnotation,
		autoscaling.ScaleToZeroPodRetentionPeriodAnnotation, autoscaling.TargetAnnotation, autoscaling.TargetBurstCapacityAnnotation,
		autoscaling.TargetUtilizationPercentageAnnotation, autoscaling.WindowAnnotation,
	} {
		if !slices.ContainsFunc(scalingFields, func(f scalingField) bool { return slices.Equal(f.annotation, keys) }) {
			t.Errorf("no attribute is %s", keys[0])
		}
	}
}

func TestScalingReadsBackWhatIsOurs(t *testing.T) {
	live := map[string]string{
		"autoscaling.knative.dev/min-scale": "3", "autoscaling.knative.dev/max-scale": "9", "autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev",
		"autoscaling.knative.dev/targetBurstCapacity": "-1", "other": "x",
	}
	prior := configured(t, `{"scaling": {"min": 1, "initial": 2}}`).scaling
	flat, err := flattenScaling(live, prior)
	if err != nil {
		t.Fatal(err)
	}
	if flat.Min.ValueInt64() != 3 || !flat.Initial.IsNull() || !flat.Max.IsNull() || !flat.Class.IsNull() {
		t.Errorf("got %+v", flat)
	}
	imported, err := flattenScaling(live, nil)
	if err != nil {
		t.Fatal(err)
	}
	if imported.Max.ValueInt64() != 9 || imported.Class.ValueString() != "kpa" || imported.TargetBurstCapacity.ValueFloat64() != -1 {
		t.Errorf("imported %+v", imported)
	}
	if _, err := flattenScaling(map[string]string{"autoscaling.knative.dev/min-scale": "some"}, nil); err == nil {
		t.Error("what is no number was read as one")
	}
}
