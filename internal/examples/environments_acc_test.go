package examples_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const environments = "../../examples/environments"

// One application in four environments: each answers with its version, prod
// alone keeps a pod, and a version that moves on touches one environment.
func TestAccEnvironments(t *testing.T) {
	t.Parallel()
	image, now := split(acctest.Image(t, "HELLO_V1"))
	_, next := split(acctest.Image(t, "HELLO_V2"))
	versions := map[string]string{"test": next, "stable": now, "pre": now, "prod": now}
	namespaces := map[string]string{}
	for environment := range versions {
		namespaces[environment] = acctest.Namespace(t)
	}
	tf := acctest.NewTerraform(t)
	values := acctest.Values{"image": image, "namespaces": namespaces, "base_domain": namespaces["test"] + ".example.com", "versions": versions}
	tf.Use(t, environments, "", values)
	tf.Apply(t)
	for environment, namespace := range namespaces {
		least := "0"
		if environment == "prod" {
			least = "1"
		}
		hasScale(t, namespace, least)
		answersFrom(t, tf, environment, versions[environment])
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}

	before := templates(t, namespaces)
	versions["stable"] = next
	tf.Variables(t, values)
	tf.Apply(t)
	answersFrom(t, tf, "stable", next)
	for environment, revision := range templates(t, namespaces) {
		if changed := revision != before[environment]; changed != (environment == "stable") {
			t.Errorf("%s had the revision %s and has %s, after the version of stable was changed", environment, before[environment], revision)
		}
	}
	tf.Destroy(t)
	for _, namespace := range namespaces {
		if left := list(t, namespace); len(left) > 0 {
			t.Errorf("destroyed, it left %d applications", len(left))
		}
	}
}

// split cuts an image into its name and its tag.
func split(image string) (name, tag string) {
	at := strings.LastIndex(image, ":")
	return image[:at], image[at+1:]
}

// answersFrom waits until the environment's own host answers with the version.
func answersFrom(t *testing.T, tf *acctest.Terraform, environment, version string) {
	t.Helper()
	var urls map[string]string
	if err := json.Unmarshal([]byte(tf.OutputJSON(t, "urls")), &urls); err != nil {
		t.Fatal(err)
	}
	acctest.GetUntil(t, urls[environment], func(got acctest.Answer) error {
		var of struct{ Version string }
		if err := json.Unmarshal([]byte(got.Body), &of); err != nil {
			return err
		}
		if of.Version != version {
			return fmt.Errorf("%s answers with version %s, want %s", environment, of.Version, version)
		}
		return nil
	})
}

// templates returns the name of the revision that each namespace's application
// asks for.
func templates(t *testing.T, namespaces map[string]string) map[string]string {
	t.Helper()
	names := map[string]string{}
	for environment, namespace := range namespaces {
		for _, service := range list(t, namespace) {
			names[environment], _, _ = unstructured.NestedString(service.Object, "spec", "template", "metadata", "name")
		}
	}
	return names
}
