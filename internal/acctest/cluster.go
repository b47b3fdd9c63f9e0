package acctest

import (
	"os"
	"sync"
	"testing"

	"k8s.io/client-go/dynamic"
	authorizationv1 "k8s.io/client-go/kubernetes/typed/authorization/v1"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	rbacv1 "k8s.io/client-go/kubernetes/typed/rbac/v1"
	"k8s.io/client-go/rest"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Kubeconfig returns the path of the kubeconfig for the tests' cluster. A plain
// KUBECONFIG is not looked at: tests never touch a cluster by accident.
func Kubeconfig(t testing.TB) string {
	t.Helper()
	enabled(t)
	path := os.Getenv("SLS_KUBECONFIG")
	if path == "" {
		t.Fatal("no cluster to test on: run `make testacc`, which boots one, or set SLS_KUBECONFIG to the kubeconfig of a cluster meant for tests")
	}
	return path
}

// Cluster gives tests a look at what is on the cluster, past the provider.
type Cluster struct {
	Config        *rest.Config
	Core          corev1.CoreV1Interface
	RBAC          rbacv1.RbacV1Interface
	Authorization authorizationv1.AuthorizationV1Interface
	Dynamic       dynamic.Interface
}

var connect = sync.OnceValues(func() (*Cluster, error) { return connectTo(os.Getenv("SLS_KUBECONFIG")) })

func connectTo(kubeconfig string) (*Cluster, error) {
	config, err := kube.Connection{ConfigPath: kubeconfig, UserAgent: "terraform-provider-sls/acctest"}.RESTConfig()
	if err != nil {
		return nil, err
	}
	// Tests make kubeconfigs of their own from this one.
	if err := rest.LoadTLSFiles(config); err != nil {
		return nil, err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	core, err := corev1.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, err
	}
	rbac, err := rbacv1.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, err
	}
	authorization, err := authorizationv1.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, err
	}
	dyn, err := dynamic.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, err
	}
	return &Cluster{Config: config, Core: core, RBAC: rbac, Authorization: authorization, Dynamic: dyn}, nil
}

// OnCluster returns clients for the tests' cluster.
func OnCluster(t testing.TB) *Cluster {
	t.Helper()
	Kubeconfig(t)
	cluster, err := connect()
	if err != nil {
		t.Fatalf("connecting to the tests' cluster: %s", err)
	}
	return cluster
}

// OnClusterOf returns clients for another cluster than the tests', such as one of
// the test's own.
func OnClusterOf(t testing.TB, kubeconfig string) *Cluster {
	t.Helper()
	cluster, err := connectTo(kubeconfig)
	if err != nil {
		t.Fatalf("connecting to the cluster of %s: %s", kubeconfig, err)
	}
	return cluster
}
