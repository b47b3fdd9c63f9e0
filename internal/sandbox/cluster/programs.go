package cluster

import (
	"path/filepath"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/confine"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/pki"
)

// The programs of a cluster.
const (
	etcd              = "etcd"
	apiServer         = "kube-apiserver"
	containerd        = "containerd"
	controllerManager = "kube-controller-manager"
	scheduler         = "kube-scheduler"
	kubelet           = "kubelet"
	proxy             = "kube-proxy"
)

// program describes how one is started; bin is the folder with the built
// programs.
func (c *Cluster) program(n Node, name, bin string) confine.Program {
	keys := n.keys()
	p := confine.Program{Name: name, Log: n.Files.Log(name)}
	switch name {
	case etcd:
		p.Path = filepath.Join(bin, "etcd")
		p.Args = []string{
			"--data-dir=" + c.Files.Etcd(),
			"--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379",
			"--listen-peer-urls=http://127.0.0.1:2380",
			// A sandbox's data need not survive a power failure; its start should be quick.
			"--unsafe-no-fsync",
		}
		return p
	case containerd:
		p.Path = "/usr/bin/containerd"
		p.Args = []string{"--config=" + n.config("containerd.toml")}
		return p
	}
	p.Path = filepath.Join(bin, "kube")
	p.Args = []string{name}
	switch name {
	case apiServer:
		p.Args = append(p.Args,
			"--etcd-servers=http://127.0.0.1:2379",
			"--advertise-address="+c.Plan.NodeIP().String(),
			"--service-cluster-ip-range="+c.Plan.ServiceCIDR().String(),
			"--tls-cert-file="+keys.Cert(pki.APIServer), "--tls-private-key-file="+keys.Key(pki.APIServer),
			"--client-ca-file="+keys.Cert(pki.CA),
			"--service-account-key-file="+keys.ServiceAccountKey(), "--service-account-signing-key-file="+keys.ServiceAccountKey(),
			"--service-account-issuer=https://kubernetes.default.svc",
			"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
			"--kubelet-client-certificate="+keys.Cert(pki.Admin), "--kubelet-client-key="+keys.Key(pki.Admin),
			"--kubelet-preferred-address-types=InternalIP",
			// Blocking: a request that was answered is in the log.
			"--audit-policy-file="+n.config("audit.yaml"), "--audit-log-path="+c.Files.AuditLog(), "--audit-log-mode=blocking",
			"--audit-log-maxsize=1024", "--audit-log-maxbackup=1",
		)
	case controllerManager:
		p.Args = append(p.Args,
			"--kubeconfig="+keys.Kubeconfig(pki.ControllerManager),
			"--service-account-private-key-file="+keys.ServiceAccountKey(),
			"--root-ca-file="+keys.Cert(pki.CA), "--cluster-signing-cert-file="+keys.Cert(pki.CA), "--cluster-signing-key-file="+keys.Key(pki.CA),
			"--use-service-account-credentials", "--allocate-node-cidrs", "--cluster-cidr="+c.Plan.PodCIDR().String(),
			"--leader-elect=false", "--kube-api-qps=200", "--kube-api-burst=400",
		)
	case scheduler:
		p.Args = append(p.Args, "--kubeconfig="+keys.Kubeconfig(pki.Scheduler), "--leader-elect=false", "--kube-api-qps=200", "--kube-api-burst=400")
	case kubelet:
		p.Args = append(p.Args,
			"--config="+n.config("kubelet.yaml"), "--kubeconfig="+keys.Kubeconfig(pki.Kubelet),
			"--hostname-override="+n.Name(), "--node-ip="+n.IP().String(), "--root-dir="+n.Files.Kubelet(),
		)
	case proxy:
		p.Args = append(p.Args,
			"--kubeconfig="+keys.Kubeconfig(pki.Proxy), "--hostname-override="+n.Name(),
			"--proxy-mode=nftables", "--cluster-cidr="+c.Plan.PodCIDR().String(),
			// The host's limits for connection tracking stay as they are.
			"--conntrack-max-per-core=0", "--conntrack-min=0",
			"--conntrack-tcp-timeout-established=0", "--conntrack-tcp-timeout-close-wait=0",
		)
	}
	return p
}
