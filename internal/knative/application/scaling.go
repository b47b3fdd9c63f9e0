package application

import (
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"knative.dev/pkg/kmap"
	"knative.dev/serving/pkg/apis/autoscaling"
)

// classDomain follows the short name of an autoscaler in its annotation.
const classDomain = "." + autoscaling.GroupName

// scalingField ties one attribute of scaling to its annotation. Knative reads an
// older spelling of some of them too.
type scalingField struct {
	attribute  string
	annotation kmap.KeyPriority
	get        func(*Scaling) (text string, set bool)
	set        func(*Scaling, string) error
}

// scalingFields is the whole of scaling: what expands, flattens and validates
// goes through this table, so that none of them can forget an attribute.
var scalingFields = []scalingField{
	count("min", autoscaling.MinScaleAnnotation, func(s *Scaling) *types.Int64 { return &s.Min }),
	count("max", autoscaling.MaxScaleAnnotation, func(s *Scaling) *types.Int64 { return &s.Max }),
	count("initial", autoscaling.InitialScaleAnnotation, func(s *Scaling) *types.Int64 { return &s.Initial }),
	count("activation_scale", autoscaling.ActivationScale, func(s *Scaling) *types.Int64 { return &s.ActivationScale }),
	word("class", autoscaling.ClassAnnotation, classDomain, func(s *Scaling) *types.String { return &s.Class }),
	word("metric", autoscaling.MetricAnnotation, "", func(s *Scaling) *types.String { return &s.Metric }),
	word("metric_aggregation", autoscaling.MetricAggregationAlgorithmAnnotation, "", func(s *Scaling) *types.String { return &s.MetricAggregation }),
	decimal("target", autoscaling.TargetAnnotation, func(s *Scaling) *types.Float64 { return &s.Target }),
	decimal("utilization", autoscaling.TargetUtilizationPercentageAnnotation, func(s *Scaling) *types.Float64 { return &s.Utilization }),
	decimal("target_burst_capacity", autoscaling.TargetBurstCapacityAnnotation, func(s *Scaling) *types.Float64 { return &s.TargetBurstCapacity }),
	word("window", autoscaling.WindowAnnotation, "", func(s *Scaling) *types.String { return &s.Window }),
	decimal("panic_window_percentage", autoscaling.PanicWindowPercentageAnnotation, func(s *Scaling) *types.Float64 { return &s.PanicWindowPercentage }),
	decimal("panic_threshold_percentage", autoscaling.PanicThresholdPercentageAnnotation, func(s *Scaling) *types.Float64 { return &s.PanicThresholdPercentage }),
	word("scale_down_delay", autoscaling.ScaleDownDelayAnnotation, "", func(s *Scaling) *types.String { return &s.ScaleDownDelay }),
	word("retention", autoscaling.ScaleToZeroPodRetentionPeriodAnnotation, "", func(s *Scaling) *types.String { return &s.Retention }),
}

// expandScaling returns scaling as annotations; nil means nothing is set.
func expandScaling(s *Scaling) map[string]string {
	if s == nil {
		return nil
	}
	annotations := map[string]string{}
	for _, f := range scalingFields {
		if text, set := f.get(s); set {
			annotations[f.annotation.Key()] = text
		}
	}
	return annotations
}

// flattenScaling reads back those attributes that prior sets, or all that the
// annotations have when prior is nil.
func flattenScaling(annotations map[string]string, prior *Scaling) (*Scaling, error) {
	flat := &Scaling{}
	for _, f := range scalingFields {
		if prior != nil {
			if _, ours := f.get(prior); !ours {
				continue
			}
		}
		if _, text, there := f.annotation.Get(annotations); there {
			if err := f.set(flat, text); err != nil {
				return nil, err
			}
		}
	}
	return flat, nil
}

func count(attribute string, annotation kmap.KeyPriority, at func(*Scaling) *types.Int64) scalingField {
	return scalingField{
		attribute, annotation,
		func(s *Scaling) (string, bool) {
			v := at(s)
			return strconv.FormatInt(v.ValueInt64(), 10), !v.IsNull()
		},
		func(s *Scaling, text string) error {
			v, err := strconv.ParseInt(text, 10, 64)
			*at(s) = types.Int64Value(v)
			return err
		},
	}
}

func decimal(attribute string, annotation kmap.KeyPriority, at func(*Scaling) *types.Float64) scalingField {
	return scalingField{
		attribute, annotation,
		func(s *Scaling) (string, bool) {
			v := at(s)
			return strconv.FormatFloat(v.ValueFloat64(), 'f', -1, 64), !v.IsNull()
		},
		func(s *Scaling, text string) error {
			v, err := strconv.ParseFloat(text, 64)
			*at(s) = types.Float64Value(v)
			return err
		},
	}
}

// word is a field whose text goes into the annotation as it is, with a suffix
// that HCL leaves out.
func word(attribute string, annotation kmap.KeyPriority, suffix string, at func(*Scaling) *types.String) scalingField {
	return scalingField{
		attribute, annotation,
		func(s *Scaling) (string, bool) {
			v := at(s)
			return v.ValueString() + suffix, !v.IsNull()
		},
		func(s *Scaling, text string) error {
			if n := len(text) - len(suffix); suffix != "" && n > 0 && text[n:] == suffix {
				text = text[:n]
			}
			*at(s) = types.StringValue(text)
			return nil
		},
	}
}
