package provider

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// connection resolves a provider block and an environment as Configure does.
func connection(t *testing.T, environment map[string]string, written block) kube.Connection {
	t.Helper()
	ctx := t.Context()
	p := New("", nil)
	var m model
	if diags := configOf(ctx, t, p, written).Get(ctx, &m); diags.HasError() {
		t.Fatal(diags)
	}
	resolved, diags := m.connection(ctx, func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	})
	if diags.HasError() {
		t.Fatal(diags)
	}
	return resolved
}

// Every argument, by itself and by its variable, in the words of hashicorp/kubernetes.
func TestArgumentsAndTheirVariables(t *testing.T) {
	for argument, test := range map[string]struct {
		variable string
		get      func(kube.Connection) string
	}{
		"host":                     {"KUBE_HOST", func(c kube.Connection) string { return c.Host }},
		"username":                 {"KUBE_USER", func(c kube.Connection) string { return c.Username }},
		"password":                 {"KUBE_PASSWORD", func(c kube.Connection) string { return c.Password }},
		"token":                    {"KUBE_TOKEN", func(c kube.Connection) string { return c.Token }},
		"tls_server_name":          {"KUBE_TLS_SERVER_NAME", func(c kube.Connection) string { return c.TLSServerName }},
		"client_certificate":       {"KUBE_CLIENT_CERT_DATA", func(c kube.Connection) string { return c.ClientCertificate }},
		"client_key":               {"KUBE_CLIENT_KEY_DATA", func(c kube.Connection) string { return c.ClientKey }},
		"cluster_ca_certificate":   {"KUBE_CLUSTER_CA_CERT_DATA", func(c kube.Connection) string { return c.CACertificate }},
		"config_path":              {"KUBE_CONFIG_PATH", func(c kube.Connection) string { return c.ConfigPath }},
		"config_context":           {"KUBE_CTX", func(c kube.Connection) string { return c.ConfigContext }},
		"config_context_auth_info": {"KUBE_CTX_AUTH_INFO", func(c kube.Connection) string { return c.ConfigContextAuthInfo }},
		"config_context_cluster":   {"KUBE_CTX_CLUSTER", func(c kube.Connection) string { return c.ConfigContextCluster }},
		"proxy_url":                {"KUBE_PROXY_URL", func(c kube.Connection) string { return c.ProxyURL }},
	} {
		environment := map[string]string{test.variable: "from the environment"}

		fromVariable := connection(t, environment, nil)
		if got := test.get(fromVariable); got != "from the environment" {
			t.Errorf("%s gives %s = %q", test.variable, argument, got)
		}
		if got := fromVariable.Origins[argument]; got != test.variable {
			t.Errorf("%s: origin is %q, want %s", argument, got, test.variable)
		}

		both := connection(t, environment, block{argument: text("written")})
		if got := test.get(both); got != "written" {
			t.Errorf("%s is written, and %s gives %q", argument, test.variable, got)
		}
		if got, ok := both.Origins[argument]; ok {
			t.Errorf("%s is written: origin is %q", argument, got)
		}

		// hashicorp/kubernetes, too, takes an empty string for a value.
		if got := test.get(connection(t, environment, block{argument: text("")})); got != "" {
			t.Errorf("%s is written empty, and %s gives %q", argument, test.variable, got)
		}
	}
}

