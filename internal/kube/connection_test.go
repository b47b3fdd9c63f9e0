package kube

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

const twoClusters = `
apiVersion: v1
kind: Config
current-context: blue
clusters:
- {name: blue, cluster: {server: "https://blue.example:6443", insecure-skip-tls-verify: true}}
- {name: green, cluster: {server: "https://green.example:6443", tls-server-name: green.internal, proxy-url: "http://proxy.example:3128"}}
users:
- {name: alice, user: {token: alice-token}}
- {name: bob, user: {username: bob, password: bob-password}}
contexts:
- {name: blue, context: {cluster: blue, user: alice}}
- {name: green, context: {cluster: green, user: bob}}
`

// write writes a file of the test's own and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// outsideCluster is a machine that is no pod.
func outsideCluster() (*rest.Config, error) { return nil, rest.ErrNotInCluster }

func (c Connection) mustResolve(t *testing.T) *rest.Config {
	t.Helper()
	if c.inCluster == nil {
		c.inCluster = outsideCluster
	}
	config, err := c.RESTConfig()
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestExplicitSettingsWinOverTheKubeconfig(t *testing.T) {
	kubeconfig := write(t, "config", twoClusters)
	certificate, key := keyPair(t)
	yes, no := true, false

	for name, test := range map[string]struct {
		connection Connection
		check      func(*rest.Config) bool
	}{
		"the file alone": {
			Connection{},
			func(c *rest.Config) bool {
				return c.Host == "https://blue.example:6443" && c.BearerToken == "alice-token" && c.Insecure
			},
		},
		"another context": {
			Connection{ConfigContext: "green"},
			func(c *rest.Config) bool {
				return c.Host == "https://green.example:6443" && c.Username == "bob" && c.Password == "bob-password" &&
					c.ServerName == "green.internal" && c.Proxy != nil
			},
		},
		"another cluster and user for the context": {
			Connection{ConfigContextCluster: "green", ConfigContextAuthInfo: "bob"},
			func(c *rest.Config) bool { return c.Host == "https://green.example:6443" && c.Username == "bob" },
		},
		"host keeps the file's user": {
			Connection{Host: "https://tunnel.example:8443"},
			func(c *rest.Config) bool {
				return c.Host == "https://tunnel.example:8443" && c.BearerToken == "alice-token"
			},
		},
		"token replaces the user whole": {
			Connection{ConfigContext: "green", Token: "mine"},
			func(c *rest.Config) bool { return c.BearerToken == "mine" && c.Username == "" && c.Password == "" },
		},
		"certificate replaces the user whole": {
			Connection{ClientCertificate: certificate, ClientKey: key},
			func(c *rest.Config) bool {
				return string(c.CertData) == certificate && string(c.KeyData) == key && c.BearerToken == ""
			},
		},
		"a CA makes the connection verified again": {
			Connection{CACertificate: certificate},
			func(c *rest.Config) bool { return string(c.CAData) == certificate && !c.Insecure },
		},
		"insecure = false makes the connection verified again": {
			Connection{Insecure: &no},
			func(c *rest.Config) bool { return !c.Insecure },
		},
		"insecure": {
			Connection{ConfigContext: "green", Insecure: &yes},
			func(c *rest.Config) bool { return c.Insecure },
		},
		"server name and proxy": {
			Connection{TLSServerName: "other.internal", ProxyURL: "socks5://proxy.example:1080"},
			func(c *rest.Config) bool { return c.ServerName == "other.internal" && c.Proxy != nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.connection.ConfigPath = kubeconfig
			if config := test.connection.mustResolve(t); !test.check(config) {
				t.Errorf("resolved to %v", config)
			}
		})
	}
}

func TestKubeconfigFilesAreMerged(t *testing.T) {
	context := write(t, "context", "apiVersion: v1\nkind: Config\ncurrent-context: green\n")
	config := Connection{ConfigPaths: []string{context, write(t, "clusters", twoClusters)}}.mustResolve(t)
	if config.Host != "https://green.example:6443" {
		t.Errorf("the first file's current context is not used: host is %s", config.Host)
	}
}

func TestRelativePathsInAKubeconfigBeginAtTheFile(t *testing.T) {
	certificate, _ := keyPair(t)
	kubeconfig := write(t, "config", strings.Replace(twoClusters, "insecure-skip-tls-verify: true", "certificate-authority: ca.pem", 1))
	ca := filepath.Join(filepath.Dir(kubeconfig), "ca.pem")
	if err := os.WriteFile(ca, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	if config := (Connection{ConfigPath: kubeconfig}).mustResolve(t); config.CAFile != ca {
		t.Errorf("CAFile = %q, want %q", config.CAFile, ca)
	}
}

func TestHomeIsExpanded(t *testing.T) {
	kubeconfig := write(t, "config", twoClusters)
	t.Setenv("HOME", filepath.Dir(kubeconfig))
	Connection{ConfigPath: "~/config"}.mustResolve(t)
	Connection{ConfigPaths: []string{"", "~/config"}}.mustResolve(t)
}

// What kubectl would use is not used unasked.
func TestTheShellsKubeconfigIsNotRead(t *testing.T) {
	kubeconfig := write(t, "config", twoClusters)
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".kube"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".kube", "config"), []byte(twoClusters), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	t.Setenv("KUBECONFIG", kubeconfig)
	t.Setenv("KUBERNETES_MASTER", "https://blue.example")

	if _, err := (Connection{inCluster: outsideCluster}).RESTConfig(); !errors.Is(err, ErrNotConfigured) {
		t.Errorf("got %v, want ErrNotConfigured", err)
	}
}

func TestAPodsServiceAccountComesLast(t *testing.T) {
	token := write(t, "token", "pod-token")
	pod := func() (*rest.Config, error) {
		return &rest.Config{Host: "https://10.0.0.1:443", BearerTokenFile: token}, nil
	}

	config := Connection{inCluster: pod}.mustResolve(t)
	if config.Host != "https://10.0.0.1:443" || config.BearerToken != "pod-token" || config.BearerTokenFile != token {
		t.Errorf("in a pod: %v", config)
	}
	config = Connection{inCluster: pod, Token: "mine"}.mustResolve(t)
	if config.Host != "https://10.0.0.1:443" || config.BearerToken != "mine" || config.BearerTokenFile != "" {
		t.Errorf("in a pod with a token: %v", config)
	}
	config = Connection{inCluster: pod, Host: "https://other.example", Token: "mine"}.mustResolve(t)
	if config.Host != "https://other.example" {
		t.Errorf("in a pod with a host: %v", config)
	}
	config = Connection{inCluster: pod, ConfigPath: write(t, "config", twoClusters)}.mustResolve(t)
	if config.Host != "https://blue.example:6443" {
		t.Errorf("in a pod with a kubeconfig: %v", config)
	}

	_, err := Connection{inCluster: func() (*rest.Config, error) { return nil, fs.ErrPermission }}.RESTConfig()
	var file *FileError
	if !errors.As(err, &file) || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("an unreadable service account: got %v", err)
	}
}

