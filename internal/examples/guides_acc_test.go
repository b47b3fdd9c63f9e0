package examples_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-version"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// A walk is one through a guide.
type walk struct {
	begin  func(t *testing.T, namespace string) // makes what the guide finds
	apply  string                               // what every apply has to say
	finish func(t *testing.T, namespace string) // looks at what the guide leaves
}

var walks = map[string]walk{
	"quick-start":  {finish: nothingIsLeft},
	"gray-release": {},
	"migrating":    {begin: deployByOthers, apply: "0 added, 0 changed, 0 destroyed", finish: nothingHasChanged},
}

// presumed is what a reader has who comes from the quick start.
const presumed = `terraform {
  required_providers {
    sls = { source = "sls-platform/sls" }
  }
}

provider "sls" {
  config_path = "~/.kube/config"
}
`

// The guides work as they stand: whoever writes down each configuration and runs
// each script, in order, comes to the end. What is run elsewhere, or not, is told.
func TestAccGuides(t *testing.T) {
	t.Parallel()
	for name, walk := range walks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := filepath.Join("docs/guides", name+".md")
			guide, err := os.ReadFile(filepath.Join(checkout, place))
			if err != nil {
				t.Fatal(err)
			}
			namespace := acctest.Namespace(t)
			if walk.begin != nil {
				walk.begin(t, namespace)
			}
			here := strings.NewReplacer(
				"registry.example.com/shop:1.0.0", acctest.Image(t, "HELLO_V1"),
				"registry.example.com/shop:1.4.2", acctest.Image(t, "HELLO_V1"),
				"registry.example.com/shop:2.0.0", acctest.Image(t, "HELLO_V2"),
				"shop.example.com", namespace+".example.com",
				`= "default"`, `= "`+namespace+`"`, `= "prod"`, `= "`+namespace+`"`, `"prod/`, `"`+namespace+`/`, "-n prod ", "-n "+namespace+" ",
			)
			var reader *acctest.Terraform
			for _, step := range steps(t, string(guide)) {
				if reader == nil || step.fresh {
					reader = openFolder(t, string(guide))
				}
				text := here.Replace(step.text)
				switch {
				case step.isConfiguration():
					writeDown(t, reader, text)
				case !step.isScript():
				case step.notRun != "":
					t.Logf("%s:%d is not run: %s", place, step.line, step.notRun)
				case step.least != "" && reader.Version(t).LessThan(version.Must(version.NewVersion(step.least))):
					t.Logf("%s:%d is not run: it needs Terraform %s", place, step.line, step.least)
				default:
					says := runScript(t, reader, place, step, text)
					if strings.Contains(text, "terraform apply") && !strings.Contains(says, walk.apply) {
						t.Errorf("%s:%d should say %q:\n%s", place, step.line, walk.apply, says)
					}
				}
			}
			if walk.finish != nil {
				walk.finish(t, namespace)
			}
		})
	}
}

// openFolder makes a folder for a guide.
func openFolder(t *testing.T, guide string) *acctest.Terraform {
	t.Helper()
	reader := acctest.NewReader(t)
	if !strings.Contains(guide, "required_providers") {
		reader.Write(t, "provider.tf", presumed)
		if got := reader.Run(t, "init"); got.ExitCode != 0 {
			t.Fatal(got.Output)
		}
	}
	return reader
}

// topLevel is a block of a configuration, with what names it.
var topLevel = regexp.MustCompile(`(?ms)^([a-z]+)((?: "[^"]*")*) \{\n.*?^\}\n`)

// writeDown puts each block of a configuration in place of the one of that name.
func writeDown(t *testing.T, reader *acctest.Terraform, text string) {
	t.Helper()
	for _, match := range topLevel.FindAllStringSubmatch(text, -1) {
		name := strings.Join(strings.Fields(match[1]+strings.ReplaceAll(match[2], `"`, " ")), ".")
		extension := ".tf"
		if match[1] == "list" {
			extension = ".tfquery.hcl"
		}
		reader.Write(t, name+extension, match[0])
	}
	for line := range strings.Lines(topLevel.ReplaceAllString(text, "")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			t.Fatalf("this is in no block: %s", line)
		}
	}
}

// runScript runs a script, and returns what it says. A request is sent again for a while:
// what was applied reaches the gateway a moment later.
func runScript(t *testing.T, reader *acctest.Terraform, place string, s step, script string) string {
	t.Helper()
	says := ""
	try := func(context.Context) error {
		result := reader.Shell(t, script)
		if says = result.Output; result.ExitCode != 0 {
			return fmt.Errorf("%s:%d exits with %d:\n%s", place, s.line, result.ExitCode, result.Output)
		}
		return nil
	}
	if strings.HasPrefix(script, "curl ") {
		acctest.Eventually(t, time.Minute, try)
	} else if err := try(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s:%d:\n%s", place, s.line, says)
	return says
}

func nothingIsLeft(t *testing.T, namespace string) {
	if left := list(t, namespace); len(left) > 0 {
		t.Errorf("destroyed, it left %d applications", len(left))
	}
}

// ofHelm selects the records of a release.
const ofHelm = "owner=helm,name=shop"

// deployByOthers makes an application as kubectl does, and the record that Helm
// would have of it.
func deployByOthers(t *testing.T, namespace string) {
	acctest.Kubectl(t, fmt.Sprintf(`
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: shop, namespace: %[1]s, labels: {team: shop}}
spec: {template: {spec: {containers: [{image: %[2]q}]}}}
---
apiVersion: v1
kind: Secret
metadata: {name: sh.helm.release.v1.shop.v1, namespace: %[1]s, labels: {owner: helm, name: shop}}
type: helm.sh/release.v1
`, namespace, acctest.Image(t, "HELLO_V1")), "apply", "-f", "-")
	acctest.Kubectl(t, "", "-n", namespace, "wait", "services.serving.knative.dev/shop", "--for=condition=Ready", "--timeout=2m")
}

func nothingHasChanged(t *testing.T, namespace string) {
	cluster := acctest.OnCluster(t)
	revisions, err := cluster.Dynamic.Resource(schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "revisions"}).
		Namespace(namespace).List(t.Context(), metav1.ListOptions{})
	records, also := cluster.Core.Secrets(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: ofHelm})
	if err := errors.Join(err, also); err != nil {
		t.Fatal(err)
	}
	if len(revisions.Items) != 1 || len(records.Items) != 0 || len(list(t, namespace)) != 1 {
		t.Errorf("there are %d revisions, %d records of Helm and %d applications", len(revisions.Items), len(records.Items), len(list(t, namespace)))
	}
}
