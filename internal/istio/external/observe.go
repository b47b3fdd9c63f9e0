package external

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	networking "istio.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// read reads an object; nil is one that does not exist.
type read func(ctx context.Context, kind kube.Kind, namespace, name string) (*kube.Object, error)

// observe returns the model of what is on the cluster. prior is what was applied
// or, on import, where the service is.
func observe(ctx context.Context, read read, at place, prior *Model, diags *diag.Diagnostics) (*Model, error) {
	importing := prior.Host.IsNull()
	before := decode(ctx, prior, diags)
	live := map[kube.Kind]*kube.Object{}
	for _, p := range (&desired{place: at, settings: before}).parts() {
		object, err := read(ctx, p.kind, at.namespace, at.name)
		if err != nil {
			return nil, err
		}
		if object != nil && (belongs(object, at) || p.kind == routing.ServiceEntries || !importing) {
			live[p.kind] = object
		}
	}
	settings, drift := parse(live, before)
	m := *prior
	encode(ctx, settings, &m, diags)
	entry := live[routing.ServiceEntries]
	m.Name, m.Namespace = types.StringValue(entry.GetName()), types.StringValue(entry.GetNamespace())
	flattenMetadata(&m, entry, importing)
	if importing {
		m.Adopt, m.ForceConflicts = types.BoolValue(false), types.BoolValue(false)
	}
	m.URL = urlOf(settings, at)
	more, err := differences(&desired{place: at, settings: settings}, live)
	if err != nil {
		return nil, err
	}
	list, problems := types.ListValueFrom(ctx, types.StringType, append(append([]string{}, drift...), more...))
	diags.Append(problems...)
	m.Drift = list
	return &m, nil
}

// parse returns the settings that the objects stand for, and says which of them
// could not be read.
func parse(live map[kube.Kind]*kube.Object, before *Settings) (s *Settings, drift []string) {
	now := *before
	s = &now
	entry, rule, root := &networking.ServiceEntry{}, &networking.DestinationRule{}, &networking.VirtualService{}
	for _, part := range []struct {
		kind kube.Kind
		err  func(*kube.Object) error
		take func()
	}{
		{
			routing.ServiceEntries,
			func(o *kube.Object) error { return decodeSpec(o, entry) },
			func() { parseEntry(s, entry, before) },
		},
		{
			routing.DestinationRules,
			func(o *kube.Object) error { return decodeSpec(o, rule) },
			func() { parseRule(s, rule, before) },
		},
		{
			routing.VirtualServices,
			func(o *kube.Object) error { return decodeSpec(o, root) },
			func() { parseRoot(s, root, before) },
		},
	} {
		object := live[part.kind]
		if object == nil {
			continue // what is missing is told by differences
		}
		if err := part.err(object); err != nil {
			drift = append(drift, err.Error())
			continue
		}
		part.take()
	}
	return s, drift
}

func flattenMetadata(m *Model, entry *kube.Object, importing bool) {
	labels, annotations := entry.GetLabels(), entry.GetAnnotations()
	if importing {
		labels = lifecycle.WithoutPrefixes(labels, serving.Group+"/")
		annotations = lifecycle.WithoutPrefixes(annotations, serving.Group+"/", "kubectl.kubernetes.io/last-applied-configuration")
	}
	m.Labels = lifecycle.Subset(m.Labels, labels, importing)
	m.Annotations = lifecycle.Subset(m.Annotations, annotations, importing)
	if importing {
		m.EffectiveLabels, m.EffectiveAnnotations = lifecycle.EmptyIfNull(m.Labels), lifecycle.EmptyIfNull(m.Annotations)
		return
	}
	m.EffectiveLabels = lifecycle.Subset(m.EffectiveLabels, labels, false)
	m.EffectiveAnnotations = lifecycle.Subset(m.EffectiveAnnotations, annotations, false)
}

// differences says in words how the objects differ from those that the settings
// stand for.
func differences(d *desired, live map[kube.Kind]*kube.Object) ([]string, error) {
	var found []string
	for _, p := range d.parts() {
		what := fmt.Sprintf("the %s %s/%s", p.kind.Name, d.namespace, d.name)
		object := live[p.kind]
		switch {
		case !p.wanted && object != nil && belongs(object, d.place):
			found = append(found, what+" is there and should not be")
			continue
		case !p.wanted:
			continue
		case object == nil:
			found = append(found, what+" is missing")
			continue
		}
		want, err := p.spec(d)
		if err != nil {
			return nil, err
		}
		is, _ := object.Object["spec"].(map[string]any)
		if p.kind == services {
			is = map[string]any{"type": is["type"], "externalName": is["externalName"]} // Kubernetes sets more
		}
		all := map[string]any{}
		maps.Copy(all, is)
		maps.Copy(all, want)
		for _, field := range slices.Sorted(maps.Keys(all)) {
			if !equality.Semantic.DeepEqual(is[field], want[field]) && !defaulted(is[field], want[field]) {
				found = append(found, fmt.Sprintf("%s, %s: it is %s, and should be %s", what, field, shown(is[field]), shown(want[field])))
			}
		}
	}
	return found, nil
}

// defaulted reports whether a field is there with a value that means as little as
// its absence: an edit by hand may spell out the first value of an enumeration.
func defaulted(is, want any) bool {
	text, ok := is.(string)
	return want == nil && ok && (text == networking.ServiceEntry_MESH_EXTERNAL.String() || text == networking.ServiceEntry_NONE.String())
}

// shown is a value as JSON, but not a page of it.
func shown(value any) string {
	text, err := json.Marshal(value)
	switch {
	case err != nil:
		return fmt.Sprint(value)
	case string(text) == "null":
		return "missing"
	}
	const most = 400
	if len(text) > most {
		return strings.ToValidUTF8(string(text[:most]), "") + "…"
	}
	return string(text)
}

func noDrift() types.List { return types.ListValueMust(types.StringType, []attr.Value{}) }
