// Package acctest is the harness of the acceptance tests: real Terraform, the
// provider in the test's own process or as a program of its own, and a real
// cluster.
//
//	func TestAccApplication(t *testing.T) {
//		t.Parallel()
//		namespace := acctest.Namespace(t)
//		acctest.Test(t, resource.TestStep{
//			Config: acctest.Render(t, `resource "sls_application" "a" { … {{.namespace}} … }`, acctest.Values{"namespace": namespace}),
//		})
//	}
//
// Where the tests run is said by the variables SLS_KUBECONFIG, SLS_GATEWAY,
// SLS_IMAGE_… and SLS_AUDIT_LOG, which `make testacc` sets. A test that needs
// one that is not set is skipped, with the reason; without SLS_KUBECONFIG it
// fails.
package acctest

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"text/template"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/sls-platform/terraform-provider-sls/internal/noop"
	"github.com/sls-platform/terraform-provider-sls/internal/provider"
)

// noEnvironment keeps the KUBE_… variables of the caller's shell out: they are
// about another cluster than the tests'.
func noEnvironment(string) (string, bool) { return "", false }

// Providers returns the provider for a test case's ProtoV6ProviderFactories. It
// runs in the test's own process, and fails where it would answer otherwise than the
// framework does.
func Providers() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		provider.TypeName: func() (tfprotov6.ProviderServer, error) {
			server, err := provider.NewServer("test", noEnvironment)
			if err != nil {
				return nil, err
			}
			return noop.Verified(server)
		},
	}
}

// Test runs the steps with the provider in the test's own process, connected to
// the tests' cluster as their Owner: every step's Config gets the provider block,
// unless it has one. A test that needs more rights has
// ProviderBlockFor(Kubeconfig(t)), and says why.
func Test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	TestFrom(t, nil, steps...)
}

// TestFrom is Test for what Terraform knows from a version on. With an older
// one the test is skipped.
func TestFrom(t *testing.T, least *version.Version, steps ...resource.TestStep) {
	t.Helper()
	block := "" // a test on a cluster of its own has no use for it
	for i := range steps {
		if steps[i].Config != "" && !strings.Contains(steps[i].Config, "provider \""+provider.TypeName+"\"") {
			if block == "" {
				block = ProviderBlock(t)
			}
			steps[i].Config = block + steps[i].Config
		}
	}
	var checks []tfversion.TerraformVersionCheck
	if least != nil {
		checks = append(checks, tfversion.SkipBelow(least))
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: Providers(), TerraformVersionChecks: checks, Steps: steps})
}

// ProviderBlock renders the provider block for the tests' cluster, which the
// provider works on as their Owner; arguments are further lines of it.
func ProviderBlock(t testing.TB, arguments ...string) string {
	t.Helper()
	return ProviderBlockFor(Owner(t).Kubeconfig, arguments...)
}

// ProviderBlockFor renders a provider block for another kubeconfig.
func ProviderBlockFor(kubeconfig string, arguments ...string) string {
	lines := append([]string{fmt.Sprintf("config_path = %q", kubeconfig)}, arguments...)
	return fmt.Sprintf("provider %q {\n  %s\n}\n", provider.TypeName, strings.Join(lines, "\n  "))
}

// Values are what a template's names stand for.
type Values map[string]any

// Render fills the names of a template in: {{.namespace}}. {{quote .}} makes a
// string of HCL. A name without a value fails the test.
func Render(t testing.TB, text string, values Values) string {
	t.Helper()
	parsed, err := template.New(t.Name()).Option("missingkey=error").Funcs(template.FuncMap{"quote": quote}).Parse(text)
	if err != nil {
		t.Fatalf("the test's configuration: %s", err)
	}
	var rendered strings.Builder
	if err := parsed.Execute(&rendered, values); err != nil {
		t.Fatalf("the test's configuration: %s", err)
	}
	return rendered.String()
}

// quote makes a string of HCL, in which ${ and %{ begin templates.
func quote(value any) string {
	text := fmt.Sprintf("%q", fmt.Sprint(value))
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text)
}

// enabled skips the test unless acceptance tests are asked for.
func enabled(t testing.TB) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1: make testacc")
	}
}

// variable returns a variable of the environment that a test needs, or skips
// the test.
func variable(t testing.TB, name, meaning string) string {
	t.Helper()
	enabled(t)
	value := os.Getenv(name)
	if value == "" {
		t.Skipf("%s is not set: %s", name, meaning)
	}
	return value
}

// Image returns a test image of the sandbox, such as "HELLO_V1".
func Image(t testing.TB, name string) string {
	t.Helper()
	return variable(t, "SLS_IMAGE_"+name, "an image for tests, which the cluster can pull")
}

// Domain returns the domain under which Knative exposes public services.
func Domain(t testing.TB) string {
	t.Helper()
	return variable(t, "SLS_DOMAIN", "the domain under which Knative exposes services")
}

// ErrorSays matches an error of Terraform that says the texts, one after the
// other, however Terraform breaks its lines.
func ErrorSays(texts ...string) *regexp.Regexp {
	var patterns []string
	for _, text := range texts {
		var words []string
		for _, word := range strings.Fields(text) {
			words = append(words, regexp.QuoteMeta(word))
		}
		patterns = append(patterns, strings.Join(words, `[\s│]+`))
	}
	return regexp.MustCompile(`(?s)` + strings.Join(patterns, ".*"))
}
