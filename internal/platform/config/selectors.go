package config

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"knative.dev/serving/pkg/deployment"
	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// labelsAttribute is an attribute of labels that are looked for.
func labelsAttribute(description string) schema.MapAttribute {
	return schema.MapAttribute{
		ElementType: types.StringType, Optional: true, Description: description,
		Validators: []validator.Map{
			mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues(),
			mapvalidator.KeysAre(validate.LabelKey()), mapvalidator.ValueStringsAre(validate.LabelValue()),
		},
	}
}

// labelSelector is a key that is a label selector in YAML.
func labelSelector() codec {
	attribute := func(description string) schema.Attribute {
		return schema.SingleNestedAttribute{
			Optional: true, Description: description,
			Attributes: map[string]schema.Attribute{
				"match_labels": labelsAttribute("Labels that must be there with these values."),
				"match_expressions": schema.ListNestedAttribute{
					Optional: true, Description: "Conditions, all of which must hold.",
					Validators: []validator.List{listvalidator.SizeAtLeast(1)},
					NestedObject: schema.NestedAttributeObject{
						Validators: []validator.Object{expression{}},
						Attributes: map[string]schema.Attribute{
							"key": schema.StringAttribute{
								Required: true, Description: "The label.", Validators: []validator.String{validate.LabelKey()},
							},
							"operator": schema.StringAttribute{
								Required:    true,
								Description: "`In` or `NotIn` the values, or `Exists` or `DoesNotExist` whatever the value.",
								Validators: []validator.String{stringvalidator.OneOf(string(v1.LabelSelectorOpIn), string(v1.LabelSelectorOpNotIn),
									string(v1.LabelSelectorOpExists), string(v1.LabelSelectorOpDoesNotExist))},
							},
							"values": schema.ListAttribute{
								ElementType: types.StringType, Optional: true,
								Description: "The values, for `In` and `NotIn`.",
								Validators:  []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.ValueStringsAre(validate.LabelValue())},
							},
						},
					},
				},
			},
		}
	}
	return codec{
		schema: attribute,
		expand: func(value attr.Value) string {
			text, err := canonicalJSON(expandSelector(value))
			if err != nil {
				panic(fmt.Sprintf("encoding a label selector: %s", err)) // of strings alone
			}
			return text
		},
		canonical: func(text string) (string, error) {
			var selector *v1.LabelSelector
			if err := yaml.Unmarshal([]byte(text), &selector); err != nil || selector == nil {
				return "", fmt.Errorf("it is no label selector")
			}
			return canonicalJSON(selector)
		},
		flatten: func(text string) (attr.Value, error) {
			var selector v1.LabelSelector
			if err := yaml.Unmarshal([]byte(text), &selector); err != nil {
				return nil, err
			}
			return flattenSelector(typesOf(attribute("")), &selector), nil
		},
	}
}

func expandSelector(value attr.Value) *v1.LabelSelector {
	fields := attributesOf(value)
	selector := &v1.LabelSelector{MatchLabels: expandMap(fields["match_labels"])}
	list, _ := fields["match_expressions"].(types.List)
	for _, element := range list.Elements() {
		of := attributesOf(element)
		values, _ := of["values"].(types.List)
		selector.MatchExpressions = append(selector.MatchExpressions, v1.LabelSelectorRequirement{
			Key: expandString(of["key"]), Operator: v1.LabelSelectorOperator(expandString(of["operator"])), Values: stringsOf(values.Elements()),
		})
	}
	return selector
}

func flattenSelector(of map[string]attr.Type, selector *v1.LabelSelector) attr.Value {
	listType, _ := of["match_expressions"].(types.ListType)
	object, _ := listType.ElemType.(types.ObjectType)
	expressions := types.ListNull(object)
	var elements []attr.Value
	for _, e := range selector.MatchExpressions {
		values := types.ListNull(types.StringType)
		if len(e.Values) > 0 {
			values = types.ListValueMust(types.StringType, stringValues(e.Values))
		}
		elements = append(elements, objectOf(object.AttrTypes, map[string]attr.Value{
			"key": types.StringValue(e.Key), "operator": types.StringValue(string(e.Operator)), "values": values,
		}))
	}
	if len(elements) > 0 {
		expressions = types.ListValueMust(object, elements)
	}
	return objectOf(of, map[string]attr.Value{"match_labels": stringMap(selector.MatchLabels), "match_expressions": expressions})
}

// expandMap returns a map of strings; nil for null.
func expandMap(value attr.Value) map[string]string {
	of, _ := value.(types.Map)
	if of.IsNull() {
		return nil
	}
	texts := map[string]string{}
	for key, element := range of.Elements() {
		texts[key] = expandString(element)
	}
	return texts
}

// runtimeClasses is the key that is runtime classes in YAML, each with the labels
// of the applications that get it.
func runtimeClasses() codec {
	element := schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
		"selector": labelsAttribute("Labels of the services that get the class; all services by default. The most labels win."),
	}}
	object, _ := element.Type().(types.ObjectType)
	read := func(text string) (map[string]deployment.RuntimeClassNameLabelSelector, error) {
		var classes map[string]deployment.RuntimeClassNameLabelSelector
		if err := yaml.Unmarshal([]byte(text), &classes); err != nil {
			return nil, fmt.Errorf("it is no map of runtime classes")
		}
		return classes, nil
	}
	return codec{
		schema: func(description string) schema.Attribute {
			return schema.MapNestedAttribute{
				Optional: true, Description: description, NestedObject: element,
				Validators: []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues()},
			}
		},
		expand: func(value attr.Value) string {
			of, _ := value.(types.Map)
			classes := map[string]deployment.RuntimeClassNameLabelSelector{}
			for name, class := range of.Elements() {
				classes[name] = deployment.RuntimeClassNameLabelSelector{Selector: expandMap(attributesOf(class)["selector"])}
			}
			text, err := yaml.Marshal(classes)
			if err != nil {
				panic(fmt.Sprintf("encoding runtime classes: %s", err)) // of strings alone
			}
			return string(text)
		},
		canonical: func(text string) (string, error) {
			classes, err := read(text)
			if err != nil {
				return "", err
			}
			return canonicalJSON(classes)
		},
		flatten: func(text string) (attr.Value, error) {
			classes, err := read(text)
			if err != nil {
				return nil, err
			}
			values := map[string]attr.Value{}
			for name, class := range classes {
				values[name] = objectOf(object.AttrTypes, map[string]attr.Value{"selector": stringMap(class.Selector)})
			}
			return types.MapValueMust(object, values), nil
		},
	}
}
