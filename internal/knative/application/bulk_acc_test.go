package application_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// howMany is how many applications are imported at once: SLS_BULK=100 for the number
// that is written of in the guide.
func howMany(t *testing.T) int {
	t.Helper()
	count, err := strconv.Atoi(os.Getenv("SLS_BULK"))
	if err != nil {
		return 20
	}
	return count
}

// manyByHand makes Services with kubectl apply, all of them different, and waits until
// they are ready, which is without any pod. It returns their generations.
func manyByHand(t *testing.T, namespace string, count int) map[string]int64 {
	t.Helper()
	var manifests strings.Builder
	for i := range count {
		manifests.WriteString(acctest.Render(t, `
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: web-{{.i}}
  namespace: {{.namespace}}
  labels: { team: "{{.team}}" }
spec:
  template:
    metadata:
      annotations: { autoscaling.knative.dev/initial-scale: "0" }
    spec:
      containers:
        - image: {{.image}}
          env: [{ name: TARGET, value: "number {{.i}}" }]
`, values(t, namespace, acctest.Values{"i": i, "team": []string{"a", "b"}[i%2]})))
	}
	acctest.Kubectl(t, manifests.String(), "apply", "-f", "-")
	generations := map[string]int64{}
	acctest.Eventually(t, time.Minute+time.Duration(count)*3*time.Second, func(ctx context.Context) error {
		list, err := acctest.Client(t, serving.Services, namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for i := range list.Items {
			decoded, err := serving.DecodeService(&list.Items[i])
			if err != nil {
				return err
			}
			if state := serving.Assess(decoded, ""); state.Phase != serving.Ready {
				return fmt.Errorf("%s is not ready: %s", decoded.Name, state)
			}
			generations[decoded.Name] = decoded.Generation
		}
		return nil
	})
	return generations
}

// importsAll applies a configuration that is to import a number of applications and
// change nothing.
func importsAll(t *testing.T, tf *acctest.Terraform, namespace string, before map[string]int64, arguments ...string) {
	t.Helper()
	planned := tf.Run(t, append([]string{"plan", "-no-color", "-out=import.tfplan"}, arguments...)...)
	if want := fmt.Sprintf("%d to import, 0 to add, 0 to change, 0 to destroy", len(before)); !strings.Contains(planned.Output, want) {
		t.Fatalf("the plan does not say %q:\n%s", want, planned.Output)
	}
	if applied := tf.Run(t, "apply", "-no-color", "import.tfplan"); applied.ExitCode != 0 {
		t.Fatalf("the import came to %d:\n%s", applied.ExitCode, applied.Output)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the import is not empty")
	}
	list, err := acctest.Client(t, serving.Services, namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	after := map[string]int64{}
	for _, object := range list.Items {
		after[object.GetName()] = object.GetGeneration()
	}
	if !maps.Equal(after, before) {
		t.Errorf("the Services' generations were %v and are %v", before, after)
	}
}

// terraform query finds the applications of a namespace that kubectl made, and writes
// their configuration, of which nothing has to be changed by hand.
func TestAccApplicationQuery(t *testing.T) {
	t.Parallel()
	tf := acctest.NewTerraformFrom(t, tfversion.Version1_14_0)
	namespace := acctest.Namespace(t)
	before := manyByHand(t, namespace, howMany(t))
	query := func(more string) {
		tf.Write(t, "shop.tfquery.hcl", fmt.Sprintf("list \"sls_application\" \"shop\" {\n  provider = sls\n  limit    = 1000\n\n  config {\n    namespace = %q\n%s  }\n}\n", namespace, more))
	}
	tf.Configure(t, acctest.ProviderBlock(t))

	query("    labels    = { team = \"b\" }\n")
	some := tf.Run(t, "query", "-no-color")
	if found := strings.Count(some.Output, "name="); some.ExitCode != 0 || found != len(before)/2 {
		t.Fatalf("of the team b it finds %d applications, want %d:\n%s", found, len(before)/2, some.Output)
	}

	query("")
	began := time.Now()
	all := tf.Run(t, "query", "-no-color", "-generate-config-out=generated.tf")
	t.Logf("%d applications in %s", len(before), time.Since(began).Round(time.Millisecond))
	if all.ExitCode != 0 {
		t.Fatalf("the query came to %d:\n%s", all.ExitCode, all.Output)
	}
	for name := range before {
		if !strings.Contains(all.Output, namespace+"/"+name) {
			t.Errorf("it does not find %s:\n%s", name, all.Output)
		}
	}
	importsAll(t, tf, namespace, before)
	tf.Destroy(t)
}

const importedByData = `
data "sls_applications" "shop" {
  namespace = {{quote .namespace}}
}

locals {
  shop = { for application in data.sls_applications.shop.applications : application.name => application }
}
`

// Applications that are alike are imported at once by one resource, on every
// Terraform.
func TestAccApplicationImportForEach(t *testing.T) {
	t.Parallel()
	tf, namespace := acctest.NewTerraform(t), acctest.Namespace(t)
	before := manyByHand(t, namespace, howMany(t))
	tf.Configure(t, acctest.ProviderBlock(t)+acctest.Render(t, importedByData+`
import {
  for_each = local.shop
  to       = sls_application.shop[each.key]
  id       = "${each.value.namespace}/${each.key}"
}

resource "sls_application" "shop" {
  for_each  = local.shop
  name      = each.key
  namespace = each.value.namespace
  image     = each.value.image
  labels    = each.value.labels
  env       = { TARGET = "number ${trimprefix(each.key, "web-")}" }
  scaling   = { initial = 0 }
}
`, acctest.Values{"namespace": namespace}))
	importsAll(t, tf, namespace, before)
	tf.Destroy(t)
}

// Of applications that are not alike, Terraform writes the configuration, from import
// blocks that it writes itself.
func TestAccApplicationImportGenerated(t *testing.T) {
	t.Parallel()
	tf, namespace := acctest.NewTerraform(t), acctest.Namespace(t)
	before := manyByHand(t, namespace, howMany(t))
	tf.Configure(t, acctest.ProviderBlock(t)+acctest.Render(t, importedByData+`
output "imports" {
  value = join("\n", [for name, application in local.shop : <<-EOT
    import {
      to = sls_application.${name}
      id = "${application.namespace}/${name}"
    }
  EOT
  ])
}
`, acctest.Values{"namespace": namespace}))
	tf.Apply(t)
	imports := tf.Run(t, "output", "-raw", "imports")
	if imports.ExitCode != 0 {
		t.Fatalf("the output came to %d:\n%s", imports.ExitCode, imports.Output)
	}
	tf.Write(t, "imports.tf", imports.Output)
	tf.Configure(t, acctest.ProviderBlock(t))
	importsAll(t, tf, namespace, before, "-generate-config-out=generated.tf")
	tf.Destroy(t)
}
