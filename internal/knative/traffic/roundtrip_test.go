package traffic

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	corev1 "k8s.io/api/core/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

var ingress = lifecycle.Ingress{
	Gateway: "knative-serving/knative-ingress-gateway", LocalGatewayHost: "gateway.example", LocalGatewayPort: 80, ClusterDomain: "cluster.local",
}

// onCluster is what a configuration comes to.
type onCluster struct {
	targets  targets
	shares   []share
	delegate *spec
	minScale map[string]int64
}

// cluster has every revision that the tests' configurations name.
func cluster() *deployed {
	const yes = corev1.ConditionTrue
	return standing("web-2-0-abcdefgh", "web-2-0-abcdefgh",
		revisionOf("web-2-0-abcdefgh", "2.0", 1, yes), revisionOf("web-1-0-aaaaaaaa", "1.0", 2, yes), revisionOf("web-0-9-aaaaaaaa", "", 3, yes))
}

func expanded(t *testing.T, c *configuration) onCluster {
	t.Helper()
	ts, problems, _ := resolve(c.revisions, cluster(), false)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	d := expandDelegate(c, ts, ts.shares(), delegateOf("shop", "web", ingress))
	return onCluster{ts, ts.shares(), d.Spec(), ts.minScales()}
}

// flattened is what a refresh makes of it, for a state that was prior.
func flattened(t *testing.T, prior *configuration, was, is onCluster) (entries []Revision, f found) {
	t.Helper()
	stoodFor := flattenTargets(was.targets, nil)
	entries = flattenRevisions(is.shares, prior.revisions, stoodFor)
	on := cluster()
	for _, revision := range on.revisions {
		if pods := is.minScale[revision.Name]; pods > 0 {
			revision.Annotations = map[string]string{
				serving.EarlierMinScaleAnnotation: "", "autoscaling.knative.dev/min-scale": fmt.Sprint(pods),
			}
		}
	}
	flattenMinScale(entries, of(is.shares...), on, false)
	before := targetsOf(prior.revisions, stoodFor)
	want := expandDelegate(prior, before, before.shares(), delegateOf("shop", "web", ingress))
	return entries, flattenDelegate(is.delegate, want, prior, "sls-traffic-web")
}

// TestFlattenUndoesExpand: what was applied reads back as it was.
func TestFlattenUndoesExpand(t *testing.T) {
	c := configured(t, everyAttribute)
	is := expanded(t, c)
	entries, f := flattened(t, c, is, is)
	if !reflect.DeepEqual(entries, c.revisions) {
		t.Errorf("the entries come back as %v, not %v", entries, c.revisions)
	}
	if !reflect.DeepEqual(f, found{c.rules, c.sticky, c.VersionHeader, nil}) {
		t.Errorf("the rest comes back as %+v", f)
	}
}

// TestEveryAttributeReachesTheClusterAndComesBack takes each attribute away from
// a configuration that has them all. The objects must change, or the attribute
// was forgotten when expanding; and what is read back must differ from the
// state, or it was forgotten when flattening, and drift would stay hidden.
func TestEveryAttributeReachesTheClusterAndComesBack(t *testing.T) {
	full := configured(t, everyAttribute)
	was := expanded(t, full)
	checked := 0
	for _, at := range leaves(parse(t, everyAttribute), "", "revisions", "rules", "sticky", "version_header") {
		t.Run(at, func(t *testing.T) {
			d := parse(t, everyAttribute)
			without(t, d, at)
			var m Model
			state := stateOf(d.value(t))
			noDiagnostics(t, state.Get(t.Context(), &m))
			changed := decode(t.Context(), &m, &diag.Diagnostics{})
			if kind, _, _ := strings.Cut(at, "|"); kind == "revisions" && stands(changed.revisions) {
				// Another entry stands for it, or none: there is nothing to compare.
				changed.revisions = full.revisions
				return
			}
			checked++
			is := expanded(t, changed)
			if slices.Equal(is.shares, was.shares) && routing.Equal(is.delegate, was.delegate) && maps.Equal(is.minScale, was.minScale) {
				t.Errorf("it does not reach the cluster")
			}
			entries, f := flattened(t, full, was, is)
			if reflect.DeepEqual(entries, full.revisions) && reflect.DeepEqual(f, found{full.rules, full.sticky, full.VersionHeader, nil}) {
				t.Errorf("it is gone from the cluster, but not from what was read back")
			}
		})
	}
	if checked < 30 {
		t.Errorf("only %d attributes were checked", checked)
	}
}

