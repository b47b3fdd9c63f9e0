# One application on a cluster with Knative Serving: a revision that scales from zero, and its address.

terraform {
  required_version = ">= 1.11"
  required_providers {
    sls = { source = "sls-platform/sls" }
  }
}

provider "sls" {
  config_path = var.kubeconfig
}

resource "sls_application" "quickstart" {
  name      = "quickstart"
  namespace = var.namespace
  version   = var.app_version
  image     = var.image
}
