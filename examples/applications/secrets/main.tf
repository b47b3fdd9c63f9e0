# Settings and secrets by reference: neither the state nor a plan ever holds their values.
#
# The Secrets and the ConfigMap must be there first, or no pod can start. In production a secret store brings
# them (External Secrets, Vault, Sealed Secrets); to try this example:
#
#   kubectl apply -n NAMESPACE -f prerequisites.yaml

terraform {
  required_version = ">= 1.11"
  required_providers {
    sls = { source = "sls-platform/sls" }
  }
}

# The cluster is the one that KUBE_CONFIG_PATH names.
provider "sls" {}

variable "namespace" {
  description = "Namespace of the application, its Secrets and its ConfigMap; it must exist."
  type        = string
}

variable "image" {
  description = "Container image that answers HTTP on the port that PORT names."
  type        = string
}

variable "secrets_version" {
  description = "Counted up when a Secret or the ConfigMap has changed."
  type        = string
  default     = "1"
}

resource "sls_application" "secrets" {
  name      = "secrets"
  namespace = var.namespace
  image     = var.image

  # One key each, under a name of our own.
  secret_env = {
    DATABASE_PASSWORD = { name = "shop-database", key = "password" }
  }
  config_env = {
    TARGET = { name = "shop-settings", key = "greeting" }
    # This one may be missing.
    BANNER = { name = "shop-settings", key = "banner", optional = true }
  }

  # A part of a value may be secret: the kubelet fills in $(NAME), so Terraform never sees it.
  env = {
    DATABASE_URL = "postgres://shop:$(DATABASE_PASSWORD)@database:5432/shop"
  }

  # Every key, with a prefix that keeps them from colliding: PAYMENT_ID, PAYMENT_KEY.
  env_from = [
    { prefix = "PAYMENT_", secret = { name = "shop-payment" } },
  ]

  # Files, unlike variables, follow a Secret that changes while the pod runs.
  volumes = {
    certificates = {
      mount_path = "/etc/shop/certificates"
      secret = {
        name  = "shop-certificates"
        items = [{ key = "ca.crt", path = "ca.crt" }] # the other keys stay out of the pod
      }
    }
  }

  # Variables are read when a pod starts. Another annotation is another revision, whose pods read them anew.
  template_annotations = {
    "example.com/secrets-version" = var.secrets_version
  }
}

output "url" {
  description = "Where the application answers."
  value       = sls_application.secrets.url
}
