package kube

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
)

// fromJSON returns a value as the API client decodes it.
func fromJSON(t *testing.T, text string) any {
	t.Helper()
	if text == "" {
		return nil
	}
	object := &Object{}
	// A list is decoded inside of an object, whose numbers become int64 as in
	// every answer of the API server.
	if err := object.UnmarshalJSON([]byte(`{"apiVersion":"v1","kind":"Test","value":` + text + `}`)); err != nil {
		t.Fatal(err)
	}
	return object.Object["value"]
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		base, filled, wanted, live, merged string
		conflicts, kept                    []string // fields
	}{
		"what others have added stays, behind ours": {
			base:   `[{"image":"a","env":[{"name":"X","value":"1"}]}]`,
			wanted: `[{"image":"b","env":[{"name":"X","value":"1"},{"name":"Y","value":"2"}]}]`,
			live:   `[{"name":"user-container","image":"a","env":[{"name":"THEIRS","value":"t"},{"name":"X","value":"1"}]}]`,
			merged: `[{"name":"user-container","image":"b","env":[{"name":"X","value":"1"},{"name":"Y","value":"2"},{"name":"THEIRS","value":"t"}]}]`,
		},
		"what we do not want any more goes": {
			base:   `[{"name":"app","image":"a","workingDir":"/srv","env":[{"name":"X","value":"1"},{"name":"Y","value":"2"}]}]`,
			wanted: `[{"name":"app","image":"a","env":[{"name":"X","value":"1"}]}]`,
			live:   `[{"name":"app","image":"a","workingDir":"/srv","env":[{"name":"X","value":"1"},{"name":"Y","value":"changed"}]}]`,
			merged: `[{"name":"app","image":"a","env":[{"name":"X","value":"1"}]}]`,
		},
		"without a base, whatever is not wanted is others'": {
			wanted: `[{"image":"b"}]`,
			live:   `[{"name":"user-container","image":"a","workingDir":"/srv"}]`,
			merged: `[{"name":"user-container","image":"b","workingDir":"/srv"}]`,
		},
		"what somebody else has removed comes back": {
			base:   `[{"name":"app","env":[{"name":"X","value":"1"}]}]`,
			wanted: `[{"name":"app","env":[{"name":"X","value":"1"}]}]`,
			live:   `[{"name":"app"}]`,
			merged: `[{"name":"app","env":[{"name":"X","value":"1"}]}]`,
		},
		"a third value is a conflict": {
			base:      `[{"image":"a","env":[{"name":"X","value":"1"}]}]`,
			wanted:    `[{"image":"b","env":[{"name":"X","value":"2"}]}]`,
			live:      `[{"name":"user-container","image":"c","env":[{"name":"X","value":"3"}]}]`,
			merged:    `[{"name":"user-container","image":"b","env":[{"name":"X","value":"2"}]}]`,
			conflicts: []string{"[0].env[X].value", "[0].image"},
			kept:      []string{"[0].name"},
		},
		"the value that we want, set by others too, is none": {
			base:   `[{"name":"app","image":"a"}]`,
			wanted: `[{"name":"app","image":"b"}]`,
			live:   `[{"name":"app","image":"b"}]`,
			merged: `[{"name":"app","image":"b"}]`,
		},
		"others' containers stay": {
			base:   `[{"image":"a"}]`,
			wanted: `[{"image":"b"}]`,
			live:   `[{"name":"user-container","image":"a"},{"name":"sidecar","image":"s"}]`,
			merged: `[{"name":"user-container","image":"b"},{"name":"sidecar","image":"s"}]`,
			kept:   []string{"[0].name", "[sidecar]"},
		},
		"what the API fills in goes, to be filled in again": {
			base:   `[{"image":"a","volumeMounts":[{"mountPath":"/d","name":"d"}]}]`,
			filled: `[{"image":"a","name":"app","readinessProbe":{"successThreshold":1},"volumeMounts":[{"mountPath":"/d","name":"d","readOnly":true}]}]`,
			wanted: `[{"image":"a","name":"app","volumeMounts":[{"mountPath":"/d","name":"d"}]}]`,
			live:   `[{"image":"a","name":"app","readinessProbe":{"successThreshold":1},"volumeMounts":[{"mountPath":"/d","name":"d","readOnly":true}]}]`,
			merged: `[{"image":"a","name":"app","volumeMounts":[{"mountPath":"/d","name":"d"}]}]`,
			kept:   []string{},
		},
		"what others have set to another value than the API's stays": {
			base:   `[{"image":"a"}]`,
			filled: `[{"image":"a","name":"app","readinessProbe":{"successThreshold":1}}]`,
			wanted: `[{"image":"b","name":"app"}]`,
			live:   `[{"image":"a","name":"app","readinessProbe":{"successThreshold":2}}]`,
			merged: `[{"image":"b","name":"app","readinessProbe":{"successThreshold":2}}]`,
			kept:   []string{"[app].readinessProbe"},
		},
		"tolerations are told apart by what they say": {
			base:   `{"tolerations":[{"key":"a"},{"key":"b"}]}`,
			wanted: `{"tolerations":[{"key":"a"},{"key":"c"}]}`,
			live:   `{"tolerations":[{"key":"theirs","operator":"Exists"},{"key":"a"},{"key":"b"}]}`,
			merged: `{"tolerations":[{"key":"a"},{"key":"c"},{"key":"theirs","operator":"Exists"}]}`,
			kept:   []string{`.tolerations[{"key":"theirs","operator":"Exists"}]`},
		},
		"and spread by what it spreads over": {
			base:   `{"topologySpreadConstraints":[{"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","maxSkew":1}]}`,
			wanted: `{"topologySpreadConstraints":[{"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","maxSkew":2}]}`,
			live:   `{"topologySpreadConstraints":[{"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","maxSkew":1},{"topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway","maxSkew":1}]}`,
			merged: `{"topologySpreadConstraints":[{"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","maxSkew":2},{"topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway","maxSkew":1}]}`,
		},
		"host aliases by address, a node's labels by key": {
			base:   `{"hostAliases":[{"ip":"10.0.0.1","hostnames":["a"]}],"nodeSelector":{"pool":"a"}}`,
			wanted: `{"hostAliases":[],"nodeSelector":{"pool":"b"}}`,
			live:   `{"hostAliases":[{"ip":"10.0.0.1","hostnames":["a"]},{"ip":"10.0.0.2","hostnames":["b"]}],"nodeSelector":{"pool":"a","zone":"x"}}`,
			merged: `{"hostAliases":[{"ip":"10.0.0.2","hostnames":["b"]}],"nodeSelector":{"pool":"b","zone":"x"}}`,
			kept:   []string{".hostAliases[10.0.0.2]", ".nodeSelector.zone"},
		},
		"a container of ours that gets a name is still ours": {
			base:   `[{"image":"a"}]`,
			wanted: `[{"name":"app","image":"a"},{"name":"log","image":"l"}]`,
			live:   `[{"name":"user-container","image":"a"},{"name":"sidecar","image":"s"}]`,
			merged: `[{"name":"app","image":"a"},{"name":"log","image":"l"},{"name":"sidecar","image":"s"}]`,
		},
		"our sidecar goes, others' stays": {
			base:   `[{"name":"app"},{"name":"log"}]`,
			wanted: `[{"name":"app"}]`,
			live:   `[{"name":"app"},{"name":"log"},{"name":"mesh"}]`,
			merged: `[{"name":"app"},{"name":"mesh"}]`,
		},
		"mounts are told apart by path, also of one volume": {
			base:   `[{"name":"data","mountPath":"/a"}]`,
			wanted: `[{"name":"data","mountPath":"/a","readOnly":true}]`,
			live:   `[{"name":"data","mountPath":"/theirs"},{"name":"data","mountPath":"/a"}]`,
			merged: `[{"name":"data","mountPath":"/a","readOnly":true},{"name":"data","mountPath":"/theirs"}]`,
		},
		"a port keeps its place when its protocol changes": {
			wanted: `[{"containerPort":8080,"name":"h2c"}]`,
			live:   `[{"containerPort":8080,"name":"http1","protocol":"TCP"}]`,
			merged: `[{"containerPort":8080,"name":"h2c","protocol":"TCP"}]`,
		},
		"another port of ours replaces the one before": {
			base:   `[{"containerPort":8080}]`,
			wanted: `[{"containerPort":9090}]`,
			live:   `[{"containerPort":8080,"name":"user-port"}]`,
			merged: `[{"containerPort":9090}]`,
		},
		"lists without names are one value": {
			base:      `{"args":["a"],"envFrom":[{"configMapRef":{"name":"a"}}]}`,
			wanted:    `{"args":["b"],"envFrom":[{"configMapRef":{"name":"b"}}]}`,
			live:      `{"args":["c"],"envFrom":[{"secretRef":{"name":"c"}}]}`,
			merged:    `{"args":["b"],"envFrom":[{"configMapRef":{"name":"b"}}]}`,
			conflicts: []string{".args", ".envFrom"},
		},
		"of alternatives there is one": {
			wanted: `[{"name":"X","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]`,
			live:   `[{"name":"X","value":"1"},{"name":"Y","value":"2"}]`,
			merged: `[{"name":"X","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}},{"name":"Y","value":"2"}]`,
		},
		"our alternative replaces the one before": {
			base:   `{"readinessProbe":{"httpGet":{"path":"/"}}}`,
			wanted: `{"readinessProbe":{"tcpSocket":{"port":8080}}}`,
			live:   `{"readinessProbe":{"httpGet":{"path":"/"},"periodSeconds":10}}`,
			merged: `{"readinessProbe":{"tcpSocket":{"port":8080},"periodSeconds":10}}`,
		},
		"somebody else's alternative to ours is a conflict": {
			base:      `[{"name":"X","value":"1"}]`,
			wanted:    `[{"name":"X","value":"1"}]`,
			live:      `[{"name":"X","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]`,
			merged:    `[{"name":"X","value":"1"}]`,
			conflicts: []string{"[X].valueFrom"},
		},
		"numbers are equal": {
			base:   `{"port":8080}`,
			wanted: `{"port":9090}`,
			live:   `{"port":8080}`,
			merged: `{"port":9090}`,
		},
		"nothing is live": {wanted: `{"a":"b"}`, merged: `{"a":"b"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := fromJSON(t, test.live)
			merged := Merge{Base: stored(t, test.base), Filled: fromJSON(t, test.filled), Wanted: fromJSON(t, test.wanted), Live: live}.Do()
			if want := fromJSON(t, test.merged); !reflect.DeepEqual(merged.Value, want) {
				t.Errorf("merged  %v\nwant    %v", merged.Value, want)
			}
			var fields []string
			for _, conflict := range merged.Conflicts {
				fields = append(fields, conflict.Field)
			}
			slices.Sort(fields)
			if !slices.Equal(fields, test.conflicts) {
				t.Errorf("conflicts at %v, want %v", fields, test.conflicts)
			}
			if kept := slices.Sorted(maps.Keys(merged.Kept)); test.kept != nil && !slices.Equal(kept, test.kept) {
				t.Errorf("kept %v, want %v", kept, test.kept)
			}
			if !reflect.DeepEqual(live, fromJSON(t, test.live)) {
				t.Errorf("the live object was changed: %v", live)
			}
		})
	}
}

// stored returns a value that was kept as text, whose numbers are float64.
func stored(t *testing.T, text string) (value any) {
	t.Helper()
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// What we wrote ourselves, before a crash kept us from remembering it, is not
// others'.
func TestMergeKeepsOnlyWhatIsTheirs(t *testing.T) {
	t.Parallel()
	live := fromJSON(t, `[{"name":"app","image":"b","env":[{"name":"OURS","value":"1"},{"name":"THEIRS","value":"1"}],"workingDir":"/ours"},{"name":"log"}]`)
	merged := Merge{
		Base: fromJSON(t, `[{"name":"app","image":"a"}]`), Wanted: fromJSON(t, `[{"name":"app","image":"c"}]`), Live: live,
		Theirs: func(field string) bool { return field == "[app].env" || field == "[log]" },
	}.Do()
	want := fromJSON(t, `[{"name":"app","image":"c","env":[{"name":"OURS","value":"1"},{"name":"THEIRS","value":"1"}]},{"name":"log"}]`)
	if !reflect.DeepEqual(merged.Value, want) {
		t.Errorf("merged  %v\nwant    %v", merged.Value, want)
	}
}

func TestMergeTellsBothValues(t *testing.T) {
	t.Parallel()
	conflicts := Merge{Base: fromJSON(t, `{"a":1}`), Wanted: fromJSON(t, `{"a":2}`), Live: fromJSON(t, `{"a":3}`)}.Do().Conflicts
	if len(conflicts) != 1 || conflicts[0].Live != int64(3) || conflicts[0].Wanted != int64(2) {
		t.Errorf("conflicts %v", conflicts)
	}
}
