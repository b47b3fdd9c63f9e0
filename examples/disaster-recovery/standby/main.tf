# The standby cluster, in a root and a state of its own: it never asks the primary anything.

terraform {
  required_version = ">= 1.11"
  required_providers {
    sls = { source = "sls-platform/sls" }
  }
}

provider "sls" {
  config_path = var.kubeconfig
}

module "platform" {
  source = "../../../modules/platform"

  istio      = var.manifests.istiod == null ? var.manifests.istio : null
  istio_base = var.manifests.istio_base
  istiod     = var.manifests.istiod
  gateway    = var.manifests.gateway

  gateway_api     = var.manifests.gateway_api
  knative_serving = var.manifests.knative_serving
  ingress         = merge(var.manifests.ingress, { controller = var.ingress })
  gateways        = var.manifests.ingress == null ? {} : null

  config = null # comes with the restore
}

module "standby" {
  source = "../../../modules/dr-cluster"

  active = var.active
  velero = var.velero
  primary = {
    location = merge(var.store, {
      prefix      = var.reads
      credential  = { name = "cloud-credentials", key = "cloud" }
      sync_period = "10s"
    })
    rpo = var.rpo
  }

  # Their number is module.standby.nodes: here goes the node pool of your cloud, which takes it. See README.md.
  nodes = var.nodes

  # Velero learns which kinds there are when it starts. Nodes don't wait for the platform, which runs on them.
  after = module.platform
}

# What Terraform knows the images of serves while the rest is still restored.
module "declared" {
  source       = "../applications"
  applications = { for name, a in var.applications : name => a if try(a.image_source, "terraform") == "terraform" }
  serving      = module.standby.prepared
  standby      = true
}

# What CI deploys is taken over as it was restored.
module "restored" {
  source       = "../applications"
  applications = { for name, a in var.applications : name => a if try(a.image_source, "terraform") != "terraform" }
  serving      = module.standby.active
  standby      = true
}

# The way back: this cluster's own backups, as long as it serves.
module "backup" {
  source = "../../../modules/backup"
  count  = var.active ? 1 : 0

  location = merge(var.store, {
    name       = "own"
    prefix     = var.writes
    credential = { name = "cloud-credentials", key = "cloud" }
  })

  depends_on = [module.standby]
}
