package chaos_test

import (
	"maps"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// place is where a resource lives: a namespace, and the account that manages it there.
type place struct {
	*acctest.Cluster

	namespace  string
	kubeconfig string         // path
	values     acctest.Values // for the configurations, beside the version
}

// ownersPlace is a namespace of the tests' own on their cluster, managed as the owner of
// applications, or as who may do everything.
func ownersPlace(t *testing.T, admin bool) place {
	t.Helper()
	namespace := acctest.Namespace(t)
	p := place{
		Cluster: acctest.OnCluster(t), namespace: namespace, kubeconfig: acctest.Owner(t).Kubeconfig,
		values: acctest.Values{"namespace": namespace, "image": acctest.Image(t, "HELLO_V1")},
	}
	if admin {
		account := acctest.NewAccount(t, namespace)
		account.Grant(t, "", "cluster-admin")
		p.kubeconfig = account.Kubeconfig
	}
	return p
}

// configuration renders a version of a configuration, for a provider that is led to the
// cluster by a kubeconfig.
func (p place) configuration(t testing.TB, kubeconfig, text, version string) string {
	t.Helper()
	values := maps.Clone(p.values)
	values["version"] = version
	return acctest.ProviderBlockFor(kubeconfig) + acctest.Render(t, text, values)
}
