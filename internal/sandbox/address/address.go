// Package address derives every name and address of a cluster from its name
// and its index, so that clusters run side by side without a registry of who
// uses what.
package address

import (
	"fmt"
	"net/netip"
	"regexp"
)

// The registry is no cluster's: it listens on an address of its own of the
// host, which every cluster reaches by its default route. One name therefore
// means the same images everywhere, and they outlive each cluster.
const (
	// RegistryIP is where the registry listens.
	RegistryIP = "10.200.0.1"
	// RegistryPort is the port it listens on.
	RegistryPort = "5000"
	// RegistryHost is its name. Image tools take a name under .local for
	// a registry without TLS.
	RegistryHost = "registry.sls.local"
	// Registry is the first part of every image's name.
	Registry = RegistryHost + ":" + RegistryPort
	// RegistryEndpoint is the registry's address without name resolution.
	RegistryEndpoint = RegistryIP + ":" + RegistryPort
	// RegistryCgroup holds the registry's process.
	RegistryCgroup = "sls-registry"
)

// The object store for backups is beside the registry, on the same address, and
// as little any cluster's.
const (
	// StoreEndpoint is the store's address, from the host and from pods alike.
	StoreEndpoint = RegistryIP + ":9000"
	// Store is its URL.
	Store = "http://" + StoreEndpoint
	// StoreCgroup holds the store's process.
	StoreCgroup = "sls-store"
)

// Domain is the public domain of a cluster's Knative services: inside
// example.com, which nobody can own.
const Domain = "sls.example.com"

// MaxIndex is the largest index: pods live in 10.(240+index).0.0/16.
const MaxIndex = 9

// MaxNodes is how many nodes a cluster has at most.
const MaxNodes = 9

// GatewayNodePort and GatewayTLSNodePort are the ports on the node's
// address at which the ingress gateway listens.
const (
	GatewayNodePort    = 30080
	GatewayTLSNodePort = 30443
)

var validName = regexp.MustCompile(`^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$`)

// Plan is one cluster's name and index; its methods are everything that
// follows from them.
type Plan struct {
	Name  string
	Index int
}

// New checks a name (it becomes a node's name, a network namespace and a
// cgroup) and an index (it becomes part of addresses).
func New(name string, index int) (Plan, error) {
	if !validName.MatchString(name) {
		return Plan{}, fmt.Errorf("cluster name %q: use at most 30 lower-case letters, digits and '-', beginning with a letter", name)
	}
	if name == "registry" || name == "store" {
		return Plan{}, fmt.Errorf("cluster name %q is taken: the %s has it", name, name)
	}
	if index < 1 || index > MaxIndex {
		return Plan{}, fmt.Errorf("cluster index %d: use 1 to %d", index, MaxIndex)
	}
	return Plan{Name: name, Index: index}, nil
}

// HostIP is the host's end of the cluster's link.
func (p Plan) HostIP() netip.Addr { return netip.AddrFrom4([4]byte{10, 200, byte(p.Index), 1}) }

// NodeIP is the first node's address: the API server and node ports.
func (p Plan) NodeIP() netip.Addr { return netip.AddrFrom4([4]byte{10, 200, byte(p.Index), 2}) }

// LinkCIDR is the network between host and node, as seen from an end.
func (p Plan) LinkCIDR(end netip.Addr) netip.Prefix { return netip.PrefixFrom(end, 24) }

// PodCIDR is the range of all pods.
func (p Plan) PodCIDR() netip.Prefix { return p.pods(0, 16) }

func (p Plan) pods(node byte, bits int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(240 + p.Index), node, 0}), bits)
}

// ServiceCIDR is the range of cluster IPs.
func (p Plan) ServiceCIDR() netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(90 + p.Index), 0, 0}), 16)
}

// APIServiceIP is the cluster IP of the Service "kubernetes": the first of
// the range, by the API server's own rule.
func (p Plan) APIServiceIP() netip.Addr { return p.service(1) }

// DNSServiceIP is the cluster IP of CoreDNS.
func (p Plan) DNSServiceIP() netip.Addr { return p.service(10) }

func (p Plan) service(host byte) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(90 + p.Index), 0, host})
}

// APIServer is the API server's URL, from the host and from pods alike.
func (p Plan) APIServer() string { return fmt.Sprintf("https://%s:6443", p.NodeIP()) }

// Gateway is the URL of the ingress gateway's public listener.
func (p Plan) Gateway() string { return fmt.Sprintf("http://%s:%d", p.NodeIP(), GatewayNodePort) }

// GatewayTLS is the address of the ingress gateway's listener for TLS.
func (p Plan) GatewayTLS() string { return fmt.Sprintf("%s:%d", p.NodeIP(), GatewayTLSNodePort) }

// Netns names the cluster's network namespace.
func (p Plan) Netns() string { return "sls-" + p.Name }

// Cgroup names the cluster's cgroup, the same in every hierarchy.
func (p Plan) Cgroup() string { return "sls-" + p.Name }

// HostLink names the host's end of the cluster's veth pair. It is made from
// the index because a link's name has 15 characters at most.
func (p Plan) HostLink() string { return fmt.Sprintf("sls%d", p.Index) }
