# One application in four environments, which differ by a table: nothing runs outside prod while nobody asks.
# Each environment has a state of its own:
#
#   terraform workspace select -or-create prod
#   terraform apply -var-file=prod.tfvars

terraform {
  required_version = ">= 1.11"
  required_providers {
    sls = { source = "sls-platform/sls" }
  }
}

# The cluster is the one that KUBE_CONFIG_PATH names.
provider "sls" {}

variable "environment" {
  description = "Where the application runs: test, stable, pre or prod."
  type        = string

  validation {
    condition     = contains(["test", "stable", "pre", "prod"], var.environment)
    error_message = "environment is one of test, stable, pre and prod."
  }
}

variable "namespace" {
  description = "Namespace of the application in this environment; it must exist."
  type        = string
}

variable "image" {
  description = "Container image that answers HTTP on the port that PORT names."
  type        = string
}

locals {
  # A change here mints no revision: it reaches the one that runs, in place.
  scaling = {
    test   = { min = 0, max = 1 }
    stable = { min = 0, max = 2 }
    pre    = { min = 0, max = 4 }

    prod = {
      min              = 1     # nobody waits for a cold start
      initial          = 2     # pre-warming: a new revision gets traffic once this many pods are ready
      max              = 20    # what the cluster can bear
      scale_down_delay = "10m" # a dip is not the end of a peak
    }
  }
}

resource "sls_application" "shop" {
  name      = "shop"
  namespace = var.namespace
  image     = var.image
  labels    = { environment = var.environment }
  scaling   = local.scaling[var.environment]

  resources = {
    requests = { cpu = "50m", memory = "32Mi" }
    limits   = { memory = "128Mi" }
  }
}

output "url" {
  description = "Where the application answers."
  value       = sls_application.shop.url
}
