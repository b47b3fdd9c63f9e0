package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/steps"
)

func TestParse(t *testing.T) {
	o, err := parse("up", []string{"--name", "standby", "--index=2", "--bare"})
	if err != nil || !reflect.DeepEqual(o, options{name: "standby", index: 2, bare: true}) {
		t.Errorf("got %+v, %v", o, err)
	}
	if o, err := parse("scale", []string{"--nodes", "2"}); err != nil || !reflect.DeepEqual(o, options{name: "primary", index: 1, nodes: 2}) {
		t.Errorf("scale: got %+v, %v", o, err)
	}
	if o, err := parse("up", nil); err != nil || !reflect.DeepEqual(o, options{name: "primary", index: 1}) {
		t.Errorf("by default: %+v, %v", o, err)
	}
	if o, err := parse("image", []string{"ci/tools:1", "dir"}); err != nil || !slices.Equal(o.operands, []string{"ci/tools:1", "dir"}) {
		t.Errorf("image: got %+v, %v", o, err)
	}
	if o, err := parse("stop", []string{"--name", "standby", "kube-apiserver"}); err != nil || o.name != "standby" || !slices.Equal(o.operands, []string{"kube-apiserver"}) {
		t.Errorf("stop: got %+v, %v", o, err)
	}
	for _, args := range [][]string{{"--nosuch"}, {"--index", "x"}, {"primary"}, {"--all", "--name", "x"}} {
		if _, err := parse("up", args); !errors.As(err, new(errUsage)) {
			t.Errorf("%q: got %v", args, err)
		}
	}
	if _, err := parse("up", []string{"--help"}); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("help: got %v", err)
	}
}

// root has a cluster's record, in a folder whose name a shell would split.
func root(t *testing.T) layout.Root {
	t.Helper()
	r := layout.Root(filepath.Join(t.TempDir(), "it's mine"))
	files := r.Cluster("standby")
	if err := os.MkdirAll(string(files), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files.Record(), []byte(`{"Name":"standby","Index":2}`), 0o644); err != nil {
		t.Fatal(err)
	}
	return r
}

// To end a cluster that never was must not cut another one off, whose index it
// might have had.
func TestPlanOfAClusterThatEnds(t *testing.T) {
	r := root(t)
	plan, err := planOf(r, "standby")
	if err != nil || plan != (address.Plan{Name: "standby", Index: 2}) {
		t.Errorf("got %+v, %v", plan, err)
	}
	plan, err = planOf(r, "never")
	if err != nil || plan.Name != "never" {
		t.Errorf("got %+v, %v", plan, err)
	}
	for index := 1; index <= address.MaxIndex; index++ {
		if other := (address.Plan{Name: "other", Index: index}); plan.HostLink() == other.HostLink() {
			t.Errorf("without a record it has the link of index %d", index)
		}
	}
	if _, err := planOf(r, "../primary"); err == nil {
		t.Error("took a path for a name")
	}
}

// What env prints is read by a shell: it must come out of one as it went in.
func TestEnvInAShell(t *testing.T) {
	r := root(t)
	var out bytes.Buffer
	if err := printEnv(r, options{name: "standby"}, &out); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"KUBECONFIG":         r.Cluster("standby").Kubeconfig(),
		"SLS_GATEWAY":        "http://10.200.2.2:30080",
		"SLS_DOMAIN":         address.Domain,
		"SLS_REGISTRY":       "registry.sls.local:5000",
		"SLS_IMAGE_HELLO_V1": "registry.sls.local:5000/hello:v1",
		"SLS_IMAGE_HELLO_V3": "registry.sls.local:5000/hello:v3",
		"SLS_AUDIT_LOG":      r.Cluster("standby").AuditLog(),
	} {
		got, err := exec.Command("sh", "-c", out.String()+`printf %s "$`+name+`"`).Output()
		if err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
		}
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "export ") {
			t.Errorf("line %q", line)
		}
	}
}

func TestEnvOfNoCluster(t *testing.T) {
	err := printEnv(root(t), options{name: "primary"}, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "up --name primary") {
		t.Errorf("got %v", err)
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"/a/b-c_1.2:3": "/a/b-c_1.2:3", "": "''", "a b": "'a b'", "$(x)": "'$(x)'", "a'b": `'a'\''b'`,
	} {
		if got := quote(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	log := filepath.Join(t.TempDir(), "etcd.log")
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "line %d\n", i)
	}
	if err := os.WriteFile(log, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	got := explain(&steps.Error{Step: "build Istio", Err: fmt.Errorf("x: %w", &steps.Failure{Log: log, Err: boom})})
	for _, want := range []string{"build Istio", "boom", log, "line 99\n", "line 90\n", "make sandbox-down"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "line 50\n") {
		t.Errorf("the whole log in:\n%s", got)
	}
	if got := explain(fmt.Errorf("x: %w", context.Canceled)); !strings.Contains(got, "interrupted") || strings.Contains(got, "canceled") {
		t.Errorf("interrupted: %q", got)
	}
}

func TestSourceDir(t *testing.T) {
	if _, err := sourceDir(); err != nil {
		t.Error(err) // tests run in the source folder
	}
	t.Chdir(t.TempDir())
	if _, err := sourceDir(); err == nil || !strings.Contains(err.Error(), "go -C internal/sandbox") {
		t.Errorf("elsewhere: %v", err)
	}
}

// Every step's needs must be among the steps, whatever is booted.
func TestStepsAreComplete(t *testing.T) {
	plan, err := address.New("standby", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, bare := range []bool{true, false} {
		b := &boot{cluster: cluster.New(plan, root(t), cgroup.Hierarchies{}), joining: []int{2, 3}, leaving: []int{5, 4}}
		names := complete(t, b.steps(bare))
		if bare == names["the cluster's manifests"] || !names["node standby-3"] || !names["node standby-4 leaves"] {
			t.Errorf("bare %v: %v", bare, names)
		}
	}
	b := &boot{cluster: cluster.New(plan, root(t), cgroup.Hierarchies{}), joining: []int{2}, leaving: []int{3}}
	if names := complete(t, b.scaling()); !names["node standby-2"] || !names["node standby-3 leaves"] || names["control plane"] {
		t.Errorf("scaling: %v", names)
	}
}

// complete checks that what steps come after is among them, and returns their names.
func complete(t *testing.T, all []*steps.Step) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	known := map[*steps.Step]bool{}
	for _, s := range all {
		if names[s.Name] {
			t.Errorf("two steps are called %q", s.Name)
		}
		names[s.Name], known[s] = true, true
		for _, before := range s.After {
			if !known[before] {
				t.Errorf("%q comes after a step that is not among those before it", s.Name)
			}
		}
	}
	return names
}

func TestScaleRefuses(t *testing.T) {
	for name, o := range map[string]options{
		"--nodes":         {name: "standby"},
		"use 1 to 9":      {name: "standby", nodes: 10},
		"up --name other": {name: "other", nodes: 2},
	} {
		if err := scale(t.Context(), root(t), o, os.Stderr); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%+v: got %v", o, err)
		}
	}
}
