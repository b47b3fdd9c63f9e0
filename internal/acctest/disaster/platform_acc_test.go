package disaster_test

import (
	"maps"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// onVeleroAlone restores a platform onto a cluster that has nothing but Velero.
const onVeleroAlone = `
provider "sls" {
  config_path = var.kubeconfig
}

variable "kubeconfig" {}
variable "velero" {}
variable "store" {}
variable "backup" {}

resource "sls_platform_component" "velero" {
  name   = "velero"
  source = var.velero.source
  images = var.velero.images
  adopt  = true
}

resource "sls_backup_storage_location" "primary" {
  name             = "primary"
  storage_provider = var.store.provider
  bucket           = var.store.bucket
  prefix           = "primary"
  config           = var.store.config
  credential       = { name = "cloud-credentials", key = "cloud" }
  access_mode      = "ReadOnly"
  depends_on       = [sls_platform_component.velero]
}

resource "sls_restore" "platform" {
  name   = "platform"
  preset = "platform"
  from   = { backup = var.backup, storage_location = sls_backup_storage_location.primary.name }
}
`

// A platform, components included, comes back on a cluster that has Velero alone:
// applications are deployed and answer there, and nothing is left to do.
func TestAccDisasterRecoveryOfThePlatform(t *testing.T) {
	store := acctest.NewStore(t)
	primary, bare := acctest.NoPlatform(t, 7), acctest.NoPlatform(t, 8)
	store.Open(t, primary)
	store.Open(t, bare)
	all := applications(1)
	primary.Kubectl(t, "", "create", "namespace", all[0].namespace)
	first := newRoot(t, "primary", primary, store, acctest.Values{"applications": values(t, all, false)})
	first.apply(t, nil)
	there := objects(t, primary)
	primary.Velero(t, "backup", "create", "whole", "--from-schedule", "platform", "--wait")
	primary.Velero(t, "backup", "create", "applications", "--from-schedule", "applications", "--wait")
	captures(t, primary, "platform", "whole", there)
	captures(t, primary, "application", "applications", there)
	primary.Kill(t)

	tf := acctest.NewTerraform(t)
	tf.Configure(t, onVeleroAlone)
	values := acctest.Values{"kubeconfig": bare.Kubeconfig, "backup": "whole"}
	maps.Copy(values, store.Values)
	tf.Variables(t, values)
	began := time.Now()
	tf.Apply(t)
	t.Logf("the restore took %s", time.Since(began))
	if !tf.PlanIsEmpty(t) {
		t.Error("the second plan is not empty")
	}
	bare.Kubectl(t, `{"apiVersion":"serving.knative.dev/v1","kind":"Service","metadata":{"name":"hello","namespace":"default"},
"spec":{"template":{"spec":{"containers":[{"image":"`+acctest.Image(t, "HELLO_V1")+`"}]}}}}`, "apply", "-f", "-")
	bare.GetUntil(t, "http://hello.default."+acctest.Domain(t), says("v1"))
}
