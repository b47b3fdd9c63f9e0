package application

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"knative.dev/serving/pkg/apis/autoscaling"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

func scalingAttribute() schema.Attribute {
	count := func(description string, least int64) schema.Attribute {
		return schema.Int64Attribute{
			Optional: true, Description: description,
			Validators: []validator.Int64{int64validator.Between(least, maxInt32)},
		}
	}
	amount := func(description string, least, most float64) schema.Attribute {
		return schema.Float64Attribute{
			Optional: true, Description: description,
			Validators: []validator.Float64{float64validator.Between(least, most)},
		}
	}
	duration := func(description string, least time.Duration) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, Description: description,
			Validators: []validator.String{validate.Duration(least, autoscaling.WindowMax)},
		}
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		Description: "How many pods run, and when. A change mints no revision: it reaches the current one in place, and the next one from its start. " +
			"What is not set is Knative's default, or whatever others have set.",
		Attributes: map[string]schema.Attribute{
			"min":              count("The least number of pods. 0 lets the application scale to zero.", 0),
			"max":              count("The greatest number of pods; 0 is no limit.", 0),
			"initial":          count("The number of pods that a new revision starts with before it counts as ready. 0 needs `allow-zero-initial-scale` of the platform.", 0),
			"activation_scale": count("The number of pods to start when the application comes back from zero; at least 2.", 2),
			"class": schema.StringAttribute{
				Optional:    true,
				Description: "The autoscaler: `kpa`, Knative's own, which can scale to zero, or `hpa`, Kubernetes' Horizontal Pod Autoscaler, which can't.",
				Validators:  []validator.String{stringvalidator.OneOf("kpa", "hpa")},
			},
			"metric": schema.StringAttribute{
				Optional:    true,
				Description: "What is scaled by: `concurrency` or `rps` with the class `kpa`; `cpu`, `memory` or a custom metric with `hpa`.",
				Validators:  []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"metric_aggregation": schema.StringAttribute{
				Optional:    true,
				Description: "How the metric is averaged over `window`, with the class `kpa`: `linear`, Knative's default, or `weighted-exponential`, by which the latest counts most.",
				Validators:  []validator.String{stringvalidator.OneOf(autoscaling.MetricAggregationAlgorithmLinear, autoscaling.MetricAggregationAlgorithmWeightedExponential)},
			},
			"target":                     amount("The metric's value that each pod should have: requests at a time, requests a second, percent of CPU, or MiB of memory.", autoscaling.TargetMin, maxInt32),
			"utilization":                amount("The percentage of `target` at which the autoscaler adds pods already.", 1, 100),
			"target_burst_capacity":      amount("The burst of requests that must be taken without queueing; 0 puts the activator in the path at zero pods only, -1 always.", -1, maxInt32),
			"window":                     duration("The time over which the metric is averaged, 6s to 1h.", autoscaling.WindowMin),
			"panic_window_percentage":    amount("The panic window as a percentage of `window`.", autoscaling.PanicWindowPercentageMin, autoscaling.PanicWindowPercentageMax),
			"panic_threshold_percentage": amount("The load, as a percentage of `target`, from which the autoscaler follows the panic window.", autoscaling.PanicThresholdPercentageMin, autoscaling.PanicThresholdPercentageMax),
			"scale_down_delay":           duration("How long the load must stay low before pods are taken away, up to 1h.", 0),
			"retention":                  duration("How long the last pod stays after the autoscaler has decided for zero, up to 1h.", 0),
		},
	}
}
