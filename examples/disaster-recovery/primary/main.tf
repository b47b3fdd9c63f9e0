# The primary cluster: the platform, its backups, and the applications.

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

  config = var.config
}

module "backup" {
  source = "../../../modules/backup"

  velero = var.velero
  location = merge(var.store, {
    prefix     = "primary"
    credential = { name = "cloud-credentials", key = "cloud" }
  })

  # Velero learns which kinds there are when it starts.
  depends_on = [module.platform]
}

module "applications" {
  source       = "../applications"
  applications = var.applications

  depends_on = [module.platform]
}
