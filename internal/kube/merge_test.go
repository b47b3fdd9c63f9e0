package kube

import (
	"encoding/json"
	"reflect"
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
		base, wanted, live, merged string
		conflicts                  []string // fields
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
			merged, conflicts := Merge(stored(t, test.base), fromJSON(t, test.wanted), live)
			if want := fromJSON(t, test.merged); !reflect.DeepEqual(merged, want) {
				t.Errorf("merged  %v\nwant    %v", merged, want)
			}
			fields := map[string]bool{}
			for _, conflict := range conflicts {
				fields[conflict.Field] = true
			}
			for _, field := range test.conflicts {
				if !fields[field] {
					t.Errorf("no conflict at %s", field)
				}
				delete(fields, field)
			}
			if len(fields) > 0 {
				t.Errorf("conflicts at %v", fields)
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

func TestMergeTellsBothValues(t *testing.T) {
	t.Parallel()
	_, conflicts := Merge(fromJSON(t, `{"a":1}`), fromJSON(t, `{"a":2}`), fromJSON(t, `{"a":3}`))
	if len(conflicts) != 1 || conflicts[0].Live != int64(3) || conflicts[0].Wanted != int64(2) {
		t.Errorf("conflicts %v", conflicts)
	}
}
