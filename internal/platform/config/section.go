package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// section is one of Knative's ConfigMaps, and the attribute that stands for it.
type section struct {
	attribute string
	configMap string
	about     string
	content   content
	// parse reads the keys of the ConfigMap as Knative does, and refuses what
	// Knative refuses. Its result is Knative's own, whatever type that has.
	parse func(data map[string]string) (any, error)
}

// content is how an attribute's value and the keys of a ConfigMap go into one
// another.
type content interface {
	// schema is the attribute.
	schema(about string) schema.Attribute
	// expand returns the keys that a known value stands for.
	expand(value attr.Value) map[string]string
	// flatten is the way back, for the keys that pick chooses. What was written
	// stays where it means what there is. Keys whose value can't be read are
	// left out, and returned.
	flatten(data map[string]string, prior attr.Value, pick func(key string) bool) (attr.Value, []unreadable)
	// knows reports whether a key of the ConfigMap has an attribute.
	knows(key string) bool
	// at returns the attribute of a key, beneath that of the ConfigMap.
	at(root path.Path, key string) path.Path
}

// unreadable is a key whose value has no meaning, neither to this provider nor
// to Knative.
type unreadable struct{ key, value, problem string }

// sections are the ConfigMaps in the order in which they are written and told
// about.
var sections = []*section{
	domainSection, networkSection, featuresSection, autoscalerSection,
	gcSection, deploymentSection, defaultsSection, observabilitySection,
}

// at returns the attribute of a key.
func (s *section) at(key string) path.Path { return s.content.at(path.Root(s.attribute), key) }

// named returns the attribute of a key as HCL writes it.
func (s *section) named(key string) string { return s.at(key).String() }

// exampleKey is where a release explains a ConfigMap's keys. Knative does not
// read it, and it is nobody's to change.
const exampleKey = "_example"

// key is one key of a ConfigMap.
type key struct {
	// name as in the ConfigMap. The attribute's name follows from it: see
	// attributeOf.
	name  string
	about string
	// byDefault is what Knative takes if the key is not there, as the attribute
	// would say it. It is empty where about says it, as for what follows from
	// another key.
	byDefault string
	codec     codec
}

// attributeOf returns the attribute of a key: its name, with an underscore for
// what can't be in an attribute's. Who knows Knative's key so knows the attribute.
func attributeOf(key string) string {
	return strings.NewReplacer("-", "_", ".", "_").Replace(key)
}

// description is what a key's attribute says of itself.
func (k key) description() string {
	text := k.about + " Key `" + k.name + "`"
	if k.byDefault != "" {
		text += ", `" + k.byDefault + "` by default"
	}
	return text + "."
}

// typedKeys is the content of a ConfigMap whose keys are known.
type typedKeys []key

func (keys typedKeys) schema(about string) schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, k := range keys {
		attributes[attributeOf(k.name)] = k.codec.schema(k.description())
	}
	return schema.SingleNestedAttribute{Optional: true, Description: about, Attributes: attributes}
}

func (keys typedKeys) expand(value attr.Value) map[string]string {
	data := map[string]string{}
	fields := attributesOf(value)
	for _, k := range keys {
		if field := fields[attributeOf(k.name)]; field != nil && !field.IsNull() && !field.IsUnknown() {
			data[k.name] = k.codec.expand(field)
		}
	}
	return data
}

func (keys typedKeys) flatten(data map[string]string, prior attr.Value, pick func(string) bool) (attr.Value, []unreadable) {
	of := typesOf(keys.schema(""))
	before := attributesOf(prior)
	values := map[string]attr.Value{}
	var problems []unreadable
	some := !prior.IsNull()
	for _, k := range keys {
		name := attributeOf(k.name)
		values[name] = nullOf(of[name])
		live, there := data[k.name]
		if !there || !pick(k.name) {
			continue
		}
		value, err := k.flatten(live, before[name])
		if err != nil {
			problems = append(problems, unreadable{k.name, live, err.Error()})
			continue
		}
		values[name], some = value, true
	}
	if !some {
		return nullOf(keys.schema("").GetType()), problems
	}
	return objectOf(of, values), problems
}

// flatten returns what a key's live text means: what was written, if it means
// the same.
func (k key) flatten(live string, prior attr.Value) (attr.Value, error) {
	canonical, err := k.codec.canonical(live)
	if err != nil {
		return nil, err
	}
	if prior != nil && !prior.IsNull() && !prior.IsUnknown() {
		if written, err := k.codec.canonical(k.codec.expand(prior)); err == nil && written == canonical {
			return prior, nil
		}
	}
	if k.codec.verbatim {
		return k.codec.flatten(strings.TrimSpace(live))
	}
	return k.codec.flatten(canonical)
}

func (keys typedKeys) knows(name string) bool {
	return slices.ContainsFunc(keys, func(k key) bool { return k.name == name })
}

func (keys typedKeys) at(root path.Path, name string) path.Path {
	if !keys.knows(name) {
		return root
	}
	return root.AtName(attributeOf(name))
}
