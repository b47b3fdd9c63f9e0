# One application in four environments of one cluster: each runs a version of its own, and a version moves from left to
# right by the same line. Nothing runs outside prod while nobody asks.

terraform {
  required_version = ">= 1.11"
  required_providers {
    sls = { source = "sls-platform/sls" }
  }
}

# The cluster is the one that KUBE_CONFIG_PATH names.
provider "sls" {}

module "shop" {
  source = "../../modules/environments"

  name        = "shop"
  image       = var.image
  base_domain = var.base_domain

  container = {
    env            = { GREETING = "hello" }
    resources      = { requests = { cpu = "50m", memory = "32Mi" }, limits = { memory = "128Mi" } }
    readiness_path = "/"
  }

  environments = {
    test   = { app_version = var.versions.test, namespace = var.namespaces.test, scaling = { max = 1 }, env = { LOG_LEVEL = "debug" } }
    stable = { app_version = var.versions.stable, namespace = var.namespaces.stable, scaling = { max = 2 } }
    pre    = { app_version = var.versions.pre, namespace = var.namespaces.pre }
    prod = {
      app_version = var.versions.prod
      namespace   = var.namespaces.prod
      scaling     = { max = 20, scale_down_delay = "10m" } # a dip is not the end of a peak
    }
  }
}
