package application_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// clusterID returns what identities call the tests' cluster.
func clusterID(t *testing.T) string {
	t.Helper()
	system, err := acctest.OnCluster(t).Core.Namespaces().Get(t.Context(), "kube-system", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return string(system.UID)
}

// An application is told from its namesake on another cluster, and imported, by
// its identity. Terraform knows identities from 1.12 on.
func TestAccApplicationIdentity(t *testing.T) {
	t.Parallel()
	namespace, cluster := acctest.Namespace(t), clusterID(t)
	identified := []statecheck.StateCheck{statecheck.ExpectIdentity(web, map[string]knownvalue.Check{
		"cluster_id": knownvalue.StringExact(cluster),
		"namespace":  knownvalue.StringExact(namespace),
		"name":       knownvalue.StringExact("web"),
	})}
	created := webStep(t, namespace, "one", "a", 0)
	created.ConfigStateChecks = identified
	refreshed := resource.TestStep{RefreshState: true}
	read := webStep(t, namespace, "one", "a", 0)
	read.ConfigStateChecks = identified
	updated := webStep(t, namespace, "two", "a", 0)
	updated.ConfigStateChecks = identified
	imported := resource.TestStep{
		ResourceName: web, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
		ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(web, plancheck.ResourceActionNoop),
		}},
	}
	elsewhere := webStep(t, namespace, "two", "a", 0)
	elsewhere.Config = acctest.ProviderBlock(t, `cluster_id = "another"`) + elsewhere.Config
	elsewhere.ExpectError = acctest.ErrorSays("connected to another cluster", cluster)
	acctest.TestFrom(t, tfversion.Version1_12_0, created, refreshed, read, updated, imported, elsewhere, updated)
}

// importBlock renders an import block that names the application by its id or,
// where values are given, by its identity.
func importBlock(namespace string, identity map[string]string) string {
	if identity == nil {
		return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", web, namespace+"/web")
	}
	lines := []string{fmt.Sprintf("    namespace = %q", namespace), `    name = "web"`}
	for name, value := range identity {
		lines = append(lines, fmt.Sprintf("    %s = %q", name, value))
	}
	return fmt.Sprintf("import {\n  to = %s\n  identity = {\n%s\n  }\n}\n", web, strings.Join(lines, "\n"))
}

// What kubectl made is imported by an identity, without a revision; one of
// another cluster is refused.
func TestAccApplicationImportByIdentity(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraformFrom(t, tfversion.Version1_12_0)
	namespace, cluster := acctest.Namespace(t), clusterID(t)
	makeByHand(t, namespace)
	before := revisionNames(t, namespace)
	configure := func(identity map[string]string) {
		tf.Configure(t, acctest.ProviderBlock(t)+importBlock(namespace, identity)+acctest.Render(t, unversionedConfig,
			values(t, namespace, acctest.Values{"target": "one", "team": "a"})))
	}

	configure(map[string]string{"cluster_id": "another"})
	refused := tf.Run(t, "plan", "-no-color")
	if refused.ExitCode == 0 || !acctest.ErrorSays("connected to another cluster", "another", cluster).MatchString(refused.Output) {
		t.Errorf("the identity of another cluster came to %d:\n%s", refused.ExitCode, refused.Output)
	}
	for name, identity := range map[string]map[string]string{
		"whole":           {"cluster_id": cluster},
		"without cluster": {},
	} {
		configure(identity)
		planned := tf.Run(t, "plan", "-no-color")
		if !strings.Contains(planned.Output, "1 to import, 0 to add, 0 to change, 0 to destroy") {
			t.Errorf("the identity %s came to a plan with changes:\n%s", name, planned.Output)
		}
	}
	tf.Apply(t)
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the import is not empty")
	}
	if after := revisionNames(t, namespace); !slices.Equal(after, before) {
		t.Errorf("the revisions were %v and are %v", before, after)
	}
	tf.Destroy(t)
}

// applied is a Service with much of what people write for kubectl apply.
const applied = `{
  "apiVersion": "serving.knative.dev/v1", "kind": "Service",
  "metadata": {"name": "web", "labels": {"team": "a"}, "annotations": {"example.com/owner": "shop ${team}"}},
  "spec": {"template": {
    "metadata": {
      "labels": {"tier": "front"},
      "annotations": {"autoscaling.knative.dev/min-scale": "0", "autoscaling.knative.dev/max-scale": "2", "example.com/reviewed": "yes"}
    },
    "spec": {
      "containerConcurrency": 10, "timeoutSeconds": 120,
      "containers": [
        {
          "name": "web", "image": %q, "args": ["-greeting", "hello \"you\""],
          "ports": [{"name": "http1", "containerPort": 8080}],
          "env": [{"name": "TARGET", "value": "one"}, {"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "mode", "key": "mode", "optional": true}}}],
          "envFrom": [{"prefix": "C_", "configMapRef": {"name": "mode", "optional": true}}],
          "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
          "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 2},
          "livenessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 20},
          "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": true},
          "volumeMounts": [{"name": "settings", "mountPath": "/etc/settings", "readOnly": true}]
        },
        {"name": "sidecar", "image": %q, "env": [{"name": "PORT", "value": "8081"}]}
      ],
      "volumes": [{"name": "settings", "configMap": {"name": "mode", "optional": true}}]
    }
  }}
}`

