package restore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

const (
	this = "sls_restore.this"

	locationConfig = `
resource "sls_backup_storage_location" "main" {
  name             = "main"
  storage_provider = "aws"
  bucket           = {{quote .bucket}}
  config           = { region = "us-east-1", s3Url = {{quote .url}}, s3ForcePathStyle = "true" }
  credential       = { name = {{quote .secret}} }
}
`
	restoreConfig = `
resource "sls_restore" "this" {
  name = {{quote .name}}
{{.lines}}
}
`
	whole = `  stages = [{ name = "all" }]`
)

// suite is one Velero for all tests of this file: its cluster takes a while.
type suite struct {
	*acctest.Velero
	together *testing.T // the test of all of them, with which the server ends
}

func (s suite) config(t *testing.T, name string, lines ...string) string {
	t.Helper()
	return s.ProviderBlock() + acctest.Render(t, restoreConfig, acctest.Values{"name": name, "lines": strings.Join(lines, "\n")})
}

// backedUp makes a namespace with a ConfigMap, backs it up, and removes it.
func (s suite) backedUp(t *testing.T, name string, arguments ...string) {
	t.Helper()
	s.Kubectl(t, "", "create", "namespace", name)
	s.Kubectl(t, "", "create", "configmap", "settings", "-n", name, "--from-literal=greeting=hello")
	s.CLI(t, append([]string{"backup", "create", name, "--include-namespaces", name, "--storage-location", "main", "--wait"}, arguments...)...)
	s.Kubectl(t, "", "delete", "namespace", name)
}

// restores returns the Restores of a resource.
func (s suite) restores(t *testing.T, name string) []string {
	t.Helper()
	list, err := s.Client(object.Restores).List(t.Context(), metav1.ListOptions{LabelSelector: "sls-platform.github.io/restore=" + name})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range list.Items {
		names = append(names, list.Items[i].GetName())
	}
	return names
}

func (s suite) greets(t *testing.T, namespace string) {
	t.Helper()
	if got := s.Kubectl(t, "", "get", "configmap", "settings", "-n", namespace, "-o", "jsonpath={.data.greeting}"); got != "hello" {
		t.Errorf("the restored setting is %q", got)
	}
}

func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(this, action)}}
}

// A real Velero restores.
func TestAccRestore(t *testing.T) {
	t.Parallel()
	s := suite{acctest.NewVelero(t, 9), t}
	location := acctest.NewTerraform(t)
	location.Configure(t, s.ProviderBlock()+acctest.Render(t, locationConfig, acctest.Values{
		"bucket": acctest.VeleroBucket, "url": s.StoreURL, "secret": acctest.VeleroSecret,
	}))
	location.Apply(t)
	t.Run("Lifecycle", s.lifecycle)
	t.Run("NothingTwice", s.nothingTwice)
	t.Run("Stages", s.stages)
	t.Run("OlderHere", s.olderHere)
	t.Run("OlderVelero", s.olderVelero)
	t.Run("PartiallyFailed", s.partiallyFailed)
	t.Run("TriedAgain", s.triedAgain)
	t.Run("Killed", s.killed)
	t.Run("NoSuchBackup", s.noSuchBackup)
}

