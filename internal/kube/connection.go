package kube

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	_ "k8s.io/client-go/plugin/pkg/client/auth/oidc" // kubeconfig files may name it
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// dialTimeout bounds the connecting alone. client-go's own default of 30 s
// makes a mistyped address look like a hanging plan.
const dialTimeout = 10 * time.Second

// Connection says which API server to talk to, and as whom. The zero value of
// a field means that it is not given.
//
// Settings come from three places. What is given here directly wins over the
// kubeconfig files, and a pod's own service account serves only when neither
// names a server. KUBECONFIG and ~/.kube/config are never read unasked: a
// laptop's current context is no place to deploy to by accident.
type Connection struct {
	Host          string // URL, or host[:port], which means https
	TLSServerName string // name to verify the server's certificate against
	ProxyURL      string
	Insecure      *bool  // true: the server's certificate is not verified
	CACertificate string // PEM, one or more certificates

	Token             string
	Username          string
	Password          string
	ClientCertificate string // PEM
	ClientKey         string // PEM
	Exec              *Exec

	ConfigPath            string // kubeconfig file; wins over ConfigPaths
	ConfigPaths           []string
	ConfigContext         string
	ConfigContextAuthInfo string
	ConfigContextCluster  string

	// UserAgent goes with every request; client-go's default when empty.
	UserAgent string

	// Origins says, for error messages, where a setting's value came from when
	// that is not the argument of its own name: {"config_path": "KUBE_CONFIG_PATH"}.
	Origins map[string]string

	// inCluster stands in for the pod's service account in tests.
	inCluster func() (*rest.Config, error)
}

// Exec is a program that prints a credential, as in a kubeconfig's user.exec.
type Exec struct {
	APIVersion string
	Command    string
	Args       []string
	Env        map[string]string
}

// RESTConfig resolves the settings to what client-go needs. It sends no
// request to the server, but it runs a credential plugin once, because an error
// of the plugin cannot be told from the network's later.
//
// Its errors are ErrNotConfigured, *SettingError, *FileError, *EntryError and
// *CredentialError.
func (c Connection) RESTConfig() (*rest.Config, error) {
	cluster, user, err := c.base()
	if err != nil {
		return nil, err
	}
	if err := c.overrideCluster(cluster); err != nil {
		return nil, err
	}
	if user, err = c.overrideUser(user); err != nil {
		return nil, err
	}
	if cluster.Server == "" {
		return nil, ErrNotConfigured
	}

	config, err := clientcmd.NewDefaultClientConfig(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"cluster": cluster},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"user": user},
		Contexts:       map[string]*clientcmdapi.Context{"context": {Cluster: "cluster", AuthInfo: "user"}},
		CurrentContext: "context",
	}, nil).ClientConfig()
	if err != nil {
		return nil, &FileError{Paths: c.paths(), Origin: c.pathsOrigin(), Err: err}
	}

	config.UserAgent = c.UserAgent
	// The server's own priority and fairness decides who waits; a limit on this
	// side only adds to the time of a plan of many resources.
	config.QPS = -1
	// No config.Timeout: it would cut watches off. A connection that is dead is
	// noticed by HTTP/2's pings, and a request that is lost behind it by boundAnswers.
	config.Dial = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext

	config.Wrap(func(base http.RoundTripper) http.RoundTripper { return nameUnserved{boundAnswers{base, answerTime}} })

	if err := tryCredentialPlugin(config); err != nil {
		return nil, err
	}
	// Certificates in the files are read only now; those given here are checked.
	if _, err := rest.TLSConfigFor(config); err != nil {
		return nil, &FileError{Paths: c.paths(), Origin: c.pathsOrigin(), Err: err}
	}
	return config, nil
}

// base returns the cluster and the user that the direct settings change:
// those of the kubeconfig files, the pod's own, or empty ones.
func (c Connection) base() (*clientcmdapi.Cluster, *clientcmdapi.AuthInfo, error) {
	if len(c.paths()) > 0 {
		return c.fromKubeconfig()
	}
	if c.Host != "" {
		return clientcmdapi.NewCluster(), clientcmdapi.NewAuthInfo(), nil
	}

	inCluster := c.inCluster
	if inCluster == nil {
		inCluster = rest.InClusterConfig
	}
	config, err := inCluster()
	if errors.Is(err, rest.ErrNotInCluster) {
		return nil, nil, ErrNotConfigured
	}
	if err != nil {
		return nil, nil, &FileError{Origin: podOrigin, Err: err}
	}
	cluster, user := clientcmdapi.NewCluster(), clientcmdapi.NewAuthInfo()
	cluster.Server = config.Host
	cluster.CertificateAuthority = config.CAFile
	user.TokenFile = config.BearerTokenFile
	return cluster, user, nil
}

