package application

import (
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// schedulingAttributes say where the pods run.
func schedulingAttributes() map[string]schema.Attribute {
	class := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, Description: description, Validators: []validator.String{validate.DNSName()}}
	}
	return map[string]schema.Attribute{
		"node_selector": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Labels that a node must have. " + needs(featureNodeSelector),
			Validators:  labels(),
		},
		"affinity":        affinityAttribute(),
		"tolerations":     tolerationsAttribute(),
		"topology_spread": topologySpreadAttribute(),
		"priority_class":  class("The PriorityClass of the pods. " + needs(featurePriorityClass)),
		"runtime_class":   class("The RuntimeClass of the pods, such as `gvisor`. " + needs(featureRuntimeClass)),
		"scheduler_name":  class("The scheduler that places the pods, in place of the cluster's default. " + needs(featureSchedulerName)),
	}
}

func labels() []validator.Map {
	return []validator.Map{mapvalidator.KeysAre(validate.LabelKey()), mapvalidator.ValueStringsAre(validate.LabelValue()), mapvalidator.NoNullValues()}
}

func affinityAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		Description: "Which nodes, and which other pods' company, the pods seek. `required` and `preferred` stand for Kubernetes' " +
			"`requiredDuringSchedulingIgnoredDuringExecution` and `preferredDuringSchedulingIgnoredDuringExecution`. " + needs(featureAffinity),
		Attributes: map[string]schema.Attribute{
			"node_affinity": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "Which nodes.",
				Attributes: map[string]schema.Attribute{
					"required":  termsAttribute("Terms of which a node must meet one; a term is met if all of its conditions are.", nodeTermAttributes()),
					"preferred": termsAttribute("Terms that count for a node by their weight.", weighted(nodeTermAttributes())),
				},
			},
			"pod_affinity":      podAffinityAttribute("Beside which pods."),
			"pod_anti_affinity": podAffinityAttribute("Away from which pods."),
		},
	}
}

func podAffinityAttribute(description string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: description,
		Attributes: map[string]schema.Attribute{
			"required":  termsAttribute("Terms that must all be met.", podTermAttributes()),
			"preferred": termsAttribute("Terms that count for a node by their weight.", weighted(podTermAttributes())),
		},
	}
}

func termsAttribute(description string, attributes map[string]schema.Attribute) schema.Attribute {
	return schema.ListNestedAttribute{
		Optional:     true,
		Description:  description,
		Validators:   []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}

func weighted(term map[string]schema.Attribute) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"weight": schema.Int64Attribute{
			Required:    true,
			Description: "What the term counts, 1 to 100.",
			Validators:  []validator.Int64{int64validator.Between(1, 100)},
		},
	}
	maps.Copy(attributes, term)
	return attributes
}

func nodeTermAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"match_expressions": requirementsAttribute("Conditions on labels of the node.", "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
		"match_fields":      requirementsAttribute("Conditions on fields of the node, of which Kubernetes knows `metadata.name`.", "In", "NotIn"),
	}
}

func podTermAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"topology_key": schema.StringAttribute{
			Required:    true,
			Description: "The nodes' label that tells what counts as beside, such as `kubernetes.io/hostname` or `topology.kubernetes.io/zone`.",
			Validators:  []validator.String{validate.LabelKey()},
		},
		"label_selector":      labelSelectorAttribute("The pods."),
		"namespaces":          wordsAttribute("The pods' namespaces; the application's own by default."),
		"namespace_selector":  labelSelectorAttribute("The pods' namespaces by their labels; `{}` is all."),
		"match_label_keys":    wordsAttribute("Labels in which the pods must be like this one."),
		"mismatch_label_keys": wordsAttribute("Labels in which the pods must differ from this one."),
	}
}

func labelSelectorAttribute(description string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: description,
		Attributes: map[string]schema.Attribute{
			"match_labels": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Labels with their values.",
				Validators:  labels(),
			},
			"match_expressions": requirementsAttribute("Conditions on labels.", "In", "NotIn", "Exists", "DoesNotExist"),
		},
	}
}

