package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// environment sets variables of the containers that a manifest's workloads run.
type environment struct {
	of   map[string]map[string]string // by WORKLOAD or WORKLOAD/CONTAINER
	used map[string]bool
	keys []string // of all that could be named
}

func newEnvironment(of map[string]map[string]string) *environment {
	return &environment{of: of, used: map[string]bool{}}
}

// apply sets the variables of an object's containers. Those that a workload's name
// alone sets are for what it runs, not for what prepares it.
func (e *environment) apply(object *unstructured.Unstructured) {
	if len(e.of) == 0 {
		return
	}
	for list, container := range containersOf(object) {
		name, _ := container["name"].(string)
		one := object.GetName() + "/" + name
		if list == running {
			e.set(container, object.GetName())
		}
		e.set(container, one)
		e.keys = append(e.keys, one)
	}
}

// set sets what one key says in a container.
func (e *environment) set(container map[string]any, key string) {
	values, there := e.of[key]
	if !there {
		return
	}
	e.used[key] = true
	before, _ := container["env"].([]any)
	after := slices.Clone(before)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		variable := map[string]any{"name": name, "value": values[name]}
		at := slices.IndexFunc(after, func(of any) bool {
			fields, _ := of.(map[string]any)
			return fields["name"] == name
		})
		if at < 0 {
			after = append(after, variable)
		} else {
			after[at] = variable
		}
	}
	container["env"] = after
}

// check returns an error for a key that is no container of the manifest.
func (e *environment) check() error {
	for _, key := range slices.Sorted(maps.Keys(e.of)) {
		if e.used[key] {
			continue
		}
		slices.Sort(e.keys)
		has := "It runs none"
		if len(e.keys) > 0 {
			has = "It has " + strings.Join(slices.Compact(e.keys), ", ")
		}
		return &Error{
			Attribute: "env",
			Summary:   "The manifest has no such container",
			Detail: fmt.Sprintf("%q is neither a workload of the manifest nor a container of one, as WORKLOAD/CONTAINER. %s. "+
				"A new version may have renamed it.", key, has),
		}
	}
	return nil
}
