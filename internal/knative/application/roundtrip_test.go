package application

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"knative.dev/pkg/kmp"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

type attrType = attr.Type

// serviceOf is the Service that a model is applied as.
func serviceOf(t *testing.T, m *nested) *kube.Object {
	t.Helper()
	want, err := expand(m)
	if err != nil {
		t.Fatal(err)
	}
	return want.object(want.template, want.revision, want.scaling)
}

func flattened(t *testing.T, prior *nested, service *kube.Object, importing bool) map[string]tftypes.Value {
	t.Helper()
	o, err := observe(service, nil)
	if err != nil {
		t.Fatal(err)
	}
	var diags diag.Diagnostics
	flat := flatten(context.Background(), prior, o, importing, &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return valueOfModel(t, flat)
}

// same reports whether two models are; where tells an attribute that differs.
func same(a, b map[string]tftypes.Value) (where string, equal bool) {
	for name := range a {
		if !a[name].Equal(b[name]) {
			return name, false
		}
	}
	return "", true
}

// TestEveryAttributeReachesTheObjectAndComesBack takes each attribute away from
// a model that has them all, however deep it is. The object must change, or the
// attribute was forgotten when expanding; and what is read back must differ from
// the model, or it was forgotten when flattening, and drift would stay hidden.
// That model and schema have the same attributes is tested beside the schema.
func TestEveryAttributeReachesTheObjectAndComesBack(t *testing.T) {
	full := modelOf(t, (&generator{}).application())
	fullService := serviceOf(t, full)
	want := valueOfModel(t, full.Model)
	if where, ok := same(want, flattened(t, full, fullService, false)); !ok {
		t.Fatalf("%s does not come back as it was", where)
	}
	prior := modelOf(t, (&generator{}).application()) // the same, not to be changed below
	checked := 0
	eachAttribute(reflect.ValueOf(full.template).Elem(), "", func(at string) {
		checked++
		live, err := typedTemplate(full)
		if err != nil {
			t.Fatal(err)
		}
		if encoded, err := encodeRevisionTemplate(live); err != nil || reflect.DeepEqual(encoded, templateIn(fullService)) {
			t.Errorf("%s does not reach the object (%v)", at, err)
		}
		flat := *prior.template
		revisionTemplate(mapping{flattening: true, problems: new([]error)}, &flat, live)
		if reflect.DeepEqual(flat, *prior.template) {
			t.Errorf("%s is gone from the object, but not from what was read back", at)
		}
	})
	eachAttribute(reflect.ValueOf(full.scaling).Elem(), "scaling.", func(at string) {
		checked++
		live := expandScaling(full.scaling)
		flat, err := flattenScaling(live, prior.scaling)
		if err != nil || reflect.DeepEqual(live, expandScaling(prior.scaling)) || *flat == *prior.scaling {
			t.Errorf("%s does not reach the object and come back (%v)", at, err)
		}
	})
	for name := range schemaOnce().Attributes {
		if _, ofTemplate := templateFields[name]; ofTemplate || slices.Contains(notOnTheObject, name) || name == "name" || name == "namespace" || name == "scaling" {
			continue
		}
		checked++
		m := *prior.Model
		field := reflect.ValueOf(&m).Elem().FieldByIndex(modelFields[name])
		field.SetZero()
		m.EffectiveLabels, m.EffectiveAnnotations = lifecycle.EmptyIfNull(m.Labels), lifecycle.EmptyIfNull(m.Annotations)
		service := serviceOf(t, &nested{Model: &m, template: prior.template, scaling: prior.scaling})
		if reflect.DeepEqual(service, fullService) {
			t.Errorf("%s does not reach the object", name)
		}
		if _, ok := same(want, flattened(t, prior, service, false)); ok {
			t.Errorf("%s is gone from the object, but not from what was read back", name)
		}
	}
	if checked < 500 {
		t.Errorf("only %d attributes were checked", checked)
	}
}

// templateIn returns the template of a Service, without what is no part of its
// content: its name and its scaling.
func templateIn(service *kube.Object) map[string]any {
	template, _, _ := unstructured.NestedMap(service.Object, "spec", "template")
	unstructured.RemoveNestedField(template, "metadata", "name")
	annotations, _, _ := unstructured.NestedMap(template, "metadata", "annotations")
	for _, f := range scalingFields {
		delete(annotations, f.annotation.Key())
	}
	_ = unstructured.SetNestedMap(template, annotations, "metadata", "annotations")
	unstructured.RemoveNestedField(template, "metadata", "labels", serving.VersionLabel)
	return template
}

// eachAttribute calls check for each attribute in v, with that attribute unset.
func eachAttribute(v reflect.Value, at string, check func(at string)) {
	switch v.Kind() {
	case reflect.Pointer:
		eachAttribute(v.Elem(), at, check)
	case reflect.Slice:
		for i := range v.Len() {
			eachAttribute(v.Index(i), fmt.Sprintf("%s[%d].", strings.TrimSuffix(at, "."), i), check)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			element := reflect.New(v.Type().Elem()).Elem()
			element.Set(v.MapIndex(key))
			eachAttribute(element, fmt.Sprintf("%s[%s].", strings.TrimSuffix(at, "."), key), func(at string) {
				before := v.MapIndex(key)
				v.SetMapIndex(key, element)
				check(at)
				v.SetMapIndex(key, before)
			})
		}
	case reflect.Struct:
		for name, index := range fieldsByAttribute(v.Type()) {
			field := v.FieldByIndex(index)
			before := reflect.New(field.Type()).Elem()
			before.Set(field)
			field.SetZero()
			check(at + name)
			field.Set(before)
			if _, isLeaf := field.Interface().(attr.Value); !isLeaf {
				eachAttribute(field, at+name+".", check)
			}
		}
	}
}

// TestFlattenUndoesExpand: what was applied reads back as it was, whatever it is.
func TestFlattenUndoesExpand(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 50 {
		m := modelOf(t, (&generator{random: random}).application())
		want := valueOfModel(t, m.Model)
		service := serviceOf(t, m)
		if where, ok := same(want, flattened(t, m, service, false)); !ok {
			t.Fatalf("model %d: %s does not come back as it was", i, where)
		}
		setKnativeDefaults(t, service)
		if where, ok := same(want, flattened(t, m, service, false)); !ok {
			t.Fatalf("model %d: with Knative's defaults, %s does not come back as it was", i, where)
		}
	}
}

// TestImportLosesNothing: an application that was applied and is imported
// expands to the same again, once Knative has filled in its defaults.
func TestImportLosesNothing(t *testing.T) {
	nothing := modelOf(t, tftypes.NewValue(schemaOnce().Type().TerraformType(context.Background()), nil))
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 50 {
		m := modelOf(t, (&generator{random: random}).application())
		service := serviceOf(t, m)
		setKnativeDefaults(t, service)
		o, err := observe(service, nil)
		if err != nil {
			t.Fatal(err)
		}
		var diags diag.Diagnostics
		imported := flatten(context.Background(), nothing, o, true, &diags)
		again := serviceOf(t, decode(context.Background(), imported, &diags))
		if diags.HasError() {
			t.Fatal(diags)
		}
		setKnativeDefaults(t, again)
		before, _ := observe(service, nil)
		after, _ := observe(again, nil)
		for _, s := range []*servingv1.Service{before.service, after.service} {
			s.Spec.Template.Name = "" // the templates' hashes differ by the defaults
			for c := range s.Spec.Template.Spec.Containers {
				if ports := s.Spec.Template.Spec.Containers[c].Ports; len(ports) > 0 && ports[0].Name == "" {
					ports[0].Name = protocolHTTP1 // which it stands for
				}
			}
		}
		if !equality.Semantic.DeepEqual(before.service, after.service) {
			diff, _ := kmp.ShortDiff(before.service, after.service)
			t.Fatalf("model %d: imported, it expands to something else:\n%s", i, diff)
		}
	}
}

// setKnativeDefaults does what Knative's webhook does to a new Service.
func setKnativeDefaults(t *testing.T, service *kube.Object) {
	t.Helper()
	typed := &servingv1.Service{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(service.Object, typed); err != nil {
		t.Fatal(err)
	}
	typed.SetDefaults(knativeContext(context.Background()))
	encoded, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		t.Fatal(err)
	}
	service.Object = encoded
}
