package schedule_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

const (
	daily = "sls_backup_schedule.daily"

	dailyConfig = `
resource "sls_backup_storage_location" "main" {
  name             = "main"
  storage_provider = "aws"
  bucket           = {{quote .bucket}}
  config           = { region = "us-east-1", s3Url = {{quote .url}}, s3ForcePathStyle = "true" }
  credential       = { name = {{quote .secret}} }
}

resource "sls_backup_schedule" "daily" {
  name             = {{quote .name}}
  storage_location = sls_backup_storage_location.main.name
{{.more}}
}
`
)

// suite is one Velero for all tests of this file: its cluster takes a while.
type suite struct{ *acctest.Velero }

func (s suite) config(t *testing.T, name string, more ...string) string {
	t.Helper()
	return s.ProviderBlock() + acctest.Render(t, dailyConfig, acctest.Values{
		"name": name, "bucket": acctest.VeleroBucket, "url": s.StoreURL, "secret": acctest.VeleroSecret, "more": strings.Join(more, "\n"),
	})
}

func (s suite) spec(t *testing.T, name string) map[string]any {
	t.Helper()
	spec, _ := s.Object(t, object.Schedules, name).Object["spec"].(map[string]any)
	return spec
}

func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(daily, action)}}
}

// A real Velero reads the schedules, and makes their backups.
func TestAccBackupSchedule(t *testing.T) {
	t.Parallel()
	s := suite{acctest.NewVelero(t, 7)}
	t.Run("Lifecycle", s.lifecycle)
	t.Run("Preset", s.preset)
	t.Run("SkipImmediately", s.skip)
	t.Run("Refused", s.refused)
	t.Run("DataSources", s.dataSources)
	t.Run("Existing", s.existing)
	t.Run("Killed", s.killed)
	t.Run("Identity", s.identity)
}

const filters = `  cron                                = "30 3 * * *"
  timezone                            = "Asia/Shanghai"
  retention                           = "48h0m0s"
  included_namespaces                 = ["default"]
  included_namespace_scoped_resources = ["configmaps"]
  excluded_cluster_scoped_resources   = ["*"]
  label_selector                      = { match_expressions = [{ key = "temporary", operator = "DoesNotExist" }] }`

// Created, changed in place, imported, edited, paused and deleted by others.
func (s suite) lifecycle(t *testing.T) {
	created := resource.TestStep{Config: s.config(t, "daily", filters), Check: resource.ComposeTestCheckFunc(
		resource.TestCheckResourceAttr(daily, "namespace", acctest.VeleroNamespace),
		resource.TestCheckResourceAttr(daily, "ready", "true"),
		func(*terraform.State) error {
			if text := s.spec(t, "daily")["schedule"]; text != "CRON_TZ=Asia/Shanghai 30 3 * * *" {
				return fmt.Errorf("the schedule is %v", text)
			}
			// Its backups inherit it, and the cluster that restores one compares it.
			if noted := s.Object(t, object.Schedules, "daily").GetAnnotations()[object.VersionNote]; noted != acctest.VeleroVersion {
				return fmt.Errorf("the version of Velero that is noted is %q", noted)
			}
			return nil
		},
	)}
	again := resource.TestStep{Config: created.Config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)}
	imported := resource.TestStep{
		ResourceName: daily, ImportState: true, ImportStateId: acctest.VeleroNamespace + "/daily",
		ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
	}
	var uid string
	changed := resource.TestStep{
		Config:           s.config(t, "daily", strings.Replace(filters, "30 3 * * *", "45 4 * * *", 1), `  backup_labels = { kind = "daily" }`),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		PreConfig:        func() { uid = string(s.Object(t, object.Schedules, "daily").GetUID()) },
		Check: func(*terraform.State) error {
			if now := string(s.Object(t, object.Schedules, "daily").GetUID()); now != uid {
				return fmt.Errorf("the schedule was replaced: %s was %s", now, uid)
			}
			return nil
		},
	}
	// What is not configured is others': they pause it, and no plan says so.
	pausedByOthers := resource.TestStep{
		Config: changed.Config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
		PreConfig: func() { s.Patch(t, "velero", object.Schedules, "daily", `{"spec": {"paused": true}}`) },
	}
	goesOn := resource.TestStep{Config: s.config(t, "daily", filters, "  paused = false", "  force_conflicts = true"), Check: func(*terraform.State) error {
		if s.spec(t, "daily")["paused"] != false {
			return fmt.Errorf("it is paused: %v", s.spec(t, "daily"))
		}
		return nil
	}}
	// An expression that no server can read, by hand: it shows, with what Velero says.
	broken := resource.TestStep{
		Config: goesOn.Config, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: resource.TestCheckResourceAttr(daily, "ready", "true"),
		PreConfig: func() {
			s.Patch(t, "kubectl-edit", object.Schedules, "daily", `{"spec": {"schedule": "never"}}`)
			acctest.Eventually(t, time.Minute, func(context.Context) error {
				status, _ := s.Object(t, object.Schedules, "daily").Object["status"].(map[string]any)
				if status["phase"] != "FailedValidation" {
					return fmt.Errorf("the status is %v", status)
				}
				return nil
			})
		},
	}
	deleted := resource.TestStep{
		Config: created.Config, ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		PreConfig: func() {
			if err := s.Client(object.Schedules).Delete(t.Context(), "daily", metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		},
	}
	acctest.Test(t, created, again, imported, changed, imported, pausedByOthers, goesOn, broken, deleted)
	if _, err := s.Client(object.Schedules).Get(t.Context(), "daily", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the schedule is left: %v", err)
	}
}

