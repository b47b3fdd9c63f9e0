package backup_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

const (
	one = "sls_backup.one"

	oneConfig = `
resource "sls_backup_storage_location" "main" {
  name             = "main"
  storage_provider = "aws"
  bucket           = {{quote .bucket}}
  config           = { region = "us-east-1", s3Url = {{quote .url}}, s3ForcePathStyle = "true" }
  credential       = { name = {{quote .secret}} }
}

resource "sls_backup" "one" {
  name             = {{quote .name}}
  storage_location = sls_backup_storage_location.main.name
{{.more}}
}
`
)

// suite is one Velero for all tests of this file: its cluster takes a while.
type suite struct {
	*acctest.Velero
	whole *testing.T // the test of all of them, with which the server ends
}

func (s suite) config(t *testing.T, name string, more ...string) string {
	t.Helper()
	return s.ProviderBlock() + acctest.Render(t, oneConfig, acctest.Values{
		"name": name, "bucket": acctest.VeleroBucket, "url": s.StoreURL, "secret": acctest.VeleroSecret, "more": strings.Join(more, "\n"),
	})
}

// stored reports whether the store has the files of a backup.
func (s suite) stored(name string) bool {
	_, err := os.Stat(filepath.Join(s.StoreDir, acctest.VeleroBucket, "backups", name))
	return err == nil
}

func (s suite) gone(t *testing.T, name string) {
	t.Helper()
	if _, err := s.Client(object.Backups).Get(context.WithoutCancel(t.Context()), name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the backup %s is there: %v", name, err)
	}
	if s.stored(name) {
		t.Errorf("the store has the backup %s", name)
	}
}

func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(one, action)}}
}

// A real Velero makes the backups, and removes them.
func TestAccBackup(t *testing.T) {
	t.Parallel()
	s := suite{acctest.NewVelero(t, 8), t}
	t.Run("Lifecycle", s.lifecycle)
	t.Run("Refused", s.refused)
	t.Run("PartiallyFailed", s.partiallyFailed)
	t.Run("Killed", s.killed)
	t.Run("ServerComesBack", s.serverComesBack)
	t.Run("NotRemoved", s.notRemoved)
	t.Run("Expired", s.expired)
}

const small = `  included_namespaces = ["default"]`

// A backup is made once, changed in nothing, replaced by what holds something
// else, imported, and removed from the store.
func (s suite) lifecycle(t *testing.T) {
	location, _, _ := strings.Cut(s.config(t, "one"), `resource "sls_backup" "one"`)
	acctest.Test(t,
		resource.TestStep{Config: s.config(t, "one", small), Check: resource.ComposeTestCheckFunc(
			resource.TestCheckResourceAttr(one, "phase", "Completed"),
			resource.TestCheckResourceAttr(one, "ready", "true"),
			resource.TestCheckResourceAttr(one, "errors", "0"),
			resource.TestCheckResourceAttr(one, "expired", "false"),
			resource.TestCheckResourceAttrSet(one, "items"),
			resource.TestCheckResourceAttrSet(one, "expires"),
		)},
		resource.TestStep{
			Config:           s.config(t, "one", small, `  labels = { why = "upgrade" }`, `  wait = false`),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check: func(*terraform.State) error {
				if labels := s.Object(t, object.Backups, "one").GetLabels(); labels["why"] != "upgrade" {
					t.Errorf("the labels are %v", labels)
				}
				return nil
			},
		},
		resource.TestStep{
			ResourceName: one, ImportState: true, ImportStateId: "velero/one", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
			ImportStateVerifyIgnore: []string{"wait", "retention", "csi_snapshot_timeout", "item_operation_timeout", "snapshot_move_data", "default_volumes_to_fs_backup"},
		},
		resource.TestStep{
			Config:           s.config(t, "one", `  included_namespaces = ["kube-public"]`),
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			Check:            resource.TestCheckResourceAttr(one, "phase", "Completed"),
		},
		resource.TestStep{
			Config:           s.config(t, "one", `  preset = "application"`),
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			Check:            resource.TestCheckResourceAttr(one, "phase", "Completed"),
		},
		resource.TestStep{ // deleted by somebody, before its time
			PreConfig: func() { t.Log(s.CLI(t, "backup", "delete", "one", "--confirm")); s.awaitGone(t, "one") },
			Config:    s.config(t, "one", `  preset = "application"`), ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		},
		resource.TestStep{ // the location stays
			Config: location,
			Check:  func(*terraform.State) error { s.staysGone(t, "one"); return nil },
		},
	)
}

