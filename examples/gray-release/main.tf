# One application with two versions alive: who gets which is said here, and changed a step at a time.
# The steps are the *.tfvars files; README.md walks through them.

terraform {
  required_version = ">= 1.11"
  required_providers {
    sls = { source = "sls-platform/sls" }
  }
}

provider "sls" {
  config_path = var.kubeconfig
}

module "shop" {
  source = "../../modules/application"

  name        = "shop"
  namespace   = var.namespace
  app_version = var.app_version
  image       = var.images[var.app_version]

  traffic = {
    revisions      = var.revisions
    rules          = var.rules
    sticky         = { cookie = "shop-user" }
    version_header = "x-version"
  }
  domains = { (var.host) = {} }
}