// stands reports whether an entry has lost what it stands for.
func stands(entries []Revision) bool {
	return slices.ContainsFunc(entries, func(e Revision) bool { return e.Version.IsNull() && e.Revision.IsNull() && e.Latest.IsNull() })
}

// leaves returns the places of all values beneath some attributes.
func leaves(of any, at string, only ...string) (all []string) {
	switch of := of.(type) {
	case document:
		for _, name := range only {
			all = append(all, leaves(of[name], name)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(of)) {
			all = append(all, leaves(of[name], at+"|"+name)...)
		}
	case []any:
		for i, element := range of {
			all = append(all, leaves(element, fmt.Sprintf("%s|%d", at, i))...)
		}
	default:
		return []string{at}
	}
	return all
}

// without takes a value away; of a value that is looked at in one way only, the
// whole condition.
func without(t *testing.T, d document, at string) {
	t.Helper()
	last := at[strings.LastIndex(at, "|")+1:]
	if slices.Contains([]string{"exact", "prefix", "regex", "present"}, last) {
		at = strings.TrimSuffix(at, "|"+last)
	}
	parent, name, nested := at, "", false
	if i := strings.LastIndex(at, "|"); i >= 0 {
		parent, name, nested = at[:i], at[i+1:], true
	}
	switch name {
	case "name":
		place(t, d, at, "another")
		return
	case "target":
		place(t, d, at, map[string]string{"0": "stable", "1": "next"}[strings.Split(at, "|")[1]])
		return
	case "percent":
		place(t, d, at, 1)
		return
	}
	if !nested {
		delete(d, at)
		return
	}
	var in any = map[string]any(d)
	for _, step := range strings.Split(parent, "|") {
		switch of := in.(type) {
		case map[string]any:
			in = of[step]
		case []any:
			var index int
			if _, err := fmt.Sscan(step, &index); err != nil {
				t.Fatal(err)
			}
			in = of[index]
		}
	}
	fields, ok := in.(map[string]any)
	if !ok {
		t.Fatalf("can't take away %s", at)
	}
	delete(fields, name)
}

// What was applied and is imported expands to the same again.
func TestImportLosesNothing(t *testing.T) {
	c := configured(t, everyAttribute)
	is := expanded(t, c)
	entries := flattenRevisions(is.shares, nil, nil)
	nameVersions(entries, cluster())
	want := delegateOf("shop", "web", ingress)
	want.Targets = percentsOf(is.targets)
	f := flattenDelegate(is.delegate, want, &configuration{Model: &Model{}}, "sls-traffic-web")
	if len(f.drift) > 0 {
		t.Errorf("there is drift: %v", f.drift)
	}
	imported := &configuration{Model: &Model{VersionHeader: f.versionHeader}, revisions: entries, rules: f.rules, sticky: f.sticky}
	again := expanded(t, imported)
	if !slices.Equal(again.shares, is.shares) || !routing.Equal(again.delegate, is.delegate) {
		t.Errorf("imported, it expands to %v and\n%v\nnot to %v and\n%v", again.shares, again.delegate, is.shares, is.delegate)
	}
	if entries[0].Version.ValueString() != "1.0" || entries[1].Version.ValueString() != "2.0" || !entries[2].Latest.ValueBool() {
		t.Errorf("the entries are %v", entries)
	}
}

// What somebody has changed shows: as an attribute if there is one, else in
// words.
func TestDrift(t *testing.T) {
	c := configured(t, everyAttribute)
	was := expanded(t, c)
	for name, test := range map[string]struct {
		change func(*onCluster)
		entry  int    // the first that differs; -1 if none
		words  string // of the drift
		others func(found) bool
	}{
		"another percent":  {change: func(is *onCluster) { is.shares[0].percent, is.shares[1].percent = 60, 30 }},
		"another tag":      {change: func(is *onCluster) { is.shares[1].tag = "beta" }, entry: 1},
		"another revision": {change: func(is *onCluster) { is.shares[1].revision = "web-0-9-aaaaaaaa" }, entry: 1},
		"an entry more":    {change: func(is *onCluster) { is.shares = append(is.shares, rev("web-0-9-aaaaaaaa", 0, "old")) }, entry: 3},
		"no delegate":      {change: func(is *onCluster) { is.delegate = nil }, entry: -1, words: "is missing"},
		"a rule less":      {change: func(is *onCluster) { is.delegate.Http = is.delegate.Http[1:] }, entry: -1, others: func(f found) bool { return len(f.rules) == 1 }},
		"another share of the delegate": {change: func(is *onCluster) {
			last := is.delegate.Http[len(is.delegate.Http)-1]
			last.Route[0].Weight, last.Route[1].Weight = 60, 30
		}, entry: -1, words: "60 % to stable, not 70 %"},
		"something else on a route": {change: func(is *onCluster) { is.delegate.Http[0].Route[0].Destination.Host = "elsewhere" }, entry: -1, words: "sls-traffic-web"},
	} {
		t.Run(name, func(t *testing.T) {
			is := expanded(t, c)
			is.shares = slices.Clone(is.shares)
			test.change(&is)
			entries, f := flattened(t, c, was, is)
			differs := -1
			for i := range entries {
				if i >= len(c.revisions) || !reflect.DeepEqual(entries[i], c.revisions[i]) {
					differs = i
					break
				}
			}
			if differs != test.entry {
				t.Errorf("entry %d differs, want %d: %v", differs, test.entry, entries)
			}
			if drift := strings.Join(f.drift, "\n"); !strings.Contains(drift, test.words) || (test.words == "") != (drift == "") {
				t.Errorf("the drift is %q, want %q", drift, test.words)
			}
			if test.others != nil && !test.others(f) {
				t.Errorf("it reads back as %+v", f)
			}
		})
	}
}

// A tag that was made shows as none, unless the user has written it.
func TestAutomaticTagsAreNoDrift(t *testing.T) {
	c := configured(t, `{"application": "web", "namespace": "shop", "revisions": [
		{"version": "1.0", "percent": 60}, {"revision": "web-2-0-abcdefgh", "percent": 30, "tag": "`+automaticTag("web-2-0-abcdefgh")+`"}, {"latest": true, "percent": 10, "tag": "latest"}]}`)
	is := expanded(t, c)
	if entries, _ := flattened(t, c, is, is); !reflect.DeepEqual(entries, c.revisions) {
		t.Errorf("the entries come back as %v, not %v", entries, c.revisions)
	}
}

// While a tag is on another revision still, the delegate sends to the one that
// is not, in percents and rules alike.
func TestDelegateOnTheWay(t *testing.T) {
	c := configured(t, `{"application": "web", "namespace": "shop",
		"revisions": [{"version": "1.0", "percent": 100, "tag": "stable"}, {"version": "2.0", "percent": 0, "tag": "next"}],
		"rules": [{"name": "one", "target": "next", "match": [{"path": {"prefix": "/x"}}]}]}`)
	ts := expanded(t, c).targets
	live := []share{rev("web-1-0-aaaaaaaa", 100, "next"), rev("web-2-0-abcdefgh", 0, "stable")}
	d := expandDelegate(c, ts, ts.reachable(live, "", func(string) bool { return true }), delegateOf("shop", "web", ingress))
	v1, v2 := automaticTag("web-1-0-aaaaaaaa"), automaticTag("web-2-0-abcdefgh")
	want := []routing.Target{{Tag: v1, Percent: 100, Version: "1.0"}, {Tag: v2, Version: "2.0"}}
	if d.Rules[0].Tag != v2 || !slices.Equal(d.Targets, want) {
		t.Errorf("the rule sends to %s, the percents to %v; want %s and %v", d.Rules[0].Tag, d.Targets, v2, want)
	}
}