// overrideCluster writes the direct settings about the server over cluster.
func (c Connection) overrideCluster(cluster *clientcmdapi.Cluster) error {
	if c.Host != "" {
		server, err := serverURL(c.Host)
		if err != nil {
			return c.settingError("host", err)
		}
		cluster.Server = server
	}
	if c.TLSServerName != "" {
		cluster.TLSServerName = c.TLSServerName
	}
	if c.ProxyURL != "" {
		if err := checkProxyURL(c.ProxyURL); err != nil {
			return c.settingError("proxy_url", err)
		}
		cluster.ProxyURL = c.ProxyURL
	}
	if c.Insecure != nil {
		cluster.InsecureSkipTLSVerify = *c.Insecure
		if *c.Insecure {
			if c.CACertificate != "" {
				return c.settingError("insecure", errors.New("a CA certificate is given too, which an unverified connection cannot use"))
			}
			cluster.CertificateAuthority = ""
			cluster.CertificateAuthorityData = nil
		}
	}
	if c.CACertificate != "" {
		if !x509.NewCertPool().AppendCertsFromPEM([]byte(c.CACertificate)) {
			return c.settingError("cluster_ca_certificate", errNoPEM)
		}
		cluster.CertificateAuthority = ""
		cluster.CertificateAuthorityData = []byte(c.CACertificate)
		cluster.InsecureSkipTLSVerify = false
	}
	return nil
}

// overrideUser returns user, or the credential that is given directly. The
// latter replaces the user whole: a server that is sent both a certificate and
// a token takes the certificate, so the token that is meant would not be used.
func (c Connection) overrideUser(user *clientcmdapi.AuthInfo) (*clientcmdapi.AuthInfo, error) {
	given := c.credentials()
	if len(given) == 0 {
		return user, nil
	}
	if err := c.checkCredentials(given); err != nil {
		return nil, err
	}

	own := clientcmdapi.NewAuthInfo()
	own.Impersonate = user.Impersonate
	own.ImpersonateUID = user.ImpersonateUID
	own.ImpersonateGroups = user.ImpersonateGroups
	own.ImpersonateUserExtra = user.ImpersonateUserExtra

	own.Token = c.Token
	own.Username, own.Password = c.Username, c.Password
	own.ClientCertificateData = []byte(c.ClientCertificate)
	own.ClientKeyData = []byte(c.ClientKey)
	if c.Exec != nil {
		own.Exec = c.Exec.config()
	}
	return own, nil
}

// credentials names the kinds of credential that are given directly.
func (c Connection) credentials() []string {
	var given []string
	if c.Exec != nil {
		given = append(given, "exec")
	}
	if c.Token != "" {
		given = append(given, "token")
	}
	if c.Username != "" || c.Password != "" {
		given = append(given, "username")
	}
	if c.ClientCertificate != "" || c.ClientKey != "" {
		given = append(given, "client_certificate")
	}
	return given
}

// checkCredentials refuses those that client-go would use only in part, without
// a word. A certificate may go with a token or a password: published examples
// for managed clusters pass all they have, and the server takes the certificate.
func (c Connection) checkCredentials(given []string) error {
	for _, first := range []string{"exec", "token"} {
		if !slices.Contains(given, first) {
			continue
		}
		for _, other := range given {
			if other != first && (first == "exec" || other == "username") {
				return c.settingError(other, fmt.Errorf("%s is given too, and only one of them can be used", c.origin(first)))
			}
		}
	}
	if slices.Contains(given, "client_certificate") {
		if _, err := tls.X509KeyPair([]byte(c.ClientCertificate), []byte(c.ClientKey)); err != nil {
			return c.settingError("client_certificate", fmt.Errorf("with client_key it is no key pair: %w", err))
		}
	}
	return nil
}

func (e *Exec) config() *clientcmdapi.ExecConfig {
	config := &clientcmdapi.ExecConfig{
		APIVersion:      e.APIVersion,
		Command:         e.Command,
		Args:            e.Args,
		InteractiveMode: clientcmdapi.IfAvailableExecInteractiveMode,
	}
	for name, value := range e.Env {
		config.Env = append(config.Env, clientcmdapi.ExecEnvVar{Name: name, Value: value})
	}
	// client-go keeps one plugin per distinct configuration, told apart by this
	// list too.
	slices.SortFunc(config.Env, func(a, b clientcmdapi.ExecEnvVar) int { return strings.Compare(a.Name, b.Name) })
	return config
}

// serverURL returns the URL that host names. A host without a scheme is https:
// the other choice would send credentials in the clear.
func serverURL(host string) (string, error) {
	if !strings.Contains(host, "://") {
		host = "https://" + host
	}
	parsed, err := url.Parse(host)
	if err != nil {
		return "", errors.Unwrap(err) // the *url.Error around it repeats the URL
	}
	if parsed.Scheme != "https" && parsed.Scheme != "http" {
		return "", fmt.Errorf("the scheme %q is neither https nor http", parsed.Scheme)
	}
	if parsed.Hostname() == "" {
		return "", errors.New("it names no host")
	}
	return parsed.String(), nil
}

func checkProxyURL(proxy string) error {
	parsed, err := url.Parse(proxy)
	if err != nil {
		return errors.Unwrap(err) // the *url.Error around it repeats the URL, and its password
	}
	if !slices.Contains([]string{"http", "https", "socks5"}, parsed.Scheme) {
		return fmt.Errorf("the scheme %q is none of http, https and socks5", parsed.Scheme)
	}
	return nil
}
