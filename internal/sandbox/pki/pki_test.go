package pki

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
)

func keys(t *testing.T) (Dir, address.Plan) {
	t.Helper()
	p, err := address.New("primary", 3)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Ensure(filepath.Join(t.TempDir(), "pki"), p)
	if err != nil {
		t.Fatal(err)
	}
	return d, p
}

func TestCertificates(t *testing.T) {
	d, p := keys(t)
	text, err := os.ReadFile(d.Cert(CA))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		t.Fatal("no certificate of the authority")
	}
	for who, name := range map[string]string{
		APIServer: p.NodeIP().String(), Kubelet: "primary", Admin: "", Scheduler: "",
	} {
		pair, err := tls.LoadX509KeyPair(d.Cert(who), d.Key(who))
		if err != nil {
			t.Errorf("%s: %v", who, err)
			continue
		}
		_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: name, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
		if err != nil {
			t.Errorf("%s: %v", who, err)
		}
	}
	// Pods reach the API server by these.
	pair, err := tls.LoadX509KeyPair(d.Cert(APIServer), d.Key(APIServer))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{p.APIServiceIP().String(), "kubernetes.default.svc", "localhost"} {
		if err := pair.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if info, err := os.Stat(d.Key(CA)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the authority's key: %v, %v", info.Mode(), err)
	}
}

func TestKubeconfig(t *testing.T) {
	d, p := keys(t)
	config, err := clientcmd.BuildConfigFromFlags("", d.Kubeconfig(Admin))
	if err != nil {
		t.Fatal(err)
	}
	if config.Host != p.APIServer() || len(config.CAData) == 0 || len(config.KeyData) == 0 {
		t.Errorf("got %+v", config)
	}
	// The node authorizer goes by it.
	pair, err := tls.LoadX509KeyPair(d.Cert(Kubelet), d.Key(Kubelet))
	if err != nil {
		t.Fatal(err)
	}
	if s := pair.Leaf.Subject; s.CommonName != "system:node:primary" || s.Organization[0] != "system:nodes" {
		t.Errorf("the kubelet is %v", s)
	}
}

func TestEnsureKeepsWhatIsWhole(t *testing.T) {
	d, p := keys(t)
	before, err := os.ReadFile(d.Key(CA))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Ensure(string(d), p); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(d.Key(CA))
	if err != nil || string(after) != string(before) {
		t.Errorf("the authority changed under a running cluster: %v", err)
	}
	// What a killed run left is made anew.
	if err := os.Rename(string(d), string(d)+".partial"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(string(d)+".partial", "admin.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := Ensure(string(d), p); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(d.Key(Admin)); err != nil {
		t.Error(err)
	}
}

// A further node's kubelet is known to the API server by the same authority, as
// another node, and has no key that would make it more.
func TestEnsureNode(t *testing.T) {
	cluster, p := keys(t)
	n := p.Node(2)
	d, err := EnsureNode(filepath.Join(t.TempDir(), "pki"), cluster, n)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(cluster.Cert(CA))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	pair, err := tls.LoadX509KeyPair(d.Cert(Kubelet), d.Key(Kubelet))
	if err != nil {
		t.Fatal(err)
	}
	if s := pair.Leaf.Subject; s.CommonName != "system:node:primary-2" || s.Organization[0] != "system:nodes" {
		t.Errorf("the kubelet is %v", s)
	}
	_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: n.IP().String(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		t.Error(err)
	}
	for _, who := range []string{Kubelet, Proxy} {
		config, err := clientcmd.BuildConfigFromFlags("", d.Kubeconfig(who))
		if err != nil || config.Host != p.APIServer() {
			t.Errorf("%s: got %+v, %v", who, config, err)
		}
	}
	for _, who := range []string{CA, Admin, APIServer} {
		if _, err := os.Stat(d.Key(who)); err == nil {
			t.Errorf("the node has the key of %s", who)
		}
	}
}
