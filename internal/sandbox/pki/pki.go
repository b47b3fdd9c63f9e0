// Package pki makes a cluster's keys, certificates and kubeconfigs.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
)

// validity is longer than any sandbox lives.
const validity = 10 * 365 * 24 * time.Hour

// Dir is a folder with a cluster's keys and certificates.
type Dir string

// The files, by what they are for.
const (
	CA                = "ca"
	APIServer         = "apiserver"
	Admin             = "admin"
	ControllerManager = "controller-manager"
	Scheduler         = "scheduler"
	Kubelet           = "kubelet"
	Proxy             = "proxy"
)

// Cert is the path of a certificate.
func (d Dir) Cert(who string) string { return filepath.Join(string(d), who+".crt") }

// Key is the path of a private key.
func (d Dir) Key(who string) string { return filepath.Join(string(d), who+".key") }

// Kubeconfig is the path of a client's kubeconfig.
func (d Dir) Kubeconfig(who string) string { return filepath.Join(string(d), who+".kubeconfig") }

// ServiceAccountKey signs the tokens of service accounts.
func (d Dir) ServiceAccountKey() string { return filepath.Join(string(d), "service-accounts.key") }

// Ensure makes all of it for the cluster, unless it is there. It appears as a
// whole or not at all.
func Ensure(dir string, p address.Plan) (Dir, error) {
	return ensure(dir, func(d Dir) error { return fill(d, p) })
}

func ensure(dir string, fill func(Dir) error) (Dir, error) {
	if _, err := os.Stat(dir); err == nil {
		return Dir(dir), nil
	}
	partial := dir + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return "", err
	}
	if err := os.MkdirAll(partial, 0o755); err != nil {
		return "", err
	}
	if err := fill(Dir(partial)); err != nil {
		return "", fmt.Errorf("keys and certificates: %w", err)
	}
	return Dir(dir), os.Rename(partial, dir)
}

// subject is whom a certificate speaks for.
type subject struct {
	file   string
	name   string
	groups []string
	dns    []string
	ips    []net.IP
	uris   []*url.URL
	client bool
}

func subjects(p address.Plan) []subject {
	return append([]subject{
		{
			file: APIServer, name: "kube-apiserver",
			dns: []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"},
			ips: []net.IP{net.IPv4(127, 0, 0, 1), p.APIServiceIP().AsSlice(), p.NodeIP().AsSlice()},
		},
		{file: Admin, name: "admin", groups: []string{"system:masters"}, client: true},
		{file: ControllerManager, name: "system:kube-controller-manager", client: true},
		{file: Scheduler, name: "system:kube-scheduler", client: true},
	}, nodeSubjects(p.Node(1))...)
}

// nodeSubjects are the programs of every node.
func nodeSubjects(n address.Node) []subject {
	return []subject{
		{file: Proxy, name: "system:kube-proxy", client: true},
		{
			file: Kubelet, name: "system:node:" + n.Name(), groups: []string{"system:nodes"},
			dns: []string{n.Name()}, ips: []net.IP{n.IP().AsSlice()}, client: true,
		},
	}
}

func fill(d Dir, p address.Plan) error {
	ca, caKey, err := d.authority(p.Name + " CA")
	if err != nil {
		return err
	}
	if _, err := newKey(d.ServiceAccountKey()); err != nil {
		return err
	}
	return d.issueAll(subjects(p), p, ca, caKey)
}

// issueAll makes the certificates, and kubeconfigs of those that are clients.
func (d Dir) issueAll(all []subject, p address.Plan, ca *x509.Certificate, caKey crypto.Signer) error {
	for _, s := range all {
		if err := d.issue(s, ca, caKey); err != nil {
			return fmt.Errorf("%s: %w", s.file, err)
		}
		if !s.client {
			continue
		}
		if err := d.kubeconfig(s, p); err != nil {
			return fmt.Errorf("kubeconfig of %s: %w", s.file, err)
		}
	}
	return nil
}

// authority makes the key and the certificate that the others are signed with.
func (d Dir) authority(name string) (*x509.Certificate, crypto.Signer, error) {
	key, err := newKey(d.Key(CA))
	if err != nil {
		return nil, nil, err
	}
	ca := template(name)
	ca.IsCA, ca.BasicConstraintsValid = true, true
	ca.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	text, err := sign(ca, ca, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	return ca, key, os.WriteFile(d.Cert(CA), text, 0o644)
}

func (d Dir) issue(s subject, ca *x509.Certificate, caKey crypto.Signer) error {
	key, err := newKey(d.Key(s.file))
	if err != nil {
		return err
	}
	t := template(s.name)
	t.Subject.Organization = s.groups
	t.DNSNames, t.IPAddresses, t.URIs = s.dns, s.ips, s.uris
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	text, err := sign(t, ca, key.Public(), caKey)
	if err != nil {
		return err
	}
	return os.WriteFile(d.Cert(s.file), text, 0o644)
}

func template(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour), // a clock set back a little does no harm
		NotAfter:     now.Add(validity),
	}
}

func sign(t, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) ([]byte, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, public, key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

func newKey(path string) (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600)
}

// kubeconfig writes the client's kubeconfig, with everything inside it: it
// can be copied elsewhere.
func (d Dir) kubeconfig(s subject, p address.Plan) error {
	var data [3][]byte
	for i, path := range []string{d.Cert(CA), d.Cert(s.file), d.Key(s.file)} {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		data[i] = text
	}
	name := "sls-" + p.Name
	text, err := json.MarshalIndent(map[string]any{ // JSON is YAML
		"apiVersion": "v1", "kind": "Config", "current-context": name,
		"clusters": []any{map[string]any{"name": name, "cluster": map[string]any{
			"server": p.APIServer(), "certificate-authority-data": data[0],
		}}},
		"users": []any{map[string]any{"name": s.file, "user": map[string]any{
			"client-certificate-data": data[1], "client-key-data": data[2],
		}}},
		"contexts": []any{map[string]any{"name": name, "context": map[string]any{"cluster": name, "user": s.file}}},
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(d.Kubeconfig(s.file), text, 0o600)
}
