package examples_test

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// The steps that the pipelines take, by their own script: a release is
// promoted, and one that does not answer well is rolled back.
func TestAccPipelines(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	image, v1 := split(acctest.Image(t, "HELLO_V1"))
	_, v2 := split(acctest.Image(t, "HELLO_V2"))
	_, v3 := split(acctest.Image(t, "HELLO_V3"))
	gateway, err := url.Parse(acctest.Gateway(t))
	if err != nil {
		t.Fatal(err)
	}
	tf := acctest.NewTerraform(t)
	tf.Within(t, "pipelines/terraform")
	for name, value := range map[string]string{
		"KUBE_CONFIG_PATH": acctest.Owner(t).Kubeconfig, "TF_VAR_namespace": namespace, "TF_VAR_image": image,
		"TF_VAR_host": namespace + ".example.com", "GATEWAY": gateway.Host,
	} {
		tf.Setenv(name, value)
	}
	step := func(arguments ...string) string {
		t.Helper()
		result := tf.Script(t, "../release.sh", arguments...)
		if result.ExitCode != 0 {
			t.Fatalf("release.sh %s:\n%s", strings.Join(arguments, " "), result.Output)
		}
		return result.Output
	}
	refused := func(says string, arguments ...string) {
		t.Helper()
		if result := tf.Script(t, "../release.sh", arguments...); result.ExitCode == 0 || !strings.Contains(result.Output, says) {
			t.Errorf("release.sh %s exited with %d, and should say %q:\n%s", strings.Join(arguments, " "), result.ExitCode, says, result.Output)
		}
	}

	refused("No release is under way", "verify")
	step("deploy", v1)
	serves(t, tf.Output(t, "url"), v1)
	refused("No release is under way", "promote")

	step("deploy", v2)
	serves(t, tf.Output(t, "url"), v1)
	serves(t, tf.Output(t, "url"), v2, "x-tester", "yes")
	step("verify")
	step("share", "50")
	step("verify")
	const users = 100
	if got := versions(t, tf.Output(t, "url"), users); got[v1] == 0 || got[v2] == 0 {
		t.Errorf("with half of the users each, %d users got %v", users, got)
	}
	step("promote")
	serves(t, tf.Output(t, "url"), v2)
	if !strings.Contains(step("deploy", v2), "serves already") {
		t.Error("what serves already was deployed again")
	}

	step("deploy", v3)
	serves(t, tf.Output(t, "url"), v3, "x-tester", "yes")
	tf.Setenv("VERIFY_PATH", "/?status=503")
	refused("503 "+v3, "verify")
	step("rollback")
	serves(t, tf.Output(t, "url"), v2)
	serves(t, tf.Output(t, "url"), v2, "x-tester", "yes")
	tf.Setenv("TF_VAR_stable", v2)
	tf.Destroy(t)
}

// serves waits until requests for address are answered by a version.
func serves(t *testing.T, address, version string, headers ...string) {
	t.Helper()
	acctest.GetUntil(t, address, func(answer acctest.Answer) error {
		if got := answer.Header.Get("x-version"); got != version {
			return fmt.Errorf("version %q serves, want %s", got, version)
		}
		return nil
	}, headers...)
}

// writesBackend is how a pipeline says where the state is.
var writesBackend = regexp.MustCompile(`printf .* >terraform/backend\.tf`)

// What each pipeline adds to the configuration is valid.
func TestAccPipelinesBackends(t *testing.T) {
	t.Parallel()
	for _, pipeline := range []string{"gitlab-ci.yml", "github-actions.yml", "argo-workflow-template.yaml"} {
		t.Run(pipeline, func(t *testing.T) {
			t.Parallel()
			tf := acctest.NewTerraform(t)
			tf.Within(t, "pipelines/terraform")
			text, err := os.ReadFile(tf.Path("../" + pipeline))
			if err != nil {
				t.Fatal(err)
			}
			if result := tf.Script(t, "bash", "-c", "cd .. && "+writesBackend.FindString(string(text))); result.ExitCode != 0 {
				t.Fatalf("%s writes no backend: %s", pipeline, result.Output)
			}
			if result := tf.Run(t, "validate", "-no-color"); result.ExitCode != 0 {
				t.Errorf("with the backend of %s the configuration is not valid:\n%s", pipeline, result.Output)
			}
		})
	}
}