// Terraform writes the configuration of an application that kubectl apply made:
// it is valid as it stands, and applying it changes nothing.
func TestAccApplicationGeneratedConfiguration(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		least    *version.Version
		identity map[string]string
	}{
		"by id":       {},
		"by identity": {least: tfversion.Version1_12_0, identity: map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := acctest.NewTerraformFrom(t, test.least)
			namespace, image := acctest.Namespace(t), acctest.Image(t, "HELLO_V1")
			text := fmt.Sprintf(applied, image, image)
			if !json.Valid([]byte(text)) {
				t.Fatalf("not JSON: %s", text)
			}
			if _, err := acctest.Client(t, serving.Services, namespace).Patch(t.Context(), "web", types.ApplyPatchType, []byte(text), metav1.PatchOptions{FieldManager: "kubectl"}); err != nil {
				t.Fatal(err)
			}
			isReady(t, namespace)
			before := service(t, namespace, "web")
			revisions := revisionNames(t, namespace)

			tf.Configure(t, acctest.ProviderBlock(t)+importBlock(namespace, test.identity))
			planned := tf.Run(t, "plan", "-no-color", "-generate-config-out=generated.tf")
			if planned.ExitCode != 0 {
				t.Fatalf("Terraform exited with %d:\n%s", planned.ExitCode, planned.Output)
			}
			if !strings.Contains(planned.Output, "1 to import, 0 to add, 0 to change, 0 to destroy") {
				t.Errorf("the plan has changes:\n%s", planned.Output)
			}
			tf.Apply(t)
			if !tf.PlanIsEmpty(t) {
				t.Error("the plan after the import is not empty")
			}
			if now := revisionNames(t, namespace); !slices.Equal(now, revisions) {
				t.Errorf("the revisions were %v and are %v", revisions, now)
			}
			if now := service(t, namespace, "web"); now.GetGeneration() != before.GetGeneration() {
				t.Errorf("the Service's generation was %d and is %d", before.GetGeneration(), now.GetGeneration())
			}
			tf.Destroy(t)
		})
	}
}

// A state that an older Terraform wrote holds no identities. One that is read
// while the connection is not known yet gets its cluster with a later read.
func TestAccApplicationIdentityOfOldState(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraformFrom(t, tfversion.Version1_12_0)
	namespace := acctest.Namespace(t)
	configure := func(kubeconfig string) {
		tf.Configure(t, fmt.Sprintf("resource \"terraform_data\" \"cluster\" {\n  input = %q\n}\n\nprovider \"sls\" {\n  config_path = terraform_data.cluster.output\n}\n", kubeconfig)+
			acctest.Render(t, unversionedConfig, values(t, namespace, acctest.Values{"target": "one", "team": "a"})))
	}
	configure(acctest.Kubeconfig(t))
	tf.Apply(t)
	if id := storedIdentity(t, tf); id["cluster_id"] != clusterID(t) {
		t.Errorf("created, its identity is %v", id)
	}
	editState(t, tf, func(instance map[string]any) {
		delete(instance, "identity")
		delete(instance, "identity_schema_version")
	})

	// The same cluster by another file, of which the plan does not know where.
	again := tf.Path("kubeconfig")
	text, err := os.ReadFile(acctest.Kubeconfig(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(again, text, 0o600); err != nil {
		t.Fatal(err)
	}
	configure(again)
	tf.Apply(t)
	tf.Apply(t)
	if id := storedIdentity(t, tf); id["cluster_id"] != clusterID(t) {
		t.Errorf("read again, its identity is %v", id)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan is not empty")
	}
	tf.Destroy(t)
}

// storedIdentity returns the application's identity as the state holds it.
func storedIdentity(t *testing.T, tf *acctest.Terraform) (identity map[string]any) {
	t.Helper()
	editState(t, tf, func(instance map[string]any) { identity, _ = instance["identity"].(map[string]any) })
	return identity
}

// editState changes the application in the file that holds the state.
func editState(t *testing.T, tf *acctest.Terraform, edit func(instance map[string]any)) {
	t.Helper()
	path := tf.Path("terraform.tfstate")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	resources, _ := state["resources"].([]any)
	for _, resource := range resources {
		if resource, _ := resource.(map[string]any); resource["type"] == "sls_application" {
			instances, _ := resource["instances"].([]any)
			instance, _ := instances[0].(map[string]any)
			edit(instance)
		}
	}
	if text, err = json.Marshal(state); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