// A backup is restored once; again for another trigger; and a destroy leaves what
// was restored.
func (s suite) lifecycle(t *testing.T) {
	s.backedUp(t, "life")
	const from = `  from = { backup = "life" }`
	acctest.Test(t,
		resource.TestStep{Config: s.config(t, "life", from, whole), Check: resource.ComposeTestCheckFunc(
			resource.TestCheckResourceAttr(this, "backup_name", "life"),
			resource.TestCheckResourceAttr(this, "phase", "Completed"),
			resource.TestCheckResourceAttr(this, "errors", "0"),
			resource.TestCheckResourceAttr(this, "restores.#", "1"),
			resource.TestCheckResourceAttr(this, "expired", "false"),
			resource.TestCheckResourceAttrSet(this, "items_restored"),
			resource.TestCheckResourceAttrSet(this, "backup_time"),
		)},
		resource.TestStep{
			PreConfig:    func() { s.greets(t, "life") },
			ResourceName: this, ImportState: true, ImportStateId: "velero/life", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
			ImportStateVerifyIgnore: []string{"from", "stages", "backup_time", "messages"},
		},
		resource.TestStep{
			PreConfig:        func() { s.Kubectl(t, "", "delete", "namespace", "life") },
			Config:           s.config(t, "life", from, whole, `  triggers = { again = "1" }`),
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			Check:            resource.TestCheckResourceAttr(this, "phase", "Completed"),
		},
		resource.TestStep{
			PreConfig:        func() { s.greets(t, "life") },
			Config:           s.config(t, "life", from, whole, `  triggers = { again = "1" }`, "  allow_partially_failed = true"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig:        func() { s.Kubectl(t, "", "delete", "namespace", "life") },
			Config:           s.config(t, "life", from, whole, `  triggers = { again = "1" }`, `  namespace_mapping = { life = "second-life" }`),
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
		},
	)
	s.greets(t, "second-life")
	if got := s.restores(t, "life"); len(got) != 3 {
		t.Errorf("of three orders there are the Restores %v", got)
	}
}

// A newer backup, the expiry of the one that was restored, another day: nothing
// restores a second time.
func (s suite) nothingTwice(t *testing.T) {
	s.Kubectl(t, "", "create", "namespace", "daily")
	s.Kubectl(t, "", "create", "configmap", "settings", "-n", "daily", "--from-literal=greeting=hello")
	s.CLI(t, "schedule", "create", "daily", "--schedule", "0 3 * * *", "--include-namespaces", "daily", "--storage-location", "main")
	s.CLI(t, "backup", "create", "daily-1", "--from-schedule", "daily", "--wait")
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "daily", `  from = { schedule = "daily", max_age = "1h" }`, whole))
	tf.Apply(t)
	is := tf.State(t, this).Attributes
	if is["backup_name"] != "daily-1" {
		t.Errorf("restored is %v", is["backup_name"])
	}
	made := s.restores(t, "daily")

	s.CLI(t, "backup", "create", "daily-2", "--from-schedule", "daily", "--wait")
	if !tf.PlanIsEmpty(t) {
		t.Error("a newer backup would be restored by itself")
	}
	s.CLI(t, "backup", "delete", "daily-1", "--confirm") // as it is when it has expired
	acctest.Eventually(t, time.Minute, func(context.Context) error {
		if left := s.restores(t, "daily"); len(left) > 0 {
			return errors.New("Velero has not removed the Restores yet")
		}
		return nil
	})
	tf.Apply(t)
	if !tf.PlanIsEmpty(t) {
		t.Error("the end of the backup makes another restore")
	}
	if is := tf.State(t, this).Attributes; is["expired"] != true || is["backup_name"] != "daily-1" {
		t.Errorf("after the expiry the state is %v", is)
	}
	if left := s.restores(t, "daily"); len(left) > 0 {
		t.Errorf("after %v there are %v", made, left)
	}

	// Another trigger takes the newest.
	tf.Configure(t, s.config(t, "daily", `  from = { schedule = "daily", max_age = "1h" }`, whole, `  triggers = { failover = "1" }`))
	tf.Apply(t)
	if is := tf.State(t, this).Attributes; is["backup_name"] != "daily-2" || is["expired"] != false {
		t.Errorf("after another trigger the state is %v", is)
	}
	tf.Configure(t, s.config(t, "daily", `  from = { schedule = "daily", max_age = "1s" }`, whole, `  triggers = { failover = "2" }`))
	result := tf.Run(t, "apply", "-auto-approve", "-no-color")
	if result.ExitCode == 0 || !acctest.ErrorSays("the newest backup is too old", "daily-2, which is", "no older than 1s").MatchString(result.Output) {
		t.Errorf("of a backup that is too old it is said\n%s", result.Output)
	}
	s.Kubectl(t, "", "delete", "schedule.velero.io", "daily", "-n", acctest.VeleroNamespace)
}

const gadgets = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Gadget, plural: gadgets, singular: gadget}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

