package location_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

const (
	main = "sls_backup_storage_location.main"

	mainConfig = `
resource "sls_backup_storage_location" "main" {
  name             = {{quote .name}}
  storage_provider = "aws"
  bucket           = {{quote .bucket}}
  prefix           = {{quote .name}}
  config = {
    region           = "us-east-1"
    s3Url            = {{quote .url}}
    s3ForcePathStyle = "true"
  }
  credential = { name = {{quote .secret}} }
{{.more}}
}
`
)

// suite is one Velero for all tests of this file: its cluster takes a while.
type suite struct{ *acctest.Velero }

func (s suite) config(t *testing.T, name string, more ...string) string {
	t.Helper()
	return s.render(t, name, acctest.VeleroBucket, acctest.VeleroSecret, more...)
}

func (s suite) render(t *testing.T, name, bucket, secret string, more ...string) string {
	t.Helper()
	return s.ProviderBlock() + acctest.Render(t, mainConfig, acctest.Values{
		"name": name, "bucket": bucket, "url": s.StoreURL, "secret": secret, "more": strings.Join(more, "\n"),
	})
}

func (s suite) gone(t *testing.T, name string) error {
	t.Helper()
	_, err := s.Client(object.Locations).Get(context.WithoutCancel(t.Context()), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return fmt.Errorf("the location %s is there: %w", name, err)
}

func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(main, action)}}
}

// A real Velero with a real object store: what an apply says of a location is what
// Velero finds.
func TestAccBackupStorageLocation(t *testing.T) {
	t.Parallel()
	s := suite{acctest.NewVelero(t, 7)}
	t.Run("Lifecycle", s.lifecycle)
	t.Run("Unavailable", s.unavailable)
	t.Run("Existing", s.existing)
	t.Run("Others", s.others)
	t.Run("Intruder", s.intruder)
	t.Run("Killed", s.killed)
	t.Run("Identity", s.identity)
	t.Run("NoServer", s.noServer)
}

// Created, changed in place, read, imported, edited and deleted by somebody else.
func (s suite) lifecycle(t *testing.T) {
	created := resource.TestStep{Config: s.config(t, "main"), Check: resource.ComposeTestCheckFunc(
		resource.TestCheckResourceAttr(main, "namespace", acctest.VeleroNamespace),
		resource.TestCheckResourceAttr(main, "ready", "true"),
		resource.TestCheckNoResourceAttr(main, "status_message"),
		resource.TestCheckNoResourceAttr(main, "default"),
	)}
	again := resource.TestStep{Config: created.Config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)}
	imported := resource.TestStep{
		ResourceName: main, ImportState: true, ImportStateId: acctest.VeleroNamespace + "/main",
		ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
	}
	full := `
  access_mode          = "ReadOnly"
  default              = true
  backup_sync_period   = "30s"
  validation_frequency = "1m30s"
  labels               = { team = "platform" }`
	changed := resource.TestStep{Config: s.config(t, "main", full), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: func(*terraform.State) error {
		spec, _ := s.Object(t, object.Locations, "main").Object["spec"].(map[string]any)
		if spec["accessMode"] != "ReadOnly" || spec["default"] != true || spec["validationFrequency"] != "1m30s" {
			return fmt.Errorf("the spec is %v", spec)
		}
		return nil
	}}
	conflict := resource.TestStep{
		Config: changed.Config, ExpectError: acctest.ErrorSays(".spec.accessMode", "kubectl-edit", "force_conflicts"),
		PreConfig: func() {
			s.Patch(t, "kubectl-edit", object.Locations, "main", `{"spec": {"accessMode": "ReadWrite", "config": {"kmsKeyId": "theirs"}}}`)
		},
	}
	forced := resource.TestStep{Config: s.config(t, "main", full, "  force_conflicts = true"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)}
	deleted := resource.TestStep{
		Config: changed.Config, ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		Check: resource.TestCheckResourceAttr(main, "ready", "true"),
		PreConfig: func() {
			if err := s.Client(object.Locations).Delete(t.Context(), "main", metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		},
	}
	elsewhere := resource.TestStep{
		Config:           strings.Replace(created.Config, `prefix           = "main"`, `prefix           = "elsewhere"`, 1),
		ConfigPlanChecks: planned(plancheck.ResourceActionReplace),
	}
	acctest.Test(t, created, again, imported, changed, imported, conflict, forced, deleted, elsewhere)
	if err := s.gone(t, "main"); err != nil {
		t.Error(err)
	}
}