func TestHostIsAURL(t *testing.T) {
	for host, want := range map[string]string{
		"https://api.example:6443":       "https://api.example:6443",
		"api.example":                    "https://api.example",
		"10.0.0.1:6443":                  "https://10.0.0.1:6443",
		"[::1]:6443":                     "https://[::1]:6443",
		"http://127.0.0.1:8001":          "http://127.0.0.1:8001",
		"https://rancher.example/k8s/c1": "https://rancher.example/k8s/c1",
		"ftp://api.example":              "",
		"https://":                       "",
		"https://api.example:port":       "",
		"https://user:secret@bad host":   "",
	} {
		config, err := Connection{Host: host, Token: "t"}.RESTConfig()
		if want == "" {
			var setting *SettingError
			if !errors.As(err, &setting) || setting.Setting != "host" {
				t.Errorf("host %q: got %v, want an error about host", host, err)
			} else if strings.Contains(err.Error(), "secret") {
				t.Errorf("host %q: its password is in the error: %v", host, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("host %q: %v", host, err)
		} else if config.Host != want {
			t.Errorf("host %q: got %q, want %q", host, config.Host, want)
		}
	}
}

func TestUnusableSettings(t *testing.T) {
	certificate, key := keyPair(t)
	_, otherKey := keyPair(t)
	yes := true
	exec := &Exec{APIVersion: "client.authentication.k8s.io/v1", Command: "true"}

	for name, test := range map[string]struct {
		connection Connection
		setting    string
	}{
		"CA that is no PEM":          {Connection{CACertificate: "TUlJ"}, "cluster_ca_certificate"},
		"CA and insecure":            {Connection{CACertificate: certificate, Insecure: &yes}, "insecure"},
		"certificate without key":    {Connection{ClientCertificate: certificate}, "client_certificate"},
		"key without certificate":    {Connection{ClientKey: key}, "client_certificate"},
		"key of another":             {Connection{ClientCertificate: certificate, ClientKey: otherKey}, "client_certificate"},
		"proxy without scheme":       {Connection{ProxyURL: "proxy.example:3128"}, "proxy_url"},
		"token and user name":        {Connection{Token: "t", Username: "u", Password: "p"}, "username"},
		"exec and token":             {Connection{Exec: exec, Token: "t"}, "token"},
		"exec and certificate":       {Connection{Exec: exec, ClientCertificate: certificate, ClientKey: key}, "client_certificate"},
		"exec and user name":         {Connection{Exec: exec, Username: "u"}, "username"},
		"proxy that is no URL":       {Connection{ProxyURL: "http://user:secret@bad host"}, "proxy_url"},
		"origin of a bad CA is told": {Connection{CACertificate: "x", Origins: map[string]string{"cluster_ca_certificate": "KUBE_CLUSTER_CA_CERT_DATA"}}, "cluster_ca_certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			test.connection.Host = "https://api.example"
			_, err := test.connection.RESTConfig()
			var setting *SettingError
			if !errors.As(err, &setting) || setting.Setting != test.setting {
				t.Fatalf("got %v, want an error about %s", err, test.setting)
			}
			if origin := test.connection.Origins[test.setting]; origin != "" && setting.Origin != origin {
				t.Errorf("origin is %q, want %q", setting.Origin, origin)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("a password is in the error: %v", err)
			}
		})
	}

	// Published examples for managed clusters pass all that they have.
	Connection{Host: "https://api.example", ClientCertificate: certificate, ClientKey: key, Username: "u", Password: "p"}.mustResolve(t)
}

func TestUnusableKubeconfig(t *testing.T) {
	good := write(t, "config", twoClusters)
	missing := filepath.Join(t.TempDir(), "missing")

	for name, test := range map[string]struct {
		connection Connection
		path       string
		origin     string
		is         error
	}{
		"missing": {
			connection: Connection{ConfigPath: missing}, path: missing, origin: "config_path", is: fs.ErrNotExist,
		},
		"missing, from the environment": {
			connection: Connection{ConfigPath: missing, Origins: map[string]string{"config_path": "KUBE_CONFIG_PATH"}},
			path:       missing, origin: "KUBE_CONFIG_PATH", is: fs.ErrNotExist,
		},
		"one of several is missing": {
			connection: Connection{ConfigPaths: []string{good, missing}}, path: missing, origin: "config_paths", is: fs.ErrNotExist,
		},
		"a directory": {
			connection: Connection{ConfigPath: t.TempDir()}, origin: "config_path",
		},
		"no YAML": {
			connection: Connection{ConfigPath: write(t, "config", "clusters: [")}, origin: "config_path",
		},
		"holds a CA that is none": {
			connection: Connection{ConfigPath: write(t, "config", strings.Replace(twoClusters, "insecure-skip-tls-verify: true", "certificate-authority-data: bm9uZQ==", 1))},
			origin:     "config_path",
		},
		"names a CA file that is missing": {
			connection: Connection{ConfigPath: write(t, "config", strings.Replace(twoClusters, "insecure-skip-tls-verify: true", "certificate-authority: missing.pem", 1))},
			origin:     "config_path",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.connection.RESTConfig()
			var file *FileError
			if !errors.As(err, &file) {
				t.Fatalf("got %v, want a *FileError", err)
			}
			if file.Origin != test.origin {
				t.Errorf("origin is %q, want %q", file.Origin, test.origin)
			}
			if test.path != "" && !slices.Equal(file.Paths, []string{test.path}) {
				t.Errorf("paths are %v, want %s", file.Paths, test.path)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
		})
	}
}

func TestUnknownEntry(t *testing.T) {
	kubeconfig := write(t, "config", twoClusters)
	for name, test := range map[string]struct {
		connection Connection
		want       EntryError
	}{
		"context": {Connection{ConfigContext: "red"}, EntryError{Kind: "context", Name: "red", Available: []string{"blue", "green"}}},
		"cluster": {Connection{ConfigContextCluster: "red"}, EntryError{Kind: "cluster", Name: "red", Available: []string{"blue", "green"}}},
		"user":    {Connection{ConfigContextAuthInfo: "eve"}, EntryError{Kind: "user", Name: "eve", Available: []string{"alice", "bob"}}},
		"no current context": {
			Connection{ConfigPath: write(t, "config", strings.Replace(twoClusters, "current-context: blue", "", 1))},
			EntryError{Kind: "context", Available: []string{"blue", "green"}},
		},
		"an empty file": {Connection{ConfigPath: write(t, "config", "")}, EntryError{Kind: "context"}},
	} {
		t.Run(name, func(t *testing.T) {
			if test.connection.ConfigPath == "" {
				test.connection.ConfigPath = kubeconfig
			}
			_, err := test.connection.RESTConfig()
			var entry *EntryError
			if !errors.As(err, &entry) {
				t.Fatalf("got %v, want an *EntryError", err)
			}
			if entry.Kind != test.want.Kind || entry.Name != test.want.Name || !slices.Equal(entry.Available, test.want.Available) {
				t.Errorf("got %+v, want %+v", *entry, test.want)
			}
		})
	}
}

// A host and a token need no context of the files, which may hold only others.
func TestHostNeedsNoContext(t *testing.T) {
	kubeconfig := write(t, "config", strings.Replace(twoClusters, "current-context: blue", "", 1))
	config := Connection{ConfigPath: kubeconfig, Host: "https://api.example", Token: "mine"}.mustResolve(t)
	if config.Host != "https://api.example" || config.BearerToken != "mine" {
		t.Errorf("resolved to %v", config)
	}
}

func TestRequestsAreNotLimitedAndConnectingIs(t *testing.T) {
	config := Connection{Host: "https://api.example", Token: "t", UserAgent: "agent/1"}.mustResolve(t)
	if config.QPS >= 0 {
		t.Errorf("QPS = %v: a limit on this side", config.QPS)
	}
	if config.Timeout != 0 {
		t.Errorf("Timeout = %v would cut watches off", config.Timeout)
	}
	if config.Dial == nil {
		t.Error("connecting has no time limit of its own")
	}
	if config.UserAgent != "agent/1" {
		t.Errorf("UserAgent = %q", config.UserAgent)
	}
}

// keyPair makes a self-signed certificate, in PEM.
func keyPair(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "test"},
		NotAfter:     time.Now().Add(time.Hour),
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return toPEM(der),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func toPEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
