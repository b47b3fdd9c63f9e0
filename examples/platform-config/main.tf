# A platform changes the form of its hosts, and the services that are there keep theirs: an annotation chooses
# {name}.sls-{cluster}.example.com in the place of Knative's {name}.{namespace}.{domain}.

terraform {
  required_version = ">= 1.11"
  required_providers {
    sls = { source = "sls-platform/sls" }
  }
}

provider "sls" {}

locals {
  # One word for both: the label chooses the domain, the annotation the form of the host before it.
  host_form = { "example.com/host" = "short" }
}

resource "sls_platform_config" "this" {
  domain = {
    "sls-${var.cluster}.${var.domain}" = { selector = local.host_form }
  }

  network = {
    # Without the namespace, names must be unique in the cluster: who gets the short form is the platform team's to say.
    domain_template = join("", [
      "{{if eq (index .Annotations \"example.com/host\") \"short\"}}",
      "{{.Name}}.{{.Domain}}",
      "{{else}}",
      "{{.Name}}.{{.Namespace}}.{{.Domain}}",
      "{{end}}",
    ])
  }
}

resource "sls_application" "old" {
  name       = "old"
  namespace  = var.namespace
  image      = var.image
  depends_on = [sls_platform_config.this]
}

resource "sls_application" "new" {
  name        = "new"
  namespace   = var.namespace
  image       = var.image
  labels      = local.host_form
  annotations = local.host_form
  depends_on  = [sls_platform_config.this]
}
