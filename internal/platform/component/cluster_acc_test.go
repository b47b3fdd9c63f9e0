package component_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

const address = "sls_platform_component.widgets"

// bare is a cluster on which nothing but Kubernetes runs.
type bare struct {
	*kube.Cluster
	kubeconfig string
}

// newBare boots a cluster for a test and those within it: definitions and
// webhooks are a whole cluster's.
func newBare(t *testing.T) *bare {
	t.Helper()
	kubeconfig := acctest.BareCluster(t, 2)
	config, err := kube.Connection{ConfigPath: kubeconfig}.RESTConfig()
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := kube.Open(config, "")
	if err != nil {
		t.Fatal(err)
	}
	return &bare{cluster, kubeconfig}
}

// terraform returns a run of Terraform against the cluster with a configuration.
func (b *bare) terraform(t *testing.T, config string) *acctest.Terraform {
	t.Helper()
	tf := acctest.NewTerraform(t)
	b.configure(t, tf, config)
	return tf
}

func (b *bare) configure(t *testing.T, tf *acctest.Terraform, config string) {
	t.Helper()
	tf.Configure(t, acctest.ProviderBlockFor(b.kubeconfig)+config)
}

// find returns an object, or nil.
func (b *bare) find(t *testing.T, kind kube.Kind, namespace, name string) *kube.Object {
	t.Helper()
	object, err := b.Find(t.Context(), kind, namespace, name)
	if err != nil && !kube.IsUnserved(err) {
		t.Fatal(err)
	}
	return object
}

// patch changes an object as another client does.
func (b *bare) patch(t *testing.T, manager string, kind kube.Kind, namespace, name, patch string) {
	t.Helper()
	if _, err := b.Patch(t.Context(), kind, namespace, name, []byte(patch), manager); err != nil {
		t.Fatal(err)
	}
}

// remove deletes an object, and waits until it is gone.
func (b *bare) remove(t *testing.T, kind kube.Kind, namespace, name string) {
	t.Helper()
	object := b.find(t, kind, namespace, name)
	if object == nil {
		t.Fatalf("there is no %s %s/%s", kind.Name, namespace, name)
	}
	if err := b.Delete(t.Context(), kind, namespace, name, object.GetUID()); err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, time.Minute, func(context.Context) error {
		if left := b.find(t, kind, namespace, name); left != nil && left.GetUID() == object.GetUID() {
			return errors.New("it is still there")
		}
		return nil
	})
}

// create makes an object as another client does.
func (b *bare) create(t *testing.T, kind kube.Kind, text string) {
	t.Helper()
	object := &kube.Object{}
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Apply(t.Context(), kind, object, kube.ApplyOptions{Manager: "somebody"}); err != nil {
		t.Fatal(err)
	}
}

// gone fails the test if an object is there.
func (b *bare) gone(t *testing.T, kind kube.Kind, namespace, name string) {
	t.Helper()
	if b.find(t, kind, namespace, name) != nil {
		t.Errorf("%s %s/%s is left", kind.Name, namespace, name)
	}
}

func kindOf(group, version, resource, name string) kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: group, Version: version, Resource: resource}, Name: name}
}

var (
	configMaps  = kindOf("", "v1", "configmaps", "ConfigMap")
	namespaces  = kindOf("", "v1", "namespaces", "Namespace")
	services    = kindOf("", "v1", "services", "Service")
	deployments = kindOf("apps", "v1", "deployments", "Deployment")
	jobs        = kindOf("batch", "v1", "jobs", "Job")
	definitions = kindOf("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition")
	webhooks    = kindOf("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration")
)

// widgetsOf is the kind that the release of a name brings.
func widgetsOf(name string) kube.Kind { return kindOf(name+".example.com", "v1", "widgets", "Widget") }

// applied applies, and fails the test unless the plan after it is empty.
func applied(t *testing.T, tf *acctest.Terraform) {
	t.Helper()
	tf.Apply(t)
	settled(t, tf)
}

