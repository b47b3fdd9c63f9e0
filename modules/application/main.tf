# One application with its traffic and its domains. What depends on what follows from the references: a version
# is deployed before it gets traffic, and traffic ends before the application does.

resource "sls_application" "this" {
  name      = var.name
  namespace = var.namespace
  version   = var.app_version

  image        = var.image
  image_source = var.image_source

  command         = var.container.command
  args            = var.container.args
  port            = var.container.port
  env             = var.container.env
  secret_env      = var.container.secret_env
  config_env      = var.container.config_env
  service_account = var.container.service_account
  resources       = var.container.resources
  readiness_probe = var.container.readiness_path == null ? null : { http_get = { path = var.container.readiness_path } }

  scaling     = var.scaling
  concurrency = var.concurrency
  timeout     = var.timeout
  visibility  = var.visibility
  labels      = var.labels
  annotations = var.annotations

  # Where traffic is said to go, a new revision waits for it.
  rollout                = var.traffic == null ? "immediate" : "manual"
  revision_history_limit = var.revision_history_limit
  deletion_protection    = var.deletion_protection
  adopt                  = var.adopt
  force_conflicts        = var.force_conflicts

  lifecycle {
    postcondition {
      condition     = self.ready != false # unknown, or true
      error_message = "The application ${self.namespace}/${self.name} is not ready: ${coalesce(self.status_message, "no reason is known")}."
    }
  }
}

resource "sls_revision_traffic" "this" {
  count = var.traffic == null ? 0 : 1

  application = sls_application.this.name
  namespace   = sls_application.this.namespace

  revisions = [
    for r in var.traffic.revisions : {
      # The version that is deployed here is known by its revision, also while it is only planned; earlier ones are
      # known by their version.
      version   = r.version == var.app_version ? null : r.version
      revision  = r.version == var.app_version ? sls_application.this.revision : null
      latest    = r.latest
      percent   = r.percent
      tag       = r.tag
      min_scale = r.min_scale
    }
  ]
  rules            = var.traffic.rules
  sticky           = var.traffic.sticky
  version_header   = var.traffic.version_header
  drain            = var.traffic.drain
  missing_revision = var.traffic.missing_revision
  on_destroy       = var.traffic.on_destroy
  adopt            = var.adopt
  force_conflicts  = var.force_conflicts

  # The rules are proven where they apply.
  depends_on = [sls_domain.this]
}

resource "sls_domain" "this" {
  for_each = var.domains

  host            = each.key
  namespace       = sls_application.this.namespace
  scope           = each.value.scope
  timeout         = each.value.timeout
  https_redirect  = each.value.https_redirect
  tls             = each.value.tls
  adopt           = var.adopt
  force_conflicts = var.force_conflicts

  routes = [{
    application  = sls_application.this.name
    namespace    = sls_application.this.namespace
    path_prefix  = each.value.path_prefix
    strip_prefix = each.value.strip_prefix
  }]
}
