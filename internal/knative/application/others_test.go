package application

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// liveWith is a Service on the cluster with that template; the others' fields
// are those of a manager "kim", ours those of "sls-application".
func liveWith(t *testing.T, template, ours, theirs, kept string) *kube.Object {
	t.Helper()
	text := `{"apiVersion":"serving.knative.dev/v1","kind":"Service","metadata":{"namespace":"prod","name":"shop",
	  "annotations":{"sls-platform.github.io/kept-from-others":` + quoted(t, kept) + `},
	  "managedFields":[
	    {"manager":"sls-application","operation":"Apply","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:template":` + ours + `}}},
	    {"manager":"kim","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:template":` + theirs + `}}}]},
	  "spec":{"template":` + template + `}}`
	object := &kube.Object{}
	if err := object.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return object
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func template(t *testing.T, text string) map[string]any {
	t.Helper()
	if text == "" {
		return nil
	}
	object := &kube.Object{}
	if err := object.UnmarshalJSON([]byte(`{"apiVersion":"v1","kind":"Test","template":` + text + `}`)); err != nil {
		t.Fatal(err)
	}
	fields, _ := object.Object["template"].(map[string]any)
	return fields
}

// paths are where others' parts are, in one line each.
func paths(parts []kube.Part) (lines []string) {
	for _, part := range parts {
		line := ""
		for _, step := range part.Path {
			line += " " + step
		}
		lines = append(lines, line[1:])
	}
	slices.Sort(lines)
	return lines
}

func TestMergeWithOthers(t *testing.T) {
	t.Parallel()
	// What Knative makes of a container of which nothing but the image is said.
	const defaults = `"name":"user-container","readinessProbe":{"successThreshold":1,"tcpSocket":{"port":0}},"resources":{}`
	for name, test := range map[string]struct {
		live, ours, theirs, kept string // the cluster's
		base, wanted             string // ours
		want                     string // to be sent
		parts, keeps, conflicts  []string
	}{
		"nobody else has anything": {
			live: `{"spec":{"containers":[{"image":"a",` + defaults + `}],"timeoutSeconds":300}}`,
			ours: `{"f:spec":{"f:containers":{}}}`, theirs: `{"f:metadata":{"f:annotations":{"f:client.knative.dev/user-image":{}},"f:name":{}}}`,
			base: `{"spec":{"containers":[{"image":"a"}]}}`, wanted: `{"spec":{"containers":[{"image":"b"}]}}`,
			want: `{"spec":{"containers":[{"image":"b"}]}}`,
		},
		"a sidecar with its volume": {
			live: `{"spec":{"containers":[{"image":"a",` + defaults + `,"ports":[{"containerPort":8080}]},{"name":"log","image":"l"}],
			        "volumes":[{"name":"logs","emptyDir":{}}]}}`,
			ours: `{}`, theirs: `{"f:spec":{"f:containers":{},"f:volumes":{"k:{\"name\":\"logs\"}":{".":{},"f:name":{},"f:emptyDir":{}}}}}`,
			base: `{"spec":{"containers":[{"image":"a"}]}}`, wanted: `{"spec":{"containers":[{"image":"b"}]}}`,
			want: `{"spec":{"containers":[{"image":"b","name":"user-container","ports":[{"containerPort":8080}]},{"name":"log","image":"l"}]}}`,
			parts: []string{
				".containers[log]", ".containers[user-container].ports", `f:spec f:volumes k:{"name":"logs"}`,
			},
			keeps: []string{".containers[log]", ".containers[user-container].ports"},
		},
		"what we have kept before stays, what we wrote does not": {
			live: `{"spec":{"containers":[{"image":"a","env":[{"name":"OURS","value":"1"}],` + defaults + `},{"name":"log","image":"l"}]}}`,
			ours: `{"f:spec":{"f:containers":{}}}`, theirs: `{}`, kept: `[".containers[log]"]`,
			base: `{"spec":{"containers":[{"image":"a"}]}}`, wanted: `{"spec":{"containers":[{"image":"b"}]}}`,
			want:  `{"spec":{"containers":[{"image":"b","name":"user-container"},{"name":"log","image":"l"}]}}`,
			parts: []string{".containers[log]"}, keeps: []string{".containers[log]"},
		},
		"what they have taken out again is gone": {
			live: `{"spec":{"containers":[{"image":"a",` + defaults + `}]}}`,
			ours: `{}`, theirs: `{"f:spec":{"f:containers":{}}}`, kept: `[".containers[log]"]`,
			base: `{"spec":{"containers":[{"image":"a"}]}}`, wanted: `{"spec":{"containers":[{"image":"b"}]}}`,
			want: `{"spec":{"containers":[{"image":"b","name":"user-container"}]}}`,
		},
		"a toleration beside ours": {
			live: `{"spec":{"containers":[{"image":"a",` + defaults + `}],"tolerations":[{"key":"a"},{"key":"theirs"}],"nodeSelector":{"zone":"x"}}}`,
			ours: `{"f:spec":{"f:containers":{}}}`, theirs: `{"f:spec":{"f:tolerations":{},"f:nodeSelector":{}}}`,
			base: `{"spec":{"containers":[{"image":"a"}],"tolerations":[{"key":"a"}]}}`, wanted: `{"spec":{"containers":[{"image":"a"}]}}`,
			want: `{"spec":{"containers":[{"image":"a"}],"tolerations":[{"key":"theirs"}]}}`,
			// The node selector is all theirs, and stays theirs.
			parts: []string{`.tolerations[{"key":"theirs"}]`, "f:spec f:nodeSelector"}, keeps: []string{`.tolerations[{"key":"theirs"}]`},
		},
		"what is left of a list that others have written": {
			live: `{"spec":{"containers":[{"image":"a",` + defaults + `}],"hostAliases":[{"ip":"10.0.0.1","hostnames":["a"]}]}}`,
			ours: `{"f:spec":{"f:containers":{}}}`, theirs: `{"f:spec":{"f:hostAliases":{}}}`,
			base: `{"spec":{"containers":[{"image":"a"}],"hostAliases":[{"ip":"10.0.0.1","hostnames":["a"]}]}}`, wanted: `{"spec":{"containers":[{"image":"a"}]}}`,
			want: `{"spec":{"containers":[{"image":"a"}],"hostAliases":[]}}`,
		},
		"a third value": {
			live: `{"spec":{"containers":[{"image":"c",` + defaults + `}]}}`,
			ours: `{}`, theirs: `{"f:spec":{"f:containers":{}}}`,
			base: `{"spec":{"containers":[{"image":"a"}]}}`, wanted: `{"spec":{"containers":[{"image":"b"}]}}`,
			want:      `{"spec":{"containers":[{"image":"b","name":"user-container"}]}}`,
			conflicts: []string{".spec.template.spec.containers[user-container].image"},
		},
		"what a killed write of ours has left is no conflict": {
			live: `{"spec":{"containers":[{"image":"c",` + defaults + `},{"name":"log","image":"l"}]}}`,
			ours: `{"f:spec":{"f:containers":{}}}`, theirs: `{}`, kept: `[".containers[log]"]`,
			base: `{"spec":{"containers":[{"image":"a"}]}}`, wanted: `{"spec":{"containers":[{"image":"b"}]}}`,
			want:  `{"spec":{"containers":[{"image":"b","name":"user-container"},{"name":"log","image":"l"}]}}`,
			parts: []string{".containers[log]"}, keeps: []string{".containers[log]"},
		},
		"single values": {
			live: `{"metadata":{"annotations":{"a.b/c":"d"},"labels":{"tier":"gold"}},"spec":{"containers":[{"image":"a",` + defaults + `}],"timeoutSeconds":600,"containerConcurrency":5}}`,
			ours: `{"f:spec":{"f:containers":{}}}`, theirs: `{"f:metadata":{"f:annotations":{"f:a.b/c":{}},"f:labels":{".":{},"f:tier":{}}},"f:spec":{"f:timeoutSeconds":{},"f:containerConcurrency":{}}}`,
			base: `{"spec":{"containers":[{"image":"a"}]}}`, wanted: `{"spec":{"containers":[{"image":"b"}],"containerConcurrency":5}}`,
			want:  `{"spec":{"containers":[{"image":"b"}],"containerConcurrency":5}}`,
			parts: []string{"f:metadata f:annotations f:a.b/c", "f:metadata f:labels f:tier", "f:spec f:timeoutSeconds"},
		},
		"taken over without a base": {
			live: `{"spec":{"containers":[{"image":"a","workingDir":"/srv",` + defaults + `}]}}`,
			ours: `{}`, theirs: `{"f:spec":{"f:containers":{}}}`,
			wanted: `{"spec":{"containers":[{"image":"b"}]}}`,
			want:   `{"spec":{"containers":[{"image":"b","name":"user-container","workingDir":"/srv"}]}}`,
			parts:  []string{".containers[user-container].workingDir"}, keeps: []string{".containers[user-container].workingDir"},
		},
		"on a platform with secure defaults": {
			live: `{"spec":{"containers":[{"image":"a",` + defaults + `,"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}}]}}`,
			ours: `{}`, theirs: `{"f:spec":{"f:containers":{}}}`,
			base: `{"spec":{"containers":[{"image":"a"}]}}`, wanted: `{"spec":{"containers":[{"image":"b"}]}}`,
			want: `{"spec":{"containers":[{"image":"b","name":"user-container"}]}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs := othersOf(liveWith(t, test.live, test.ours, test.theirs, test.kept), "sls-application")
			base, wanted := template(t, test.base), template(t, test.wanted)
			merged := theirs.merge(base, wanted)
			if want := template(t, test.want); !reflect.DeepEqual(merged.template, want) {
				t.Errorf("sends %v\nwant  %v", merged.template, want)
			}
			if got := paths(merged.theirs); !slices.Equal(got, test.parts) {
				t.Errorf("others have %q, want %q", got, test.parts)
			}
			if !slices.Equal(merged.kept, test.keeps) {
				t.Errorf("keeps %q, want %q", merged.kept, test.keeps)
			}
			var conflicts []string
			for _, conflict := range merged.conflicts {
				if !slices.Equal(conflict.Managers, []string{"kim"}) {
					t.Errorf("the conflict is with %v", conflict.Managers)
				}
				conflicts = append(conflicts, conflict.Field)
			}
			if !slices.Equal(conflicts, test.conflicts) {
				t.Errorf("conflicts at %q, want %q", conflicts, test.conflicts)
			}

			// A plan has this from the state, as text.
			encoded, err := json.Marshal(theirs)
			if err != nil {
				t.Fatal(err)
			}
			var planned others
			if err := json.Unmarshal(encoded, &planned); err != nil {
				t.Fatal(err)
			}
			want := &desired{name: "shop", version: "1", template: wanted, revision: "shop-1-plain"}
			applied, err := merged.revisionName(want)
			if err != nil {
				t.Fatal(err)
			}
			asPlanned, err := planned.merge(base, wanted).revisionName(want)
			if err != nil || asPlanned != applied {
				t.Errorf("planned as %q, applied as %q; %v", asPlanned, applied, err)
			}
			if plain := applied == want.revision; plain != (len(test.parts) == 0) {
				t.Errorf("the revision is named %s", applied)
			}
		})
	}
}

// Going back, the revision's own spec is sent, but nothing that others own.
func TestGoingBackBesideOthers(t *testing.T) {
	t.Parallel()
	live := liveWith(t, `{"spec":{"containers":[{"image":"b","name":"user-container"}],"timeoutSeconds":600,"volumes":[{"name":"logs","emptyDir":{}}]}}`,
		`{"f:spec":{"f:containers":{}}}`, `{"f:spec":{"f:timeoutSeconds":{},"f:volumes":{"k:{\"name\":\"logs\"}":{".":{},"f:name":{},"f:emptyDir":{}}}}}`, "")
	merged := othersOf(live, "sls-application").merge(nil, template(t, `{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"image":"a"}]}}`))
	revision := &kube.Object{Object: map[string]any{"spec": template(t,
		`{"containers":[{"image":"a","name":"user-container"}],"timeoutSeconds":600,"containerConcurrency":0,"volumes":[{"name":"logs","emptyDir":{}}]}`)}}
	want := template(t, `{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"image":"a","name":"user-container"}],"containerConcurrency":0,"volumes":[]}}`)
	if got := merged.sent(revision); !reflect.DeepEqual(got, want) {
		t.Errorf("sends %v\nwant  %v", got, want)
	}
}

// What an import has read of a predecessor's is no longer others' with the first write:
// a plan names the revision so. What it has not read, or somebody else has, stays.
func TestInherited(t *testing.T) {
	t.Parallel()
	const predecessor = "kim"
	live := liveWith(t, `{"metadata":{"annotations":{"read":"yes","unread":"yes"}},"spec":{"containers":[{"image":"a"}],"timeoutSeconds":600}}`,
		`{"f:spec":{"f:containers":{}}}`, `{"f:metadata":{"f:annotations":{"f:read":{},"f:unread":{}}},"f:spec":{"f:timeoutSeconds":{}}}`, "")
	base := template(t, `{"metadata":{"annotations":{"read":"yes"}},"spec":{"containers":[{"image":"a"}],"timeoutSeconds":600}}`)
	for name, test := range map[string]struct {
		predecessors []string
		left         int
	}{
		"of a predecessor":    {[]string{predecessor}, 1},
		"of nobody's we know": {nil, 3},
	} {
		theirs := othersOf(live, "sls-application")
		theirs.Inheritable = theirs.inheritable(live, "sls-application", test.predecessors...)
		if left := theirs.inherited(base).Parts; len(left) != test.left {
			t.Errorf("%s, there is left %v", name, left)
		}
		if len(theirs.Parts) != 3 {
			t.Errorf("%s, what was read has changed: %v", name, theirs.Parts)
		}
	}
}