func TestConfigPathsAndTheirVariables(t *testing.T) {
	both := map[string]string{
		"KUBE_CONFIG_PATH":  "one",
		"KUBE_CONFIG_PATHS": strings.Join([]string{"two", "three"}, string(filepath.ListSeparator)),
	}
	several := map[string]string{"KUBE_CONFIG_PATHS": both["KUBE_CONFIG_PATHS"]}

	for name, test := range map[string]struct {
		environment map[string]string
		block       block
		want        string
	}{
		"several by variable":            {several, nil, " two,three"},
		"one variable before several":    {both, nil, "one "},
		"argument before all variables":  {both, block{"config_path": text("mine")}, "mine "},
		"arguments before all variables": {both, block{"config_paths": texts(text("my"), text("own"))}, " my,own"},
		"empty argument keeps them out":  {both, block{"config_path": text("")}, " "},
	} {
		c := connection(t, test.environment, test.block)
		if got := c.ConfigPath + " " + strings.Join(c.ConfigPaths, ","); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestInsecure(t *testing.T) {
	no := tftypes.NewValue(tftypes.Bool, false)
	if c := connection(t, nil, nil); c.Insecure != nil {
		t.Errorf("not given: %t", *c.Insecure)
	}
	if c := connection(t, map[string]string{"KUBE_INSECURE": "true"}, nil); c.Insecure == nil || !*c.Insecure {
		t.Error("KUBE_INSECURE=true is not taken")
	}
	if c := connection(t, map[string]string{"KUBE_INSECURE": "true"}, block{"insecure": no}); c.Insecure == nil || *c.Insecure {
		t.Error("insecure = false does not win over KUBE_INSECURE")
	}
	if _, response := configure(t, map[string]string{"KUBE_INSECURE": "maybe"}, nil); !response.Diagnostics.HasError() {
		t.Error("KUBE_INSECURE=maybe is accepted")
	}
}

func TestExec(t *testing.T) {
	c := connection(t, nil, block{"exec": exec(text("cloud"))})
	if c.Exec == nil {
		t.Fatal("the block is not taken")
	}
	if c.Exec.APIVersion != "client.authentication.k8s.io/v1" || c.Exec.Command != "cloud" ||
		len(c.Exec.Args) != 1 || c.Exec.Args[0] != "get-token" || c.Exec.Env["REGION"] != "eu" {
		t.Errorf("got %+v", *c.Exec)
	}
	if c := connection(t, nil, nil); c.Exec != nil {
		t.Errorf("no block gives %+v", *c.Exec)
	}
}

// A cluster that the same apply makes: the plan goes on, and what needs the
// cluster learns that it is not known yet.
func TestUnknownConnection(t *testing.T) {
	for argument, value := range map[string]tftypes.Value{
		"host":                   unknownText(),
		"token":                  unknownText(),
		"cluster_ca_certificate": unknownText(),
		"insecure":               tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue),
		"config_path":            unknownText(),
		"config_paths":           texts(text("known"), unknownText()),
		"cluster_id":             unknownText(),
		"exec":                   exec(unknownText()),
	} {
		// The environment does not fill in for what is not known.
		platform, response := configure(t, map[string]string{"KUBE_HOST": "https://other.example", "KUBE_INSECURE": "true"}, block{argument: value})
		if response.Diagnostics.HasError() {
			t.Errorf("%s unknown: %v", argument, response.Diagnostics)
			continue
		}
		_, err := platform.Connect(t.Context())
		if !errors.Is(err, kube.ErrUnknownConnection) || !strings.Contains(err.Error(), argument) {
			t.Errorf("%s unknown: got %v", argument, err)
		}
	}
}

func TestConnectingIsLazyAndDoneOnce(t *testing.T) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(server.Close)

	platform, response := configure(t, nil, block{"host": text(server.URL), "cluster_id": text("test")})
	if response.Diagnostics.HasError() {
		t.Fatal(response.Diagnostics)
	}
	first, err := platform.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := platform.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first != second {
		t.Error("connects anew each time")
	}
	if id, err := first.ID(t.Context()); err != nil || id != "test" {
		t.Errorf("cluster_id is %q, %v", id, err)
	}
	if requests != 0 {
		t.Errorf("%d requests were sent", requests)
	}
}

// A block that names no cluster, or a file that is not there, is an error of
// the resource that needs the cluster, not of the provider.
func TestConnectionErrorsWaitForTheFirstUse(t *testing.T) {
	// The test may itself run in a pod.
	t.Setenv("KUBERNETES_SERVICE_HOST", "")

	platform, response := configure(t, nil, nil)
	if response.Diagnostics.HasError() {
		t.Fatal(response.Diagnostics)
	}
	if _, err := platform.Connect(t.Context()); !errors.Is(err, kube.ErrNotConfigured) {
		t.Errorf("nothing configured: got %v", err)
	}

	missing := filepath.Join(t.TempDir(), "missing")
	platform, response = configure(t, map[string]string{"KUBE_CONFIG_PATH": missing}, nil)
	if response.Diagnostics.HasError() {
		t.Fatal(response.Diagnostics)
	}
	_, err := platform.Connect(t.Context())
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "KUBE_CONFIG_PATH") {
		t.Errorf("a missing file: got %v", err)
	}
}

func TestUserAgent(t *testing.T) {
	if got := userAgent("1.2.3", "1.11.4"); got != "terraform-provider-sls/1.2.3 Terraform/1.11.4" {
		t.Errorf("got %q", got)
	}
	if got := userAgent("1.2.3", ""); got != "terraform-provider-sls/1.2.3" {
		t.Errorf("without a version of Terraform: got %q", got)
	}
}
