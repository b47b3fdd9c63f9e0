package config

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/hostname"
)

// domainSection is config-domain, whose keys are domains.
//
// Its parser in Knative, knative.dev/serving/pkg/reconciler/route/config, refuses
// nothing but what is no YAML, which can't come out of typed attributes; so it
// is used in the tests only, which show that Knative reads the keys as they are
// meant.
var domainSection = &section{
	attribute: "domain",
	configMap: "config-domain",
	about: "The domains that services are exposed under, in the ConfigMap config-domain, and for each the labels of the services that get it; " +
		"`{}` is for all that no other domain is for. Of several, the one with the most labels wins. The cluster's own domain, such as `svc.cluster.local`, exposes nothing. " +
		"By default, and while no domain is for all services, the rest is exposed nowhere.",
	content: domains{},
	parse:   func(map[string]string) (any, error) { return nil, nil },
}

// domains is the content of config-domain.
type domains struct{}

// domainKey is what Knative reads from a domain's key.
type domainKey struct {
	Selector map[string]string `json:"selector,omitempty"`
	Type     string            `json:"type,omitempty"`
}

var domainElement = schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
	"selector": labelsAttribute("Labels of the services that get the domain; all services by default."),
	"type": schema.StringAttribute{
		Optional: true,
		Description: "`wildcard` also for a domain with a selector: namespaces that `network.namespace_wildcard_cert_selector` chooses get a wildcard certificate of it. " +
			"Domains without a selector always are of this type.",
		Validators: []validator.String{stringvalidator.OneOf("wildcard")},
	},
}}

func (domains) schema(about string) schema.Attribute {
	return schema.MapNestedAttribute{
		Optional: true, Description: about, NestedObject: domainElement,
		Validators: []validator.Map{mapvalidator.NoNullValues(), mapvalidator.KeysAre(hostname.Validator())},
	}
}

func domainType() types.ObjectType {
	of, _ := domainElement.Type().(types.ObjectType)
	return of
}

func (domains) expand(value attr.Value) map[string]string {
	data := map[string]string{}
	of, _ := value.(types.Map)
	for domain, element := range of.Elements() {
		if !element.IsUnknown() {
			data[domain] = expandDomain(element)
		}
	}
	return data
}

func expandDomain(element attr.Value) string {
	fields := attributesOf(element)
	key := domainKey{Selector: expandMap(fields["selector"]), Type: expandString(fields["type"])}
	if len(key.Selector) == 0 && key.Type == "" {
		return "" // as Knative's own example has it
	}
	text, err := yaml.Marshal(key)
	if err != nil {
		panic(fmt.Sprintf("encoding a domain: %s", err)) // of strings alone
	}
	return string(text)
}

func (domains) flatten(data map[string]string, prior attr.Value, pick func(string) bool) (attr.Value, []unreadable) {
	before, _ := prior.(types.Map)
	values := map[string]attr.Value{}
	var problems []unreadable
	for domain, text := range data {
		if domain == exampleKey || !pick(domain) {
			continue
		}
		live, err := readDomain(text)
		if err != nil {
			problems = append(problems, unreadable{domain, text, "it is no selector"})
			continue
		}
		values[domain] = flattenDomain(live)
		if written, ok := before.Elements()[domain]; ok && !written.IsUnknown() {
			if meant, err := readDomain(expandDomain(written)); err == nil && sameDomain(meant, live) {
				values[domain] = written
			}
		}
	}
	if len(values) == 0 && prior.IsNull() {
		return types.MapNull(domainType()), problems
	}
	return types.MapValueMust(domainType(), values), problems
}

func readDomain(text string) (domainKey, error) {
	var key domainKey
	err := yaml.Unmarshal([]byte(text), &key)
	if len(key.Selector) == 0 {
		key.Selector, key.Type = nil, "" // which is wildcard then, whatever is said
	}
	return key, err
}

func sameDomain(a, b domainKey) bool {
	one, errOne := canonicalJSON(a)
	other, errOther := canonicalJSON(b)
	return errOne == nil && errOther == nil && one == other
}

func flattenDomain(key domainKey) attr.Value {
	kind := types.StringNull()
	if key.Type != "" {
		kind = types.StringValue(key.Type)
	}
	return objectOf(domainType().AttrTypes, map[string]attr.Value{"selector": stringMap(key.Selector), "type": kind})
}

func (domains) knows(key string) bool { return key != exampleKey }

func (domains) at(root path.Path, key string) path.Path {
	if key == "" || key == exampleKey {
		return root
	}
	return root.AtMapKey(key)
}
