package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// look makes sure, before a creation, that no other sls_platform_config has keys
// in the namespace: server-side apply would take them over without a word.
func (w *writer) look(live map[*section]*kube.Object, adopt bool, diags *diag.Diagnostics) {
	var set []string
	for _, s := range sections {
		if live[s] == nil {
			continue
		}
		if stamp := live[s].GetAnnotations()[stampOf(w.manager)]; stamp == unfinished || stamp == w.stamp {
			return // by a creation that did not come to its end, or was not heard to: it is taken up
		}
		for _, key := range slices.Sorted(maps.Keys(ownKeys(live[s], w.manager))) {
			set = append(set, s.named(key))
		}
	}
	if len(set) == 0 || adopt {
		return
	}
	diags.AddAttributeError(path.Root("namespace"), "There is an sls_platform_config for this namespace already",
		fmt.Sprintf("Its field manager, %[1]s, has set %[2]s in %[3]s, and this configuration did not. If it is another configuration's, set the keys there: a namespace has one sls_platform_config. "+
			"If it is this one, import it:\n\n"+
			"import {\n  to = sls_platform_config.<name>\n  id = \"%[3]s\"\n}\n\n"+
			"In a module, which can hold no import block, set adopt = true.", w.manager, some(set), w.namespace))
}

// some is a list in words that does not fill a page.
func some(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// addConflict tells of one key that somebody else has set to another value.
func (w *writer) addConflict(c *change, conflict kube.Conflict, diags *diag.Diagnostics) {
	key := keyOf(conflict)
	at, what := c.at(key), "the key "+key+" of the ConfigMap "+w.namespace+"/"+c.configMap
	wanted, ours := c.wanted[key]
	if !ours { // not of the data: nothing that this resource sends
		at, what = path.Root(c.attribute), conflict.Field+" of the ConfigMap "+w.namespace+"/"+c.configMap
	}
	diags.AddAttributeError(at, w.doing+": somebody else has set "+c.named(key),
		fmt.Sprintf("The field manager %s has set %s to %s; this configuration wants %q.\n\n"+
			"Either leave it to them, by removing %s from the configuration, or take it over with force_conflicts = true.",
			strings.Join(conflict.Managers, " and "), what, liveText(conflict.Live), wanted, c.named(key)))
}

// keyOf returns the key that a conflict is about: .data.KEY, where the key may
// have dots itself.
func keyOf(conflict kube.Conflict) string {
	key, _ := strings.CutPrefix(conflict.Field, ".data.")
	return key
}

func liveText(value any) string {
	if text, ok := value.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return "another value"
}

// refuse tells of a write that was refused. A webhook, Knative's or the
// platform's own, gives text alone: a key that it names is the attribute at
// fault.
func (w *writer) refuse(c *change, err error, diags *diag.Diagnostics) {
	if conflicts := kube.Conflicts(err, c.live, w.object(c, ""), w.manager); len(conflicts) > 0 {
		for _, conflict := range conflicts {
			w.addConflict(c, conflict, diags)
		}
		return
	}
	if !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err) && !apierrors.IsForbidden(err) {
		w.addError(diags, err)
		return
	}
	key, named := longestIn(err.Error(), c.wanted)
	if !named {
		lifecycle.AddErrorAt(diags, path.Root(c.attribute), w.doing, err)
		return
	}
	lifecycle.AddErrorAt(diags, c.at(key), w.doing+", "+c.named(key), err) // Terraform shows no path within an attribute
}

// longestIn returns the longest of the keys that a text names: min-scale is in
// many texts that are about another.
func longestIn(text string, keys map[string]string) (longest string, found bool) {
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if strings.Contains(text, key) && len(key) > len(longest) {
			longest, found = key, true
		}
	}
	return longest, found
}

func (w *writer) addError(diags *diag.Diagnostics, err error) {
	lifecycle.AddError(diags, w.doing, err)
}
