# One application in several environments: what they share is said once, and each runs a version of its own.

locals {
  product = coalesce(var.product, var.name)

  production = { for name, environment in var.environments : name => coalesce(environment.production, name == "prod") }

  # What an environment says, or what follows from its name.
  environments = {
    for name, environment in var.environments : name => {
      namespace = coalesce(environment.namespace, "${local.product}-${name}")
      image     = environment.image != null ? environment.image : "${var.image}:${environment.app_version}"
      host      = local.production[name] ? var.name : "${var.name}-${name}"
      scaling = merge(environment.scaling, {
        min = coalesce(environment.scaling.min, local.production[name] ? 1 : 0)
        # A new version gets requests once that many of its pods are ready.
        initial = environment.scaling.initial == null && local.production[name] ? coalesce(environment.scaling.min, 1) : environment.scaling.initial
      })
    }
  }
}

module "application" {
  source   = "../application"
  for_each = var.environments

  name        = var.name
  namespace   = local.environments[each.key].namespace
  app_version = each.value.app_version
  image       = local.environments[each.key].image

  container = merge(var.container, {
    env       = merge(var.container.env, each.value.env)
    resources = each.value.resources != null ? each.value.resources : var.container.resources
  })
  scaling     = local.environments[each.key].scaling
  concurrency = var.concurrency
  timeout     = var.timeout

  labels = merge({
    "app.kubernetes.io/part-of"          = local.product
    "sls-platform.github.io/environment" = each.key
  }, var.labels)
  revision_history_limit = var.revision_history_limit
  deletion_protection    = each.value.deletion_protection

  traffic = each.value.traffic
  domains = merge(each.value.domains, each.value.domains != null || var.base_domain == null ? {} : {
    "${local.environments[each.key].host}.${var.base_domain}" = {}
  })
}