// What Velero can't use is an error that says why, and leaves nothing behind;
// kept, it is a warning, and the next apply waits again.
func (s suite) unavailable(t *testing.T) {
	s.PutSecret(t, "wrong", "cloud", "[default]\naws_access_key_id=velero\naws_secret_access_key=wrong\n")
	refused := func(config string, says ...string) resource.TestStep {
		return resource.TestStep{Config: config, ExpectError: acctest.ErrorSays(append([]string{"Velero's server can't use it"}, says...)...)}
	}
	kept := s.render(t, "later", "later", acctest.VeleroSecret, `  on_create_failure = "keep"`)
	waiting := resource.TestStep{Config: kept, ExpectNonEmptyPlan: true, Check: resource.ComposeTestCheckFunc(
		resource.TestCheckResourceAttr(main, "ready", "false"),
		resource.TestCheckResourceAttrSet(main, "status_message"),
	)}
	waiting.PreConfig = func() {
		for _, name := range []string{"missing", "unread"} {
			if err := s.gone(t, name); err != nil {
				t.Error(err)
			}
		}
	}
	mended := resource.TestStep{
		Config: kept, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: resource.TestCheckResourceAttr(main, "ready", "true"),
		PreConfig: func() {
			if err := os.Mkdir(filepath.Join(s.StoreDir, "later"), 0o755); err != nil {
				t.Fatal(err)
			}
		},
	}
	broken := refused(strings.Replace(kept, s.StoreURL, "http://127.0.0.1:1", 1), "127.0.0.1:1")
	// A refused update does not taint.
	again := resource.TestStep{Config: kept, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: resource.TestCheckResourceAttr(main, "ready", "true")}
	acctest.Test(t,
		refused(s.render(t, "missing", "missing", acctest.VeleroSecret), "bucket"),
		refused(s.render(t, "unread", acctest.VeleroBucket, "wrong"), "SignatureDoesNotMatch"),
		refused(s.render(t, "nosecret", acctest.VeleroBucket, "nosecret"), "nosecret"),
		waiting, mended, broken, again,
	)
}

// What is there is not taken over, unless that is said.
func (s suite) existing(t *testing.T) {
	refused := resource.TestStep{
		Config: s.config(t, "theirs"), ExpectError: acctest.ErrorSays("There is a BackupStorageLocation of that name already", `id = "velero/theirs"`, "adopt = true"),
		PreConfig: func() {
			s.Kubectl(t, fmt.Sprintf(`{"apiVersion": "velero.io/v1", "kind": "BackupStorageLocation", "metadata": {"name": "theirs", "namespace": "velero"},
				"spec": {"provider": "aws", "objectStorage": {"bucket": "backups", "prefix": "before"}, "config": {"region": "us-east-1", "s3Url": %q, "s3ForcePathStyle": "true"},
				"credential": {"name": "store", "key": "cloud"}}}`, s.StoreURL), "apply", "-f", "-")
		},
	}
	adopted := resource.TestStep{Config: s.config(t, "theirs", "  adopt = true"), Check: resource.TestCheckResourceAttr(main, "ready", "true")}
	acctest.Test(t, refused, adopted)
}

