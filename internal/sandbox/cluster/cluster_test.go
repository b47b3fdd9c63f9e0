package cluster

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
)

func plan(t *testing.T, name string, index int) address.Plan {
	t.Helper()
	p, err := address.New(name, index)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newCluster(t *testing.T, root layout.Root, name string, index int) *Cluster {
	t.Helper()
	return New(plan(t, name, index), root, cgroup.Hierarchies{})
}

func TestClaim(t *testing.T) {
	root := layout.Root(t.TempDir())
	if err := newCluster(t, root, "test-a", 1).Claim(root); err != nil {
		t.Fatal(err)
	}
	if err := newCluster(t, root, "test-a", 1).Claim(root); err != nil {
		t.Errorf("again: %v", err)
	}
	if err := newCluster(t, root, "test-a", 2).Claim(root); err == nil || !strings.Contains(err.Error(), "with index 1") {
		t.Errorf("the same name with another index: %v", err)
	}
	if err := newCluster(t, root, "test-b", 1).Claim(root); err == nil || !strings.Contains(err.Error(), "belongs to cluster test-a") {
		t.Errorf("another's index: %v", err)
	}
	if err := newCluster(t, root, "test-b", 2).Claim(root); err != nil {
		t.Error(err)
	}
	// What was begun and killed before it had a record is in nobody's way.
	if err := os.MkdirAll(string(root.Cluster("test-c")), 0o755); err != nil {
		t.Fatal(err)
	}
	all, err := List(root)
	if err != nil || len(all) != 2 || all[1] != (Record{Name: "test-b", Index: 2}) {
		t.Errorf("got %+v, %v", all, err)
	}
}

func TestReadRecord(t *testing.T) {
	files := layout.Root(t.TempDir()).Cluster("x")
	if _, err := ReadRecord(files); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// Nothing of one cluster may appear in another's command lines or
// configuration.
func TestClustersShareNothing(t *testing.T) {
	root := layout.Root("/c")
	one, two := newCluster(t, root, "primary", 1), newCluster(t, root, "standby", 2)
	text := func(c *Cluster) string {
		all := dnsManifest(c.Plan, "image")
		for _, n := range []Node{c.first(), c.node(2)} {
			all += n.containerdConfig() + n.cniConfig() + n.kubeletConfig()
			for _, name := range n.Programs() {
				all += strings.Join(c.program(n, name, "/bin").Args, " ")
			}
		}
		return all
	}
	for _, foreign := range []string{"primary", "10.200.1.", "10.241.", "10.91."} {
		if strings.Contains(text(two), foreign) {
			t.Errorf("the second cluster's configuration holds %q", foreign)
		}
		if !strings.Contains(text(one), foreign) {
			t.Errorf("the first cluster's configuration lacks %q: what does this test look for?", foreign)
		}
	}
}

func TestStopKnowsThePrograms(t *testing.T) {
	err := newCluster(t, layout.Root(t.TempDir()), "one", 1).Stop(t.Context(), "kube-apiservr")
	if err == nil || !strings.Contains(err.Error(), "kube-apiserver") {
		t.Errorf("got %v", err)
	}
}

func TestConfigurationIsYAML(t *testing.T) {
	c := newCluster(t, "/c", "primary", 1)
	for name, text := range map[string]string{
		"kubelet": c.first().kubeletConfig(), "audit": auditPolicy, "cni": c.first().cniConfig(),
	} {
		var v map[string]any
		if err := yaml.UnmarshalStrict([]byte(text), &v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	objects, err := apply.Decode(strings.NewReader(dnsManifest(c.Plan, "image")))
	if err != nil || len(objects) != 6 {
		t.Errorf("CoreDNS: %d objects, %v", len(objects), err)
	}
	if strings.Contains(dnsManifest(c.Plan, "image"), "${") {
		t.Error("CoreDNS: something was not filled in")
	}
}

// The audit log must hold a request as soon as it is answered, and only the
// group's.
func TestAudit(t *testing.T) {
	c := newCluster(t, "/c", "primary", 1)
	args := strings.Join(c.program(c.first(), apiServer, "/bin").Args, " ")
	if !strings.Contains(args, "--audit-log-mode=blocking") || !strings.Contains(args, "--audit-log-path=/c/clusters/primary/logs/audit.log") {
		t.Errorf("got %s", args)
	}
	var policy struct {
		OmitStages []string
		Rules      []struct {
			Level      string
			UserGroups []string
		}
	}
	if err := yaml.Unmarshal([]byte(auditPolicy), &policy); err != nil {
		t.Fatal(err)
	}
	if len(policy.Rules) != 2 || policy.Rules[0].Level != "Metadata" || policy.Rules[0].UserGroups[0] != AuditedGroup || policy.Rules[1].Level != "None" {
		t.Errorf("got %+v", policy)
	}
}
