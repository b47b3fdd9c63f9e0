# A platform on a bare cluster, and the first application on it: one apply, one state.
# README.md says how to install it from files and a registry of one's own.

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
  source = "../../modules/platform"

  # Istio comes whole, or in parts: as its charts.
  istio      = var.manifests.istiod == null ? var.manifests.istio : null
  istio_base = var.manifests.istio_base
  istiod     = var.manifests.istiod
  gateway    = var.manifests.gateway

  gateway_api     = var.manifests.gateway_api
  knative_serving = var.manifests.knative_serving
  ingress         = merge(var.manifests.ingress, { controller = var.ingress })
  gateways        = var.manifests.ingress == null ? {} : null

  config        = var.config
  force_destroy = var.force_destroy
  delete_crds   = var.delete_crds
}

resource "sls_application" "first" {
  count = var.image == null ? 0 : 1

  name      = "first"
  namespace = "default"
  version   = "1.0.0"
  image     = var.image

  # Its kind is defined by what is installed in the same apply.
  depends_on = [module.platform]
}
