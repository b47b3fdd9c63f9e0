# What a pipeline applies at each step of a release: the same configuration, with another version and share.

terraform {
  required_version = ">= 1.11"
  required_providers {
    sls = { source = "sls-platform/sls" }
  }
}

# The cluster is the one that KUBE_CONFIG_PATH names.
provider "sls" {}

locals {
  # While nothing is released, what serves is what is deployed.
  deployed = coalesce(var.next, var.stable)
}

module "shop" {
  source = "../../../modules/application"

  name        = "shop"
  namespace   = var.namespace
  app_version = local.deployed
  image       = "${var.image}:${local.deployed}"

  traffic = {
    revisions = concat(
      [{ version = var.stable, percent = var.next == null ? 100 : 100 - var.percent, tag = "stable" }],
      var.next == null ? [] : [{ version = var.next, percent = var.percent, tag = "next", min_scale = 1 }],
    )
    # Testers, and the pipeline, get the new version whatever its share is.
    rules          = var.next == null ? [] : [{ name = "testers", target = "next", match = [{ headers = { x-tester = { exact = "yes" } } }] }]
    sticky         = { cookie = "shop-user" }
    version_header = "x-version"
  }
  domains = { (var.host) = {} }
}