// settled fails the test if a plan would change something, or the component is
// not ready.
func settled(t *testing.T, tf *acctest.Terraform) {
	t.Helper()
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	if is := tf.State(t, address); is == nil || is.Tainted || is.Attributes["ready"] != true {
		t.Errorf("the component is not ready: %+v", is)
	}
}

// refused runs a command of Terraform that must fail, and say the texts.
func refused(t *testing.T, tf *acctest.Terraform, command []string, says ...string) acctest.Result {
	t.Helper()
	result := tf.Run(t, append(command, "-no-color")...)
	if result.ExitCode == 0 {
		t.Fatalf("Terraform did not refuse it:\n%s", result.Output)
	}
	said(t, result, says...)
	return result
}

// said fails the test unless the output has the texts, one after the other.
func said(t *testing.T, result acctest.Result, texts ...string) {
	t.Helper()
	if !acctest.ErrorSays(texts...).MatchString(result.Output) {
		t.Errorf("Terraform did not say %q:\n%s", texts, result.Output)
	}
}

var (
	plan    = []string{"plan"}
	apply   = []string{"apply", "-auto-approve"}
	destroy = []string{"destroy", "-auto-approve"}
)

// widgets renders a small release: a definition and an object of its kind, a
// namespace, a workload and a webhook that asks it.
func widgets(t *testing.T, name string, values acctest.Values) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "widgets.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all := acctest.Values{
		"name": name, "image": acctest.Image(t, "HELLO_V1"), "bundle": bundle(t), "replicas": 1, "greeting": "hello",
		"versions": []string{"v1"}, "job": false, "selector": name,
	}
	for key, value := range values {
		all[key] = value
	}
	return acctest.Render(t, string(text), all)
}

// inline returns the configuration of a component with an inline manifest.
func inline(t *testing.T, name, manifest, arguments string) string {
	t.Helper()
	return acctest.Render(t, `
resource "sls_platform_component" "widgets" {
  name     = {{quote .name}}
  manifest = {{quote .manifest}}
  {{.arguments}}
}
`, acctest.Values{"name": name, "manifest": manifest, "arguments": arguments})
}

// bundle returns a certificate authority, as a webhook has one: the same with
// every call.
func bundle(t *testing.T) string {
	t.Helper()
	text, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var authority = sync.OnceValues(func() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "widgets"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: encoded})), err
})

// withoutWebhooks may do all that a component of a name needs, but to set up
// webhooks.
func withoutWebhooks(name string) []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		{APIGroups: []string{"", "apps", "apiextensions.k8s.io", name + ".example.com", "discovery.k8s.io", "events.k8s.io", "batch"}, Resources: []string{"*"}, Verbs: []string{"*"}},
		{APIGroups: []string{"admissionregistration.k8s.io"}, Resources: []string{"*"}, Verbs: []string{"get", "list", "watch"}},
	}
}

// account returns the kubeconfig of an account that may do what the rules say.
func (b *bare) account(t *testing.T, name string, rules []rbacv1.PolicyRule) string {
	t.Helper()
	encoded, err := json.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	for kind, text := range map[kube.Kind]string{
		kindOf("", "v1", "serviceaccounts", "ServiceAccount"):                    "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: " + name + ", namespace: default}\n",
		kindOf("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole"): "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: " + name + "}\nrules: " + string(encoded) + "\n",
		kindOf("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding"): "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: " + name + "}\n" +
			"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: " + name + "}\nsubjects: [{kind: ServiceAccount, name: " + name + ", namespace: default}]\n",
	} {
		b.create(t, kind, text)
	}
	config, err := kube.Connection{ConfigPath: b.kubeconfig}.RESTConfig()
	if err != nil {
		t.Fatal(err)
	}
	core, err := corev1.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	request, err := core.ServiceAccounts("default").CreateToken(t.Context(), name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	loaded, err := clientcmd.LoadFromFile(b.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	for user := range loaded.AuthInfos {
		loaded.AuthInfos[user] = &clientcmdapi.AuthInfo{Token: request.Status.Token}
	}
	if err := clientcmd.WriteToFile(*loaded, path); err != nil {
		t.Fatal(err)
	}
	return path
}
