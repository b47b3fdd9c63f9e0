package application

import (
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"knative.dev/serving/pkg/apis/autoscaling"
)

// classDomain follows the short name of an autoscaler in its annotation.
const classDomain = "." + autoscaling.GroupName

// scalingField ties one attribute of scaling to its annotation.
type scalingField struct {
	attribute  string
	annotation string
	get        func(*Scaling) (text string, set bool)
	set        func(*Scaling, string) error
}

// scalingFields is the whole of scaling: what expands, flattens and validates
// goes through this table, so that none of them can forget an attribute.
var scalingFields = []scalingField{
	integer("min", autoscaling.MinScaleAnnotationKey, func(s *Scaling) *types.Int64 { return &s.Min }),
	integer("max", autoscaling.MaxScaleAnnotationKey, func(s *Scaling) *types.Int64 { return &s.Max }),
	integer("initial", autoscaling.InitialScaleAnnotationKey, func(s *Scaling) *types.Int64 { return &s.Initial }),
	integer("activation_scale", autoscaling.ActivationScaleKey, func(s *Scaling) *types.Int64 { return &s.ActivationScale }),
	word("class", autoscaling.ClassAnnotationKey, classDomain, func(s *Scaling) *types.String { return &s.Class }),
	word("metric", autoscaling.MetricAnnotationKey, "", func(s *Scaling) *types.String { return &s.Metric }),
	number("target", autoscaling.TargetAnnotationKey, func(s *Scaling) *types.Float64 { return &s.Target }),
	number("utilization", autoscaling.TargetUtilizationPercentageKey, func(s *Scaling) *types.Float64 { return &s.Utilization }),
	number("target_burst_capacity", autoscaling.TargetBurstCapacityKey, func(s *Scaling) *types.Float64 { return &s.TargetBurstCapacity }),
	word("window", autoscaling.WindowAnnotationKey, "", func(s *Scaling) *types.String { return &s.Window }),
	number("panic_window_percentage", autoscaling.PanicWindowPercentageAnnotationKey, func(s *Scaling) *types.Float64 { return &s.PanicWindowPercentage }),
	number("panic_threshold_percentage", autoscaling.PanicThresholdPercentageAnnotationKey, func(s *Scaling) *types.Float64 { return &s.PanicThresholdPercentage }),
	word("scale_down_delay", autoscaling.ScaleDownDelayAnnotationKey, "", func(s *Scaling) *types.String { return &s.ScaleDownDelay }),
	word("retention", autoscaling.ScaleToZeroPodRetentionPeriodKey, "", func(s *Scaling) *types.String { return &s.Retention }),
}

// isScaling reports whether an annotation is one of scaling's.
func isScaling(annotation string) bool {
	for _, f := range scalingFields {
		if f.annotation == annotation {
			return true
		}
	}
	return false
}

// expandScaling returns scaling as annotations; nil means nothing is set.
func expandScaling(s *Scaling) map[string]string {
	if s == nil {
		return nil
	}
	annotations := map[string]string{}
	for _, f := range scalingFields {
		if text, set := f.get(s); set {
			annotations[f.annotation] = text
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
		if text, there := annotations[f.annotation]; there {
			if err := f.set(flat, text); err != nil {
				return nil, err
			}
		}
	}
	return flat, nil
}

func integer(attribute, annotation string, at func(*Scaling) *types.Int64) scalingField {
	return scalingField{attribute, annotation,
		func(s *Scaling) (string, bool) {
			v := at(s)
			return strconv.FormatInt(v.ValueInt64(), 10), !v.IsNull()
		},
		func(s *Scaling, text string) error {
			v, err := strconv.ParseInt(text, 10, 64)
			*at(s) = types.Int64Value(v)
			return err
		}}
}

func number(attribute, annotation string, at func(*Scaling) *types.Float64) scalingField {
	return scalingField{attribute, annotation,
		func(s *Scaling) (string, bool) {
			v := at(s)
			return strconv.FormatFloat(v.ValueFloat64(), 'f', -1, 64), !v.IsNull()
		},
		func(s *Scaling, text string) error {
			v, err := strconv.ParseFloat(text, 64)
			*at(s) = types.Float64Value(v)
			return err
		}}
}

// word is a field whose text goes into the annotation as it is, with a suffix
// that HCL leaves out.
func word(attribute, annotation, suffix string, at func(*Scaling) *types.String) scalingField {
	return scalingField{attribute, annotation,
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
		}}
}
