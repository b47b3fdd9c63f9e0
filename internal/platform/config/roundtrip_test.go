package config

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"k8s.io/api/core/v1"
	"knative.dev/serving/pkg/apis/config"
	route "knative.dev/serving/pkg/reconciler/route/config"

	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
)

func everyAttribute(t testing.TB) plantest.Document {
	t.Helper()
	return plantest.Read(t, "testdata/every_attribute.json")
}

// planned returns what a configuration is planned as.
func planned(t testing.TB, d plantest.Document) *Model {
	t.Helper()
	var m Model
	if diags := d.Plan(t, schemaOnce()).Get(t.Context(), &m); diags.HasError() {
		t.Fatal(diags)
	}
	return &m
}

// readBack returns what the data of a ConfigMap stands for.
func readBack(t testing.TB, s *section, data map[string]string, prior attr.Value) attr.Value {
	t.Helper()
	value, problems := s.content.flatten(data, prior, func(string) bool { return true })
	if len(problems) > 0 {
		t.Fatalf("%s: not readable: %v", s.attribute, problems)
	}
	return value
}

// plain makes what a parser has returned comparable: templates hold pointers to
// themselves.
func plain(parsed any) any {
	if defaults, ok := parsed.(*config.Defaults); ok {
		plain := *defaults
		names := fmt.Sprint(plain.InitContainerNameTemplate.Root, plain.UserContainerNameTemplate.Root)
		plain.InitContainerNameTemplate, plain.UserContainerNameTemplate = nil, nil
		return []any{plain, names}
	}
	return parsed
}

// Whatever is added to the schema must be added to the tests.
func TestEveryAttributeIsConfigured(t *testing.T) {
	for _, name := range plantest.Missing(schemaOnce(), nil, everyAttribute(t)) {
		t.Errorf("testdata/every_attribute.json does not set %s", name)
	}
}

// The keys of a configuration stay the same texts when the provider changes: a
// new release of it must not rewrite a platform.
func TestGolden(t *testing.T) {
	data := map[string]map[string]string{}
	for s, keys := range planned(t, everyAttribute(t)).expand() {
		data[s.configMap] = keys
	}
	got, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "every_attribute.golden.json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("the keys are not those of %s (UPDATE_GOLDEN=1 writes them anew):\n%s", file, got)
	}
}

// What was applied reads back as it was, whatever it is; imported, it stands for
// the same keys.
func TestFlattenUndoesExpand(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		d := everyAttribute(t)
		everyAttribute(t).Leaves(func(at []any) {
			needed := []any{"key", "operator", "values"} // of a condition
			if random.IntN(4) == 0 && !slices.Contains(needed, at[len(at)-1]) {
				d = d.With(t, nil, at...)
			}
		})
		m := planned(t, d)
		for s, data := range m.expand() {
			if now := readBack(t, s, data, m.value(s)); !now.Equal(m.value(s)) {
				t.Fatalf("%s reads back as\n%s\nand was written as\n%s", s.attribute, now, m.value(s))
			}
			imported := readBack(t, s, data, nullOf(m.value(s).Type(t.Context())))
			if again := s.content.expand(imported); !sameData(again, data) {
				t.Fatalf("%s, imported, stands for\n%v\nand not for\n%v", s.attribute, again, data)
			}
		}
	}
}

// sameData compares what keys mean: an import may spell out what it finds in
// another way.
func sameData(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, s := range sections {
		keys, ok := s.content.(typedKeys)
		if !ok {
			continue
		}
		for _, k := range keys {
			one, has := a[k.name]
			other, hasToo := b[k.name]
			if !has && !hasToo {
				continue
			}
			canonical, err := k.codec.canonical(one)
			otherCanonical, otherErr := k.codec.canonical(other)
			if has != hasToo || err != nil || otherErr != nil || canonical != otherCanonical {
				return false
			}
		}
	}
	return true
}

// TestEveryAttributeReachesItsKeyAndComesBack takes each attribute away from a
// configuration that has them all. A key must change, or the attribute was
// forgotten when expanding; and what is read back must differ, or drift of it
// would stay hidden.
func TestEveryAttributeReachesItsKeyAndComesBack(t *testing.T) {
	full := everyAttribute(t)
	applied := planned(t, full)
	checked := 0
	full.Leaves(func(at []any) {
		switch at[0] {
		case "namespace", "adopt", "force_conflicts":
			return
		}
		if at[len(at)-1] == "key" || at[len(at)-1] == "operator" {
			return // without which a condition is none
		}
		checked++
		changed := planned(t, full.With(t, nil, at...))
		if reflect.DeepEqual(applied.expand(), changed.expand()) && len(at) > 1 {
			t.Errorf("%v does not reach a key", at)
		}
		for s, data := range changed.expand() {
			if s.attribute != at[0] {
				continue
			}
			if now := readBack(t, s, data, applied.value(s)); now.Equal(applied.value(s)) {
				t.Errorf("%v is gone from the ConfigMap, but not from what was read back", at)
			}
		}
	})
	if checked < 130 {
		t.Errorf("only %d attributes were checked", checked)
	}
}

// Knative reads the keys that all attributes stand for, and what it reads is not
// what it takes by default: no attribute is written in a way that Knative passes
// over.
func TestKnativeReadsEveryKey(t *testing.T) {
	// Two words for one thing, or a key that others say too.
	alone := map[string]string{
		"queue-sidecar-tls-min-version": "", "queue-sidecar-tls-max-version": "",
	}
	for s, data := range planned(t, everyAttribute(t)).expand() {
		if s == domainSection {
			continue // see TestKnativeChoosesTheDomain
		}
		full, err := s.parse(data)
		if err != nil {
			t.Errorf("%s: %s", s.configMap, err)
			continue
		}
		for key := range data {
			if _, skip := alone[key]; skip {
				continue
			}
			without := map[string]string{}
			for other, value := range data {
				if other != key {
					without[other] = value
				}
			}
			less, err := s.parse(without)
			if err == nil && same(less, full) {
				t.Errorf("%s: Knative reads the same with and without %s = %q", s.configMap, key, data[key])
			}
		}
	}
}

// Knative's own choice of domains is the one that the attribute describes.
func TestKnativeChoosesTheDomain(t *testing.T) {
	read, err := route.NewDomainFromConfigMap(&v1.ConfigMap{Data: planned(t, everyAttribute(t)).expand()[domainSection]})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		labels map[string]string
		want   string
	}{
		{nil, "sls-hangzhou.qunhe.com"},
		{map[string]string{"audience": "staff"}, "internal.example.com"},
		{map[string]string{"region": "eu"}, "sls-hangzhou.qunhe.com"},
		{map[string]string{"region": "eu", "tier": "prod", "audience": "staff"}, "eu.example.com"},
	} {
		if got := read.LookupDomainForLabels(test.labels); got != test.want {
			t.Errorf("%v gets %s, want %s", test.labels, got, test.want)
		}
	}
	for domain, want := range map[string]string{"sls-hangzhou.qunhe.com": route.DomainTypeWildcard, "internal.example.com": "", "eu.example.com": route.DomainTypeWildcard} {
		if got := read.Domains[domain].Type; got != want {
			t.Errorf("%s has the type %q, want %q", domain, got, want)
		}
	}
}