// staysGone fails where a backup that was removed comes back when Velero looks into
// the store again, or has left its files there.
func (s suite) staysGone(t *testing.T, name string) {
	t.Helper()
	removed := time.Now()
	acctest.Eventually(t, time.Minute, func(context.Context) error {
		synced, _, err := unstructured.NestedString(s.Object(t, object.Locations, "main").Object, "status", "lastSyncedTime")
		if err != nil {
			return err
		}
		if at, err := time.Parse(time.RFC3339, synced); err != nil || !at.After(removed) {
			return fmt.Errorf("looked last at %s (%w)", synced, err)
		}
		return nil
	})
	s.gone(t, name)
}

func (s suite) awaitGone(t *testing.T, name string) {
	t.Helper()
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
		if _, err := s.Client(object.Backups).Get(ctx, name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return errors.Join(err, errors.New("it is there"))
		}
		return nil
	})
}

// What Velero refuses is told at the attribute, and leaves nothing behind.
func (s suite) refused(t *testing.T) {
	location := strings.Replace(s.config(t, "refused", small), "sls_backup_storage_location.main.name", `"nowhere"`, 1)
	acctest.Test(t,
		resource.TestStep{
			Config:      s.config(t, "refused", `  included_resources = ["pods"]`, `  included_cluster_scoped_resources = ["nodes"]`),
			ExpectError: acctest.ErrorSays("included_resources"),
		},
		resource.TestStep{
			Config:      location,
			ExpectError: acctest.ErrorSays("Can't create the backup velero/refused: Velero's server refuses it", `storage_location = "nowhere"`, "nowhere was not found"),
		},
	)
	s.gone(t, "refused")
}

// Of a backup in which something is missing it is told what, unless it will do.
// A hook that fails in a pod makes one.
func (s suite) partiallyFailed(t *testing.T) {
	s.Kubectl(t, brokenHook(acctest.Image(t, "HELLO_V1")), "apply", "-f", "-")
	s.Kubectl(t, "", "wait", "--for=condition=Ready", "--timeout=60s", "pod/hooked", "-n", "hooked")
	const hooked = `  included_namespaces = ["hooked"]`
	acctest.Test(t,
		resource.TestStep{
			Config:      s.config(t, "partial", hooked),
			ExpectError: acctest.ErrorSays("some items are missing", "Errors:", "hooked", "allow_partially_failed"),
		},
		resource.TestStep{
			PreConfig: func() { s.gone(t, "partial") },
			Config:    s.config(t, "partial", hooked, "  allow_partially_failed = true"),
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(one, "phase", "PartiallyFailed"),
				resource.TestCheckResourceAttr(one, "ready", "true"),
				resource.TestCheckResourceAttr(one, "errors", "2"),
			),
		},
	)
	s.gone(t, "partial")
}

func brokenHook(image string) string {
	return `
apiVersion: v1
kind: Namespace
metadata: {name: hooked}
---
apiVersion: v1
kind: Pod
metadata:
  name: hooked
  namespace: hooked
  annotations:
    pre.hook.backup.velero.io/container: main
    pre.hook.backup.velero.io/command: '["/no-such-program"]'
    pre.hook.backup.velero.io/on-error: Fail
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: ` + image + `
`
}

