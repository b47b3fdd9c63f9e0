package config

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// ValidateConfig refuses at plan what Knative's webhook would refuse at apply,
// or its controllers would not start with. What is known after apply is
// validated then.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, s := range sections {
		if value := m.value(s); lifecycle.Known(ctx, value) {
			s.validate(s.content.expand(value), nil, &resp.Diagnostics)
		}
	}
}

// validate has Knative's own parser read the keys, with those that others have
// set in the ConfigMap, and tells the attribute that it refuses.
func (s *section) validate(ours, others map[string]string, diags *diag.Diagnostics) {
	if keys, ok := s.content.(typedKeys); ok && !keys.readable(ours) {
		return // which the attributes' own validators have told
	}
	guilty, err := s.refused(ours, others)
	if err == nil {
		return
	}
	if len(guilty) == 0 {
		diags.AddAttributeError(s.at(""), "Knative can't read the ConfigMap "+s.configMap,
			fmt.Sprintf("Not because of this configuration, but of what is there besides: %s.\n\nCorrect it in the ConfigMap, and apply again.", err))
		return
	}
	var names []string
	for _, key := range guilty {
		names = append(names, s.named(key))
	}
	wayOut := "Change " + names[0]
	if len(names) > 1 {
		wayOut = "They don't go together: change " + strings.Join(names, " or ")
	}
	if len(others) > 0 {
		wayOut += ", or what others have set in the ConfigMap " + s.configMap
	}
	diags.AddAttributeError(s.at(guilty[0]), "Knative refuses the value",
		fmt.Sprintf("In %s, Knative's own check says: %s.\n\n%s.", s.configMap, err, wayOut))
}

// readable reports whether the keys' texts have a meaning, each by itself.
func (keys typedKeys) readable(data map[string]string) bool {
	for _, k := range keys {
		text, there := data[k.name]
		if !there {
			continue
		}
		if _, err := k.codec.canonical(text); err != nil {
			return false
		}
	}
	return true
}

// refused returns what Knative's parser says against the keys, and those of ours
// that it takes to make it say so. An error without a key comes from others'.
//
// The parser tells no key but in its text. So it is asked for few keys at a time,
// until it says the same of them as of all.
func (s *section) refused(ours, others map[string]string) ([]string, error) {
	parse := func(keys []string) error {
		data := maps.Clone(others)
		if data == nil {
			data = map[string]string{}
		}
		for _, key := range keys {
			data[key] = ours[key]
		}
		_, err := s.parse(data)
		return err
	}
	all := slices.Sorted(maps.Keys(ours))
	refusal := parse(all)
	if refusal == nil {
		return nil, nil
	}
	const most = 3 // keys that Knative compares with one another
	for size := range most + 1 {
		for few := range subsets(all, size) {
			if err := parse(few); err != nil && err.Error() == refusal.Error() {
				return few, refusal
			}
		}
	}
	return all, refusal
}

// subsets yields all choices of so many of the words.
func subsets(words []string, size int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		choose(nil, words, size, yield)
	}
}

func choose(chosen, from []string, size int, yield func([]string) bool) bool {
	if size == 0 {
		return yield(slices.Clone(chosen))
	}
	for i, word := range from {
		if !choose(append(chosen[:len(chosen):len(chosen)], word), from[i+1:], size-1, yield) {
			return false
		}
	}
	return true
}