func requirementsAttribute(description string, operators ...string) schema.Attribute {
	return schema.ListNestedAttribute{
		Optional:    true,
		Description: description,
		Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"key": schema.StringAttribute{
				Required:    true,
				Description: "The label or field.",
				Validators:  []validator.String{validate.LabelKey()},
			},
			"operator": schema.StringAttribute{
				Required:    true,
				Description: "`" + strings.Join(operators, "`, `") + "`.",
				Validators:  []validator.String{stringvalidator.OneOf(operators...)},
			},
			"values": wordsAttribute("The values, where the operator takes any."),
		}},
	}
}

func tolerationsAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Optional:    true,
		Description: "Taints of nodes that the pods put up with. " + needs(featureTolerations),
		Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"key": schema.StringAttribute{
				Optional:    true,
				Description: "The taint's key; all keys by default, with `operator = \"Exists\"`.",
				Validators:  []validator.String{validate.LabelKey()},
			},
			"operator": schema.StringAttribute{
				Optional:    true,
				Description: "`Equal`, Kubernetes' default, or `Exists`.",
				Validators:  []validator.String{stringvalidator.OneOf("Equal", "Exists")},
			},
			"value": schema.StringAttribute{
				Optional:    true,
				Description: "The taint's value, with `Equal`.",
				Validators:  []validator.String{stringvalidator.LengthAtLeast(1), validate.LabelValue()},
			},
			"effect": schema.StringAttribute{
				Optional:    true,
				Description: "`NoSchedule`, `PreferNoSchedule` or `NoExecute`; all by default.",
				Validators:  []validator.String{stringvalidator.OneOf("NoSchedule", "PreferNoSchedule", "NoExecute")},
			},
			"toleration_seconds": schema.Int64Attribute{
				Optional:    true,
				Description: "Seconds for which a pod stays after the taint came, with `NoExecute`; for ever by default.",
				Validators:  []validator.Int64{int64validator.AtLeast(0)},
			},
		}},
	}
}

func topologySpreadAttribute() schema.Attribute {
	policy := func(description string) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, Description: description,
			Validators: []validator.String{stringvalidator.OneOf("Honor", "Ignore")},
		}
	}
	return schema.ListNestedAttribute{
		Optional: true,
		Description: "How the pods spread over nodes, zones or the like. `label_selector = {}` with `match_label_keys = [\"serving.knative.dev/revision\"]` " +
			"counts the pods of one revision. " + needs(featureTopologySpread),
		Validators: []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"topology_key": schema.StringAttribute{
				Required:    true,
				Description: "The nodes' label whose values are spread over, such as `topology.kubernetes.io/zone`.",
				Validators:  []validator.String{validate.LabelKey()},
			},
			"max_skew": schema.Int64Attribute{
				Required:    true,
				Description: "By how many pods one value may have more than another.",
				Validators:  []validator.Int64{int64validator.Between(1, maxInt32)},
			},
			"when_unsatisfiable": schema.StringAttribute{
				Required:    true,
				Description: "`DoNotSchedule` or `ScheduleAnyway`.",
				Validators:  []validator.String{stringvalidator.OneOf("DoNotSchedule", "ScheduleAnyway")},
			},
			"label_selector":   labelSelectorAttribute("The pods that are counted."),
			"match_label_keys": wordsAttribute("Labels in which the pods that are counted are like this one."),
			"min_domains": schema.Int64Attribute{
				Optional:    true,
				Description: "The least number of values to spread over, with `DoNotSchedule`.",
				Validators:  []validator.Int64{int64validator.Between(1, maxInt32)},
			},
			"node_affinity_policy": policy("Whether only nodes count that `affinity` and `node_selector` allow: `Honor`, Kubernetes' default, or `Ignore`."),
			"node_taints_policy":   policy("Whether only nodes count whose taints are put up with: `Honor`, or `Ignore`, Kubernetes' default."),
		}},
	}
}
