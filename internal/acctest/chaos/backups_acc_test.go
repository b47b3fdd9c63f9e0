package chaos_test

import (
	"os"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// TestAccChaosBackups is TestAccChaos for the resources that a real Velero works on.
func TestAccChaosBackups(t *testing.T) {
	if os.Getenv("SLS_CHAOS") == "" {
		t.Skip("a campaign takes a while: make chaos")
	}
	t.Parallel()
	velero := acctest.NewVelero(t, 8)
	p := place{
		Cluster: velero.Cluster, namespace: acctest.VeleroNamespace, kubeconfig: velero.Operator.Kubeconfig,
		values: acctest.Values{"url": velero.StoreURL, "bucket": acctest.VeleroBucket, "secret": acctest.VeleroSecret},
	}
	prerequisites(t, subject{before: `
resource "sls_backup_storage_location" "main" {
  name             = "main"
  prefix           = "main"` + inStore + `
}
`}, p)
	campaign := newCampaign(t)
	t.Run("all", func(t *testing.T) { // they end before Velero does
		for _, s := range backupSubjects {
			t.Run(s.typ, func(t *testing.T) {
				t.Parallel()
				campaign.subject(t, s, p)
			})
		}
	})
}

// backupSubjects are the resources for backups. sls_restore is not among them: another
// version of it is a replacement, which destroys something.
var backupSubjects = []subject{
	backupSubject("sls_backup_storage_location", object.Locations, `
resource "sls_backup_storage_location" "it" {
  name             = "it"
  prefix           = "it"`+inStore),
	backupSubject("sls_backup_schedule", object.Schedules, `
resource "sls_backup_schedule" "it" {
  name             = "it"
  cron             = "0 3 1 1 *"
  storage_location = "main"
  skip_immediately = true`),
	backupSubject("sls_backup", object.Backups, `
resource "sls_backup" "it" {
  name                = "it"
  storage_location    = "main"
  included_namespaces = ["kube-public"]`),
}

// backupSubject completes the configuration of an object of Velero's, whose labels tell
// its version.
func backupSubject(typ string, kind kube.Kind, begin string) subject {
	return subject{
		typ: typ, owns: []schema.GroupVersionResource{kind.GroupVersionResource},
		config: begin + `
  labels           = { version = "{{.version}}" }
  timeouts         = { create = "90s", update = "90s", delete = "90s" }
}
`,
		id: func(namespace string) string { return namespace + "/it" },
		live: func(t *testing.T, p place) string {
			return p.field(t, kind.GroupVersionResource, "it", "metadata", "labels")
		},
	}
}

const inStore = `
  storage_provider = "aws"
  bucket           = {{quote .bucket}}
  config           = { region = "us-east-1", s3Url = {{quote .url}}, s3ForcePathStyle = "true" }
  credential       = { name = {{quote .secret}} }`
