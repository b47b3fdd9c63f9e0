package application

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

// notOnTheObject are attributes that no Knative Service says anything of.
var notOnTheObject = []string{
	"effective_labels", "effective_annotations", "image_source", "rollout", "revision_history_limit", "deletion_protection", "adopt", "force_conflicts", "on_create_failure", "wait", "timeouts",
	"revision", "latest_ready_revision", "image_digest", "url", "cluster_local_url", "ready", "status_message",
}

// generator makes models from the schema itself, so that an attribute that is
// added is tested without anybody thinking of it. They need not be valid.
type generator struct {
	random *rand.Rand // nil sets every attribute
	next   int64
}

func (g *generator) number(below int64) int64 {
	if g.random == nil {
		g.next++
		return g.next % below
	}
	return g.random.Int64N(below)
}

func (g *generator) application() tftypes.Value {
	of := schemaOnce()
	values := map[string]tftypes.Value{}
	for _, name := range slices.Sorted(maps.Keys(of.Attributes)) {
		attribute := of.Attributes[name]
		if slices.Contains(notOnTheObject, name) {
			values[name] = tftypes.NewValue(attribute.GetType().TerraformType(context.Background()), nil)
		} else {
			values[name] = g.attribute(name, attribute)
		}
	}
	return tftypes.NewValue(of.Type().TerraformType(context.Background()), values)
}

func (g *generator) attribute(name string, attribute schema.Attribute) tftypes.Value {
	of := attribute.GetType().TerraformType(context.Background())
	hasDefault := attribute.IsComputed()
	if g.random != nil && !attribute.IsRequired() && !hasDefault && g.random.IntN(2) == 0 {
		return tftypes.NewValue(of, nil)
	}
	object := func(attributes map[string]schema.Attribute, of tftypes.Type) tftypes.Value {
		values := map[string]tftypes.Value{}
		for _, inner := range slices.Sorted(maps.Keys(attributes)) {
			values[inner] = g.attribute(inner, attributes[inner])
		}
		return tftypes.NewValue(of, values)
	}
	var elements []tftypes.Value
	element := func(of tftypes.Type) tftypes.Value {
		switch {
		case of.Is(tftypes.Number):
			return tftypes.NewValue(of, g.number(1000))
		case of.Is(tftypes.String):
			return tftypes.NewValue(of, g.text(name))
		}
		list, _ := of.(tftypes.List)
		return tftypes.NewValue(of, []tftypes.Value{tftypes.NewValue(list.ElementType, g.text(name)), tftypes.NewValue(list.ElementType, g.text(name))})
	}
	switch a := attribute.(type) {
	case schema.BoolAttribute:
		// A mount that Knative makes read-only can't be called writable: see validateReadOnly.
		return tftypes.NewValue(of, g.random == nil || name == "read_only" || g.number(2) == 0)
	case schema.Int64Attribute:
		return tftypes.NewValue(of, 1+g.number(1000))
	case schema.Float64Attribute:
		return tftypes.NewValue(of, 0.5+float64(g.number(1000)))
	case schema.StringAttribute:
		if a.CustomType != nil {
			return tftypes.NewValue(of, g.amount())
		}
		return tftypes.NewValue(of, g.text(name))
	case schema.SingleNestedAttribute:
		return object(a.Attributes, of)
	case schema.ListAttribute:
		for range 2 {
			elements = append(elements, element(a.ElementType.TerraformType(context.Background())))
		}
		return tftypes.NewValue(of, elements)
	case schema.ListNestedAttribute:
		for range 2 {
			elements = append(elements, object(a.NestedObject.Attributes, a.NestedObject.Type().TerraformType(context.Background())))
		}
		return tftypes.NewValue(of, elements)
	case schema.MapAttribute:
		values := map[string]tftypes.Value{}
		for range g.number(3) + 1 {
			if key := g.key(name); a.ElementType.Equal(quantity.Type{}) {
				values[key] = tftypes.NewValue(tftypes.String, g.amount())
			} else {
				values[key] = element(a.ElementType.TerraformType(context.Background()))
			}
		}
		return tftypes.NewValue(of, values)
	case schema.MapNestedAttribute:
		values := map[string]tftypes.Value{}
		for range g.number(3) + 1 {
			values[g.key(name)] = object(a.NestedObject.Attributes, a.NestedObject.Type().TerraformType(context.Background()))
		}
		return tftypes.NewValue(of, values)
	}
	panic(fmt.Sprintf("%s: don't know how to make a %T", name, attribute))
}

func (g *generator) amount() string {
	return []string{"1", "250m", "64Mi", "1.5Gi", "1000m"}[g.number(5)]
}

// key returns a key that is another one each time, where any will do.
func (g *generator) key(name string) string {
	switch name {
	case "requests", "limits":
		return queueProxyResources[g.number(3)]
	}
	g.next++
	return fmt.Sprintf("%s-%d", strings.ReplaceAll(name, "_", "-"), g.next)
}

func (g *generator) text(name string) string {
	switch {
	case name == "visibility" && g.random == nil:
		return serving.VisibilityLocal // the other one is how the object is without it
	case name == "name": // what has one is told apart by it
		return g.key(name)
	case name == "visibility":
		return []string{serving.VisibilityPublic, serving.VisibilityLocal}[g.number(2)]
	case name == "protocol" && g.random == nil:
		return protocolH2C // as above
	case name == "protocol":
		return []string{protocolHTTP1, protocolH2C}[g.number(2)]
	case strings.HasSuffix(name, "timeout"), strings.HasSuffix(name, "deadline"), strings.HasSuffix(name, "duration"):
		return []string{"90s", "2m", "1m30s", "301s"}[g.number(4)]
	case strings.HasSuffix(name, "mode"):
		return []string{"0644", "0400", "0000"}[g.number(3)]
	}
	return fmt.Sprintf("%s-%d", name, g.number(1000))
}

// modelOf reads a model as the framework does.
func modelOf(t *testing.T, value tftypes.Value) *nested {
	t.Helper()
	if value.IsNull() { // as an import begins
		nulls := map[string]tftypes.Value{}
		for name, attribute := range schemaOnce().Attributes {
			nulls[name] = tftypes.NewValue(attribute.GetType().TerraformType(context.Background()), nil)
		}
		value = tftypes.NewValue(value.Type(), nulls)
	}
	m := &Model{}
	if diags := (tfsdk.State{Raw: value, Schema: schemaOnce()}).Get(context.Background(), m); diags.HasError() {
		t.Fatal(diags)
	}
	m.EffectiveLabels, m.EffectiveAnnotations = lifecycle.EmptyIfNull(m.Labels), lifecycle.EmptyIfNull(m.Annotations)
	var diags diag.Diagnostics
	inner := decode(context.Background(), m, &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return inner
}

// valueOfModel is the way back.
func valueOfModel(t *testing.T, m *Model) map[string]tftypes.Value {
	t.Helper()
	state := tfsdk.State{Raw: tftypes.NewValue(schemaOnce().Type().TerraformType(context.Background()), nil), Schema: schemaOnce()}
	m.Timeouts.Object = types.ObjectNull(map[string]attrType{"create": types.StringType, "update": types.StringType, "delete": types.StringType})
	if diags := state.Set(context.Background(), m); diags.HasError() {
		t.Fatal(diags)
	}
	values := map[string]tftypes.Value{}
	if err := state.Raw.As(&values); err != nil {
		t.Fatal(err)
	}
	for _, name := range notOnTheObject {
		delete(values, name)
	}
	return values
}