// What is defined in one stage is there for the next, and what runs is waited for.
func (s suite) stages(t *testing.T) {
	s.Kubectl(t, gadgets, "apply", "-f", "-")
	s.Kubectl(t, "", "wait", "--for=condition=Established", "--timeout=60s", "crd/gadgets.example.com")
	// Velero learns which kinds there are when it starts, and every five minutes:
	// what is of a younger one is in no backup.
	s.Stop(t)
	s.Start(s.together)
	s.Kubectl(t, "", "create", "namespace", "staged")
	s.Kubectl(t, "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: first, namespace: staged}\n", "apply", "-f", "-")
	s.Kubectl(t, "", "create", "deployment", "web", "-n", "staged", "--image", acctest.Image(t, "HELLO_V1"))
	s.CLI(t, "backup", "create", "staged", "--include-namespaces", "staged", "--include-cluster-scoped-resources", "customresourcedefinitions.apiextensions.k8s.io",
		"--storage-location", "main", "--wait")
	s.Kubectl(t, "", "delete", "namespace", "staged")
	s.Kubectl(t, "", "delete", "crd", "gadgets.example.com")

	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "staged", `
  from   = { backup = "staged" }
  stages = [
    { name = "definitions", included_resources = ["customresourcedefinitions.apiextensions.k8s.io"], include_cluster_resources = true },
    { name = "rest", excluded_resources = ["customresourcedefinitions.apiextensions.k8s.io", "pods", "replicasets.apps"] },
  ]
`))
	tf.Apply(t)
	s.Kubectl(t, "", "get", "gadgets.example.com", "first", "-n", "staged")
	if ready := s.Kubectl(t, "", "get", "deployment", "web", "-n", "staged", "-o", "jsonpath={.status.availableReplicas}"); ready != "1" {
		t.Errorf("the apply ended with %q pods available", ready)
	}
	if names := s.restores(t, "staged"); len(names) != 2 || !strings.HasSuffix(names[0], "-definitions") || !strings.HasSuffix(names[1], "-rest") {
		t.Errorf("the Restores are %v", names)
	}
	tf.Destroy(t)
	s.Kubectl(t, "", "get", "gadgets.example.com", "first", "-n", "staged") // stays
}

// Configuration of a newer release than what runs here is restored, and told of.
func (s suite) olderHere(t *testing.T) {
	const release = "app.kubernetes.io/name=knative-serving"
	s.Kubectl(t, "", "create", "namespace", "older")
	s.Kubectl(t, "", "create", "configmap", "config-deployment", "-n", "older")
	s.Kubectl(t, "", "label", "configmap", "config-deployment", "-n", "older", release, "app.kubernetes.io/version=1.24.0")
	s.CLI(t, "backup", "create", "older", "--include-namespaces", "older", "--include-resources", "configmaps", "--storage-location", "main", "--wait")
	s.Kubectl(t, "", "delete", "namespace", "older")
	s.Kubectl(t, "", "create", "namespace", "older")
	s.Kubectl(t, "", "create", "deployment", "controller", "-n", "older", "--image", "none", "--replicas", "0")
	s.Kubectl(t, "", "label", "deployment", "controller", "-n", "older", release, "app.kubernetes.io/version=1.23.0")

	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "older", `  from = { backup = "older" }`, whole))
	result := tf.Apply(t)
	if !acctest.ErrorSays("restored configuration is of a newer version", "in the namespace older", "1.24.0", "runs there is 1.23.0").MatchString(result.Output) {
		t.Errorf("of configuration that is newer than what runs it is said\n%s", result.Output)
	}
}

// A backup of a newer Velero than the one here is restored, with a warning.
func (s suite) olderVelero(t *testing.T) {
	s.backedUp(t, "newer-velero")
	s.Kubectl(t, "", "annotate", "backups.velero.io", "newer-velero", "-n", acctest.VeleroNamespace, object.VersionNote+"=9.0.1")
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "newer-velero", `  from = { backup = "newer-velero" }`, whole))
	result := tf.Apply(t)
	if !acctest.ErrorSays("backup is of a newer Velero", "made by Velero 9.0.1", "here runs Velero "+acctest.VeleroVersion).MatchString(result.Output) {
		t.Errorf("of a backup of a newer Velero it is said\n%s", result.Output)
	}
	s.greets(t, "newer-velero")
}

// noDenied refuses ConfigMaps of one name.
const noDenied = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: denied}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
  - {expression: "object.metadata.name != 'settings' || object.metadata.namespace != 'denied'", message: "settings are not welcome"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: denied}