// A preset is the filters that it stands for; what somebody changes of them shows,
// and is repaired.
func (s suite) preset(t *testing.T) {
	const platform = `  cron   = "@daily"
  preset = "platform"`
	created := resource.TestStep{Config: s.config(t, "preset", platform), Check: func(*terraform.State) error {
		template, _ := s.spec(t, "preset")["template"].(map[string]any)
		if namespaces := fmt.Sprint(template["includedNamespaces"]); namespaces != "[knative-serving istio-system]" {
			return fmt.Errorf("the namespaces are %s", namespaces)
		}
		return nil
	}}
	imported := resource.TestStep{
		ResourceName: daily, ImportState: true, ImportStateId: acctest.VeleroNamespace + "/preset",
		ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
	}
	edited := resource.TestStep{
		Config: s.config(t, "preset", platform, "  force_conflicts = true"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: created.Check,
		PreConfig: func() {
			s.Patch(t, "kubectl-edit", object.Schedules, "preset", `{"spec": {"template": {"includedNamespaces": ["default"]}}}`)
		},
	}
	application := resource.TestStep{Config: s.config(t, "preset", "  cron = \"@daily\"\n  preset = \"application\"")}
	acctest.Test(t, created, imported, edited, application, imported)
}

// Velero clears skip_immediately when it has acted on it. That is no drift, and
// another change does not skip again.
func (s suite) skip(t *testing.T) {
	settings := func(retention string) string {
		return s.config(t, "skip", fmt.Sprintf("  cron = \"@every 24h\"\n  skip_immediately = true\n  retention = %q", retention))
	}
	var skipped any
	cleared := func(*terraform.State) error {
		acctest.Eventually(t, time.Minute, func(context.Context) error {
			if is := s.spec(t, "skip")["skipImmediately"]; is != false {
				return fmt.Errorf("skipImmediately is %v", is)
			}
			return nil
		})
		return nil
	}
	created := resource.TestStep{Config: settings("24h"), Check: resource.ComposeTestCheckFunc(cleared, func(*terraform.State) error {
		status, _ := s.Object(t, object.Schedules, "skip").Object["status"].(map[string]any)
		if skipped = status["lastSkipped"]; skipped == nil {
			return fmt.Errorf("nothing was skipped: %v", status)
		}
		return nil
	})}
	again := resource.TestStep{Config: created.Config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)}
	changed := resource.TestStep{Config: settings("36h"), Check: func(*terraform.State) error {
		status, _ := s.Object(t, object.Schedules, "skip").Object["status"].(map[string]any)
		if status["lastSkipped"] != skipped {
			return fmt.Errorf("skipped again: %v", status)
		}
		return nil
	}}
	acctest.Test(t, created, again, changed)
}

