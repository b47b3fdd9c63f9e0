// Package acctest is the harness of the acceptance tests: real Terraform, the
// provider in the test's own process or as a program of its own, and a real
// cluster.
package acctest

import (
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/sls-platform/terraform-provider-sls/internal/provider"
)

// Providers returns the provider for resource.TestCase's ProtoV6ProviderFactories,
// run in the test's own process.
func Providers() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		provider.TypeName: providerserver.NewProtocol6WithError(provider.New("test")),
	}
}

// ProviderBlock renders the provider block for the tests' cluster. arguments
// are further lines of it.
func ProviderBlock(t testing.TB, arguments ...string) string {
	t.Helper()
	block := fmt.Sprintf("provider %q {\n  config_path = %q\n", provider.TypeName, Kubeconfig(t))
	for _, argument := range arguments {
		block += "  " + argument + "\n"
	}
	return block + "}\n"
}

// Enabled skips the test unless acceptance tests are asked for.
func Enabled(t testing.TB) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1: make testacc")
	}
}