spec: {policyName: denied, validationActions: [Deny]}
`

// mayMakeSettings says why the ConfigMap could not be made that is restored.
func (s suite) mayMakeSettings(ctx context.Context) error {
	settings := &object.Object{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "settings", "namespace": "denied"}}}
	_, err := s.Cluster.Dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}).Namespace("denied").
		Create(ctx, settings, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err
}

// What could not be restored is told with Velero's own words, and the next apply
// restores it.
func (s suite) partiallyFailed(t *testing.T) {
	s.backedUp(t, "denied")
	s.Kubectl(t, noDenied, "apply", "-f", "-")
	s.Kubectl(t, "", "create", "namespace", "denied")
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error { // until the API server heeds the policy
		if err := s.mayMakeSettings(ctx); err == nil {
			return errors.New("the policy is not in force yet")
		}
		return nil
	})
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "denied", `  from = { backup = "denied" }`, whole))
	result := tf.Run(t, "apply", "-auto-approve", "-no-color")
	if result.ExitCode == 0 || !acctest.ErrorSays("Can't restore denied: some items of the stage all of the backup denied", "Errors:", "settings are not welcome", "allow_partially_failed = true").MatchString(result.Output) {
		t.Errorf("of a restore that fails in part it is said\n%s", result.Output)
	}
	if tf.State(t, this) != nil {
		t.Error("the state has a restore that failed")
	}
	s.Kubectl(t, noDenied, "delete", "-f", "-")
	acctest.Eventually(t, time.Minute, s.mayMakeSettings)
	tf.Apply(t)
	s.greets(t, "denied")
	if names := s.restores(t, "denied"); len(names) != 2 {
		t.Errorf("the Restores are %v", names)
	}
}

// A restore that the store refuses before it has begun, as while Velero's credentials
// are written, is tried again by the same apply.
func (s suite) triedAgain(t *testing.T) {
	s.backedUp(t, "again")
	const settled = `{"spec":{"validationFrequency":%s}}` // a location that can't be used is another case
	s.Patch(t, "somebody", object.Locations, "main", fmt.Sprintf(settled, `"1h"`))
	s.PutSecret(t, acctest.VeleroSecret, "cloud", "[default]\n")
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "again", `  from = { backup = "again" }`, whole))
	run := tf.Start(t, "apply", "-auto-approve", "-no-color")
	acctest.Eventually(t, time.Minute, func(context.Context) error {
		for _, name := range s.restores(t, "again") {
			if phase := s.Kubectl(t, "", "get", "restores.velero.io", name, "-n", acctest.VeleroNamespace, "-o", "jsonpath={.status.phase}"); phase == "Failed" {
				return nil
			}
		}
		return errors.New("no Restore has failed yet")
	})
	s.PutCredentials(t)
	if result := run.Wait(t); result.ExitCode != 0 {
		t.Fatalf("the apply failed:\n%s", result.Output)
	}
	s.greets(t, "again")
	if made := s.restores(t, "again"); len(made) < 2 {
		t.Errorf("there are the Restores %v", made)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	s.Patch(t, "somebody", object.Locations, "main", fmt.Sprintf(settled, "null"))
}

// An apply that was killed is taken up: nothing is restored a second time.
func (s suite) killed(t *testing.T) {
	s.backedUp(t, "killed")
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "killed", `  from = { backup = "killed" }`, whole))
	s.Stop(t)
	run := tf.Start(t, "apply", "-auto-approve", "-no-color")
	acctest.Eventually(t, time.Minute, func(context.Context) error {
		if len(s.restores(t, "killed")) == 0 {
			return errors.New("there is no Restore yet")
		}
		return nil
	})
	run.Kill(t)
	run.Wait(t)
	before := s.restores(t, "killed")
	s.Start(s.together)
	tf.Apply(t)
	s.greets(t, "killed")
	if after := s.restores(t, "killed"); len(after) != 1 || after[0] != before[0] {
		t.Errorf("after the Restores %v there are %v", before, after)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
}

// A backup that the store does not have is told when Velero has looked; and so is
// a store that can't be used.
func (s suite) noSuchBackup(t *testing.T) {
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "none", `  from = { backup = "no-such" }`, whole))
	said := func(texts ...string) {
		t.Helper()
		if result := tf.Run(t, "apply", "-auto-approve", "-no-color"); result.ExitCode == 0 || !acctest.ErrorSays(texts...).MatchString(result.Output) {
			t.Errorf("Terraform did not say %q:\n%s", texts, result.Output)
		}
	}
	said("Can't restore none: there is no usable backup no-such", "sees no such backup")
	tf.Configure(t, s.config(t, "none", `  from = { schedule = "no-such", storage_location = "nowhere" }`, whole))
	said("there is no backup storage location")
	s.Patch(t, "somebody", object.Locations, "main", `{"spec":{"objectStorage":{"bucket":"no-such-bucket"}}}`)
	tf.Configure(t, s.config(t, "none", `  from = { backup = "no-such" }`, whole))
	said("the backup storage location main is unavailable", "NoSuchBucket")
	if names := s.restores(t, "none"); len(names) > 0 {
		t.Errorf("there are the Restores %v", names)
	}
	s.Patch(t, "somebody", object.Locations, "main", `{"spec":{"objectStorage":{"bucket":"`+acctest.VeleroBucket+`"}}}`)
}