// What Velero would refuse hours later is refused at plan; a location that backups
// can't go to is warned of.
func (s suite) refused(t *testing.T) {
	refused := func(more string, says ...string) resource.TestStep {
		return resource.TestStep{Config: s.config(t, "refused", more), PlanOnly: true, ExpectError: acctest.ErrorSays(says...)}
	}
	acctest.Test(t,
		refused(`  cron = "0 25 * * *"`, "is not a cron expression"),
		refused(`  cron = "0 0 30 2 *"`, "never comes due"),
		refused("  cron = \"@daily\"\n  timezone = \"Asia/Hangzhou\"", "is not a time zone"),
		refused("  cron = \"@daily\"\n  included_resources = [\"pods\"]\n  excluded_cluster_scoped_resources = [\"nodes\"]", "Older and newer filters"),
		refused("  cron = \"@daily\"\n  preset = \"platform\"\n  included_resources = [\"pods\"]", "A preset has filters of its own"),
	)
	tf := acctest.NewTerraform(t)
	tf.Configure(t, strings.Replace(s.config(t, "refused", `  cron = "0 0 1 * 1"`), "sls_backup_storage_location.main.name", `"nowhere"`, 1))
	output := strings.Join(strings.Fields(tf.Apply(t).Output), " ")
	for _, says := range []string{"There is no such backup storage location", "Days of the month and of the week"} {
		if !strings.Contains(output, says) {
			t.Errorf("%q is not said:\n%s", says, output)
		}
	}
	tf.Destroy(t)
}

// What is there is not taken over, unless that is said.
func (s suite) existing(t *testing.T) {
	refused := resource.TestStep{
		Config: s.config(t, "theirs", `  cron = "@daily"`), ExpectError: acctest.ErrorSays("There is a Schedule of that name already", `id = "velero/theirs"`, "adopt = true"),
		PreConfig: func() {
			s.Kubectl(t, `{"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": "theirs", "namespace": "velero"}, "spec": {"schedule": "@weekly", "template": {}}}`, "apply", "-f", "-")
		},
	}
	adopted := resource.TestStep{Config: s.config(t, "theirs", `  cron = "@daily"`, "  adopt = true"), Check: resource.TestCheckResourceAttr(daily, "ready", "true")}
	acctest.Test(t, refused, adopted)
}

// A killed apply leaves objects and no state: the next one takes them up.
func (s suite) killed(t *testing.T) {
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "killed", `  cron = "@daily"`))
	if lost := tf.Run(t, "apply", "-auto-approve", "-no-color", "-state=lost.tfstate"); lost.ExitCode != 0 {
		t.Fatal(lost.Output)
	}
	tf.Apply(t)
	if instance := tf.State(t, daily); instance == nil || instance.Tainted {
		t.Errorf("the state is %+v", instance)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	tf.Destroy(t)
}

func (s suite) identity(t *testing.T) {
	acctest.TestFrom(t, tfversion.Version1_12_0, resource.TestStep{Config: s.config(t, "identity", `  cron = "@daily"`)}, resource.TestStep{
		ResourceName: daily, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
		ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(daily, plancheck.ResourceActionNoop)}},
	})
}

// What a schedule does, and what could be restored: nothing yet, then its backup.
func (s suite) dataSources(t *testing.T) {
	const (
		data  = "data.sls_backup_schedule.read"
		point = "data.sls_recovery_point.read"
	)
	config := s.config(t, "read", filters) + `
data "sls_backup_schedule" "read" {
  name = sls_backup_schedule.daily.name
}

data "sls_recovery_point" "read" {
  schedule = sls_backup_schedule.daily.name
  max_age  = "1h"
}
`
	acctest.Test(t,
		resource.TestStep{Config: config, Check: resource.ComposeTestCheckFunc(
			resource.TestCheckResourceAttr(data, "timezone", "Asia/Shanghai"),
			resource.TestCheckResourceAttr(data, "phase", "Enabled"),
			resource.TestCheckNoResourceAttr(data, "last_run"),
			resource.TestCheckResourceAttrWith(data, "next_run", func(text string) error {
				next, err := time.Parse(time.RFC3339, text)
				if err == nil && (next.UTC().Format("15:04") != "19:30" || time.Until(next) > 24*time.Hour || time.Until(next) < 0) {
					err = fmt.Errorf("the next run is at %s", next)
				}
				return err
			}),
			resource.TestCheckResourceAttr(point, "meets_rpo", "false"),
			resource.TestCheckResourceAttrWith(point, "message", func(text string) error {
				if !strings.Contains(text, "sees none at all") {
					return fmt.Errorf("it says %q", text)
				}
				return nil
			}),
		)},
		resource.TestStep{
			PreConfig: func() { t.Log(s.CLI(t, "backup", "create", "one", "--from-schedule", "read", "--wait")) },
			Config:    config, Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(data, "last_backup.name", "one"),
				resource.TestCheckResourceAttr(data, "last_backup.phase", "Completed"),
				resource.TestCheckResourceAttrSet(data, "last_backup.expires"),
				resource.TestCheckResourceAttr(point, "backup_name", "one"),
				resource.TestCheckResourceAttr(point, "backup_location", "main"),
				resource.TestCheckResourceAttr(point, "meets_rpo", "true"),
			),
		},
	)
}