// An apply that was killed while Velero was away is taken up: there is one backup.
func (s suite) killed(t *testing.T) {
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "killed", small))
	if located := tf.Run(t, "apply", "-auto-approve", "-no-color", "-target=sls_backup_storage_location.main"); located.ExitCode != 0 {
		t.Fatal(located.Output)
	}
	s.Stop(t)
	run := tf.Start(t, "apply", "-auto-approve", "-no-color")
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := s.Client(object.Backups).Get(ctx, "killed", metav1.GetOptions{})
		return err
	})
	run.Kill(t)
	run.Wait(t)
	uid := s.Object(t, object.Backups, "killed").GetUID()
	if tf.State(t, one) != nil {
		t.Error("the state has what was killed")
	}
	s.Start(s.whole)
	tf.Apply(t)
	if now := s.Object(t, object.Backups, "killed").GetUID(); now != uid {
		t.Error("another backup was made")
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	tf.Destroy(t)
	s.gone(t, "killed")
}

// A server that is away while a backup is made or removed, and comes back, is waited for.
func (s suite) serverComesBack(t *testing.T) {
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "delayed", small))
	if located := tf.Run(t, "apply", "-auto-approve", "-no-color", "-target=sls_backup_storage_location.main"); located.ExitCode != 0 {
		t.Fatal(located.Output)
	}
	outlasts := func(asked kube.Kind, command ...string) {
		t.Helper()
		s.Stop(t)
		run := tf.Start(t, append(command, "-auto-approve", "-no-color", "-target="+one)...)
		acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
			list, err := s.Client(asked).List(ctx, metav1.ListOptions{})
			if err == nil && !slices.ContainsFunc(list.Items, func(o kube.Object) bool { return strings.HasPrefix(o.GetName(), "delayed") }) {
				err = errors.New("nobody has asked for it")
			}
			return err
		})
		s.Start(s.whole)
		if result := run.Wait(t); result.ExitCode != 0 {
			t.Fatalf("%s:\n%s", command[0], result.Output)
		}
	}
	outlasts(object.Backups, "apply")
	if made := tf.State(t, one); made == nil || made.Attributes["phase"] != "Completed" {
		t.Errorf("the state has %v", made)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	outlasts(object.DeleteRequests, "destroy")
	s.gone(t, "delayed")
	tf.Destroy(t)
}

// A backup that Velero can't remove from the store is still there, and it is said
// why.
func (s suite) notRemoved(t *testing.T) {
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "stays", small))
	tf.Apply(t)
	s.Patch(t, "somebody", object.Locations, "main", `{"spec":{"accessMode":"ReadOnly"}}`)
	result := tf.Run(t, "destroy", "-auto-approve", "-no-color", "-target="+one)
	if result.ExitCode == 0 || !acctest.ErrorSays("Can't delete the backup velero/stays: Velero can't remove it from the store", "read-only mode", "still there").MatchString(result.Output) {
		t.Errorf("the destroy ended with %d:\n%s", result.ExitCode, result.Output)
	}
	s.Patch(t, "somebody", object.Locations, "main", `{"spec":{"accessMode":null}}`)
	tf.Destroy(t)
	s.gone(t, "stays")
}

// When its time is over, Velero removes it: that is no reason to make another one.
func (s suite) expired(t *testing.T) {
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "short", small, `  retention = "1m"`))
	tf.Apply(t)
	end, err := time.Parse(time.RFC3339, tf.State(t, one).Attributes["expires"].(string)) //nolint:errcheck // a test's
	if err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, 2*time.Minute, func(context.Context) error {
		if time.Now().Before(end.Add(time.Second)) {
			return errors.New("its time is not over")
		}
		return nil
	})
	t.Log(s.CLI(t, "backup", "delete", "short", "--confirm")) // as Velero's collector does once an hour
	s.awaitGone(t, "short")
	if !tf.PlanIsEmpty(t) {
		t.Error("another backup would be made")
	}
	if is := tf.State(t, one); is == nil {
		t.Error("the state has lost it")
	}
	tf.Destroy(t)
}