// Two defaults, and two at one place, are warned of; a credential in config is
// refused at plan.
func (s suite) others(t *testing.T) {
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "first", "  default = true"))
	tf.Apply(t)
	first := s.render(t, "first", acctest.VeleroBucket, acctest.VeleroSecret, "  default = true")
	second := strings.NewReplacer(s.ProviderBlock(), "", `"main" {`, `"second" {`, `name             = "first"`, `name             = "second"`).Replace(first)
	tf.Configure(t, first+second)
	output := strings.Join(strings.Fields(tf.Apply(t).Output), " ")
	for _, says := range []string{"There is another default location", "Another location is at the same place"} {
		if !strings.Contains(output, says) {
			t.Errorf("%q is not said:\n%s", says, output)
		}
	}
	tf.Configure(t, strings.Replace(first, `prefix           = "first"`, `prefix           = "other"`, 1))
	if output := strings.Join(strings.Fields(tf.Run(t, "plan", "-no-color").Output), " "); !strings.Contains(output, "Another place is another backup storage location") {
		t.Errorf("no warning of what a replacement means:\n%s", output)
	}
	tf.Destroy(t)
	secret := s.config(t, "first", "")
	acctest.Test(t, resource.TestStep{
		Config:      strings.Replace(secret, `region           = "us-east-1"`, `secretAccessKey  = "x"`, 1),
		ExpectError: acctest.ErrorSays("put it in a Secret"), PlanOnly: true,
	})
}

// A backup that another cluster has put into the store is told of by each plan. (It
// comes here as one of this cluster's own whose object was deleted: from the store.)
func (s suite) intruder(t *testing.T) {
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "shared"))
	tf.Apply(t)
	said := func() bool {
		t.Helper()
		result := tf.Run(t, "plan", "-no-color")
		return acctest.ErrorSays("Another cluster writes to this place", "The backup theirs").MatchString(result.Output)
	}
	s.CLI(t, "backup", "create", "theirs", "--include-namespaces", "default", "--storage-location", "shared", "--wait")
	if said() {
		t.Error("its own backup is taken for another cluster's")
	}
	// Kubernetes tells times in seconds: what comes back in the same one is not later.
	backup, err := object.Decode[velero.Backup](s.Object(t, object.Backups, "theirs"))
	if err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, time.Minute, func(context.Context) error {
		if since := time.Since(backup.Status.CompletionTimestamp.Time); since < 2*time.Second {
			return fmt.Errorf("the backup ended %s ago", since)
		}
		return nil
	})
	s.Kubectl(t, "", "delete", "backups.velero.io", "theirs", "-n", acctest.VeleroNamespace)
	acctest.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
		_, err := s.Client(object.Backups).Get(ctx, "theirs", metav1.GetOptions{})
		return err
	})
	if !said() {
		t.Error("a plan says nothing of another cluster's backup")
	}
	tf.Configure(t, s.config(t, "shared", `  access_mode = "ReadOnly"`))
	tf.Apply(t)
	if said() {
		t.Error("who only reads is warned")
	}
	tf.Destroy(t)
}

// A killed apply leaves an object and no state: the next one takes it up.
func (s suite) killed(t *testing.T) {
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.config(t, "killed"))
	if lost := tf.Run(t, "apply", "-auto-approve", "-no-color", "-state=lost.tfstate"); lost.ExitCode != 0 {
		t.Fatal(lost.Output)
	}
	tf.Apply(t)
	if instance := tf.State(t, main); instance == nil || instance.Tainted {
		t.Errorf("the state is %+v", instance)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	tf.Destroy(t)
	if err := s.gone(t, "killed"); err != nil {
		t.Error(err)
	}
}

func (s suite) identity(t *testing.T) {
	acctest.TestFrom(t, tfversion.Version1_12_0, resource.TestStep{Config: s.config(t, "identity")}, resource.TestStep{
		ResourceName: main, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
		ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(main, plancheck.ResourceActionNoop)}},
	})
}

// Without a server nothing is ever validated: the wait ends, says so, and leaves
// nothing; without a wait, the apply ends.
func (s suite) noServer(t *testing.T) {
	s.Stop(t)
	defer s.Start(t)
	acctest.Test(t,
		resource.TestStep{
			Config:      s.config(t, "alone", `  timeouts = { create = "5s" }`),
			ExpectError: acctest.ErrorSays("the time to wait is over", "has not looked at the location yet"),
		},
		resource.TestStep{
			Config: s.config(t, "alone", "  wait = false"), Check: resource.TestCheckResourceAttr(main, "ready", "false"),
			PreConfig: func() {
				acctest.Eventually(t, 10*time.Second, func(context.Context) error { return s.gone(t, "alone") })
			},
		},
	)
}
