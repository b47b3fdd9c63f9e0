package cluster

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/confine"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/pki"
)

// PauseImage holds pods' namespaces open. It is named by tag, so that
// containerd can start before the image is pushed.
const PauseImage = "kubernetes/pause:v1"

// AuditedGroup is the group whose requests the audit log holds: service
// accounts of the namespace sls-audited. Tests count their requests.
const AuditedGroup = "system:serviceaccounts:sls-audited"

func (n Node) config(name string) string { return filepath.Join(n.Files.Config(), name) }

// writeConfig writes the configuration files that every node's programs have.
func (n Node) writeConfig() error {
	files := map[string]string{
		n.config("containerd.toml"):     n.containerdConfig(),
		n.config("cni/10-ptp.conflist"): n.cniConfig(),
		n.config("kubelet.yaml"):        n.kubeletConfig(),
		// No resolver: pods that want the host's own get no outside names.
		n.config("resolv.conf"): fmt.Sprintf("nameserver %s\n", n.DNSServiceIP()),
		n.config(filepath.Join("certs.d", address.Registry, "hosts.toml")): registryHosts,
	}
	for _, s := range kubeletSysctls {
		files[n.sysctlFile(s)] = s.value + "\n"
	}
	for path, text := range files {
		if err := writeFile(path, text); err != nil {
			return fmt.Errorf("configuration: %w", err)
		}
	}
	return nil
}

// sysctl is a setting of the whole machine.
type sysctl struct{ path, value string }

// kubeletSysctls are what the kubelet insists on. They would change the
// host; so it is shown files that have its values already.
var kubeletSysctls = []sysctl{
	{"vm/overcommit_memory", "1"},
	{"vm/panic_on_oom", "0"},
	{"kernel/panic", "10"},
	{"kernel/panic_on_oops", "1"},
	{"kernel/keys/root_maxkeys", "1000000"},
	{"kernel/keys/root_maxbytes", "25000000"},
}

func (n Node) sysctlFile(s sysctl) string {
	return n.config(filepath.Join("sysctl", strings.ReplaceAll(s.path, "/", ".")))
}

const registryHosts = `server = "http://` + address.RegistryEndpoint + `"

[host."http://` + address.RegistryEndpoint + `"]
  capabilities = ["pull", "resolve"]
`

func (n Node) containerdConfig() string {
	return fmt.Sprintf(`version = 2
root = %q
state = %q

[grpc]
  address = %q

[plugins."io.containerd.internal.v1.opt"]
  path = %q

[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "%s/%s"
  netns_mounts_under_state_dir = true
  max_concurrent_downloads = 8
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = %q
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = %q
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      ShimCgroup = "/%s"
`, n.Files.Containerd(), filepath.Join(n.Files.Run(), "containerd"), n.Files.ContainerdSocket(), filepath.Join(n.Files.Run(), "opt"),
		address.Registry, PauseImage, n.config("cni"), n.config("certs.d"), filepath.Join(n.Cgroup(), confine.ShimsLeaf))
}

// cniConfig gives each pod a routed link of its own. A bridge would need the
// host's br_netfilter module for Services.
func (n Node) cniConfig() string {
	return fmt.Sprintf(`{
  "cniVersion": "0.4.0",
  "name": %q,
  "plugins": [{
    "type": "ptp",
    "ipam": {
      "type": "host-local",
      "dataDir": %q,
      "ranges": [[{"subnet": %q}]],
      "routes": [{"dst": "0.0.0.0/0"}]
    }
  }]
}
`, n.Netns(), filepath.Join(n.Files.Run(), "ipam"), n.PodCIDR())
}

func (n Node) kubeletConfig() string {
	return fmt.Sprintf(`apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: %q}
authorization: {mode: Webhook}
tlsCertFile: %q
tlsPrivateKeyFile: %q
containerRuntimeEndpoint: "unix://%s"
cgroupDriver: cgroupfs
cgroupRoot: "/%s"
failCgroupV1: false
failSwapOn: false
clusterDomain: cluster.local
clusterDNS: [%q]
resolvConf: %q
podLogsDir: %q
volumePluginDir: %q
maxPods: 250
makeIPTablesUtilChains: false
serializeImagePulls: false
registryPullQPS: 0
eventRecordQPS: 0
kubeAPIQPS: 200
kubeAPIBurst: 400
# The machine's disk is the user's: a full one must not evict the platform.
localStorageCapacityIsolation: false
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 1Mi, nodefs.available: "1%%", imagefs.available: "1%%"}
`, n.keys().Cert(pki.CA), n.keys().Cert(pki.Kubelet), n.keys().Key(pki.Kubelet), n.Files.ContainerdSocket(), n.Cgroup(), n.DNSServiceIP(),
		n.config("resolv.conf"), filepath.Join(n.Files.Run(), "pod-logs"), filepath.Join(n.Files.Run(), "volume-plugins"))
}

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  userGroups: ["` + AuditedGroup + `"]
- level: None
`
