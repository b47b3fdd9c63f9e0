package status_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

const (
	config = "data \"sls_platform\" \"this\" {}\n"
	data   = "data.sls_platform.this"
)

var deployments = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}, Name: "Deployment"}

// version checks an attribute: it is the release that text names, or null if that
// is none, and then there is a problem that says so.
func version(attribute, text, problem string) resource.TestCheckFunc {
	text = strings.TrimPrefix(text, "v")
	if regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(text) {
		return resource.TestCheckResourceAttr(data, attribute, text)
	}
	return resource.ComposeTestCheckFunc(resource.TestCheckNoResourceAttr(data, attribute), says(problem))
}

// says checks that one of the problems says the text.
func says(text string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		all := problems(s)
		if !strings.Contains(all, text) {
			return fmt.Errorf("no problem says %q:\n%s", text, all)
		}
		return nil
	}
}

func problems(s *terraform.State) string {
	attributes := s.RootModule().Resources[data].Primary.Attributes
	var all []string
	for i := 0; ; i++ {
		problem, there := attributes[fmt.Sprintf("problems.%d", i)]
		if !there {
			return strings.Join(all, "\n")
		}
		all = append(all, problem)
	}
}

// The platform of the tests' cluster is described as it is. What its manifests
// name as their version depends on whether they were released.
func TestAccPlatformDataSource(t *testing.T) {
	t.Parallel()
	is := resource.TestCheckResourceAttr
	cluster := acctest.OnCluster(t)
	label := func(namespace, name string) string {
		return acctest.Object(t, deployments, namespace, name).GetLabels()["app.kubernetes.io/version"]
	}
	network, err := cluster.Core.ConfigMaps("knative-serving").Get(t.Context(), "config-network", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	class := network.Data["ingress-class"]

	checks := []resource.TestCheckFunc{
		resource.TestMatchResourceAttr(data, "versions.kubernetes", regexp.MustCompile(`^1\.\d+\.\d+`)),
		version("versions.knative_serving", label("knative-serving", "controller"), "The version of Knative Serving is unknown"),
		is(data, "ingress_class", class),
		is(data, "feature_flags.multi-container", "enabled"),
		is(data, "feature_flags.kubernetes.podspec-hostipc", "disabled"),
		is(data, "components.knative-serving.ready", "true"),
		is(data, "components.istio.ready", "true"),
		is(data, "gateways.0.namespace", "knative-serving"),
		is(data, "gateways.0.name", "knative-ingress-gateway"),
		is(data, "gateways.0.kind", "Gateway.networking.istio.io"),
		is(data, "gateways.0.visibility", "public"),
		is(data, "gateways.0.ready", "true"),
		is(data, "gateways.1.name", "knative-local-gateway"),
		is(data, "gateways.1.visibility", "cluster-local"),
		is(data, "gateways.1.ready", "true"),
	}
	if class == "gateway-api.ingress.networking.knative.dev" {
		checks = append(checks,
			resource.TestMatchResourceAttr(data, "versions.gateway_api", regexp.MustCompile(`^1\.\d+\.\d+`)),
			is(data, "components.net-gateway-api.ready", "true"),
			is(data, "gateways.2.kind", "Gateway.gateway.networking.k8s.io"),
			is(data, "gateways.2.used_by.0", "knative"),
			is(data, "gateways.2.ready", "true"),
			is(data, "gateways.3.ready", "true"),
		)
	}
	acctest.Test(t, resource.TestStep{Config: config, Check: resource.ComposeTestCheckFunc(checks...)})
}

// A cluster without a platform has no versions but its own, and says so without
// an error.
func TestAccPlatformDataSourceBare(t *testing.T) {
	t.Parallel()
	bare := acctest.BareCluster(t, 5)
	null := func(attribute string) resource.TestCheckFunc {
		return resource.TestCheckNoResourceAttr(data, attribute)
	}
	acctest.Test(t, resource.TestStep{
		Config: acctest.ProviderBlockFor(bare) + config,
		Check: resource.ComposeTestCheckFunc(
			resource.TestMatchResourceAttr(data, "versions.kubernetes", regexp.MustCompile(`^1\.\d+\.\d+`)),
			null("versions.knative_serving"), null("versions.istio"), null("versions.gateway_api"), null("versions.velero"),
			null("compatible"), null("ingress_class"), null("feature_flags.%"),
			resource.TestCheckResourceAttr(data, "gateways.#", "0"),
			resource.TestCheckResourceAttr(data, "components.%", "0"),
			resource.TestCheckResourceAttr(data, "problems.#", "2"),
			says("Knative Serving is not installed"), says("Istio is not installed"),
		),
	})
}

// Who may read little learns what may be read, and which permission the rest
// needs.
func TestAccPlatformDataSourceFewRights(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	nobody, viewer := acctest.NewAccount(t, namespace), acctest.NewAccount(t, namespace)
	viewer.Grant(t, "knative-serving", "view")

	null := func(attribute string) resource.TestCheckFunc {
		return resource.TestCheckNoResourceAttr(data, attribute)
	}
	kubernetes := resource.TestMatchResourceAttr(data, "versions.kubernetes", regexp.MustCompile(`^1\.\d+\.\d+`))
	acctest.Test(t,
		resource.TestStep{
			Config: acctest.ProviderBlockFor(nobody.Kubeconfig) + config,
			Check: resource.ComposeTestCheckFunc(
				kubernetes, null("versions.knative_serving"), null("versions.istio"), null("versions.gateway_api"), null("versions.velero"),
				null("compatible"), null("ingress_class"), null("feature_flags.%"), null("gateways.0.ready"),
				resource.TestCheckResourceAttr(data, "components.%", "0"),
				says("list deployments in the namespace knative-serving"), says("list deployments in all namespaces"),
				says("get the ConfigMap config-network in the namespace knative-serving"),
				says("get the CustomResourceDefinition gateways.gateway.networking.k8s.io"), says("get the Gateway knative-ingress-gateway"),
				says("get the Deployment velero"), says("which components this provider installed"),
			),
		},
		resource.TestStep{
			Config: acctest.ProviderBlockFor(viewer.Kubeconfig) + config,
			Check: resource.ComposeTestCheckFunc(
				kubernetes, null("versions.istio"), null("compatible"),
				resource.TestCheckResourceAttrSet(data, "ingress_class"),
				resource.TestCheckResourceAttr(data, "feature_flags.multi-container", "enabled"),
				resource.TestCheckResourceAttr(data, "components.knative-serving.ready", "true"),
			),
		},
	)
}

// A cluster that can't be reached is an error, with the way out.
func TestAccPlatformDataSourceUnreachable(t *testing.T) {
	t.Parallel()
	acctest.Test(t, resource.TestStep{
		Config:      "provider \"sls\" {\n  host = \"https://127.0.0.1:1\"\n}\n" + config,
		ExpectError: acctest.ErrorSays("Can't read the state of the platform", "127.0.0.1:1"),
	})
}

// The example as it stands, but for its namespace and image: the checks warn, and
// a precondition that does not hold changes nothing.
func TestAccPlatformDataSourceExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "examples", "data-sources", "sls_platform", "data-source.tf"))
	if err != nil {
		t.Fatal(err)
	}
	namespace := acctest.Namespace(t)
	example := replace(t, replace(t, string(text), `"prod"`, fmt.Sprintf("%q", namespace)),
		`"registry.example.com/shop:1.4.2"`, fmt.Sprintf("%q", acctest.Image(t, "HELLO_V1")))

	tf := acctest.NewTerraform(t)
	// It looks at the platform, and owns an application: two roles.
	block := acctest.ProviderBlockFor(acctest.Kubeconfig(t))
	tf.Configure(t, block+
		replace(t, example, `["kubernetes.podspec-volumes-emptydir"], "unknown") != "disabled"`, `["kubernetes.podspec-volumes-emptydir"], "unknown") == "disabled"`))
	refused := tf.Run(t, "apply", "-auto-approve", "-no-color")
	if want := "The shop's cache needs Knative's feature"; refused.ExitCode == 0 || !strings.Contains(refused.Output, want) {
		t.Errorf("a precondition that does not hold: exit code %d\n%s", refused.ExitCode, refused.Output)
	}
	if events, err := acctest.OnCluster(t).Core.Pods(namespace).List(t.Context(), metav1.ListOptions{}); err != nil || len(events.Items) > 0 {
		t.Errorf("it changed something: %v, %v", events.Items, err)
	}

	tf.Configure(t, block+example)
	applied := tf.Apply(t)
	problems, _ := tf.State(t, data).Attributes["problems"].([]any)
	if warned := strings.Contains(applied.Output, "Check block assertion failed"); warned != (len(problems) > 0) {
		t.Errorf("with %d problems, the check warned: %t\n%s", len(problems), warned, applied.Output)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	tf.Destroy(t)
}

func replace(t *testing.T, text, old, by string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("the example has no %s any more", old)
	}
	return strings.ReplaceAll(text, old, by)
}
