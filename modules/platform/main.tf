# The platform, from a bare cluster on: Istio, then Knative, then the ingress that joins them, then the configuration.

locals {
  releases = "https://github.com"
  knative  = "knative-v1.23.0"

  # The files of the releases that belong together. No checksum is made up for them: give `sha256` with a `source`,
  # which may be one of these.
  defaults = {
    gateway_api     = "${local.releases}/kubernetes-sigs/gateway-api/releases/download/v1.4.1/standard-install.yaml"
    istio           = "${local.releases}/knative-extensions/net-istio/releases/download/${local.knative}/istio.yaml"
    knative_serving = "${local.releases}/knative/serving/releases/download/${local.knative}/serving-core.yaml"
    ingress = {
      net-istio       = "${local.releases}/knative-extensions/net-istio/releases/download/${local.knative}/net-istio.yaml"
      net-gateway-api = "${local.releases}/knative-extensions/net-gateway-api/releases/download/${local.knative}/net-gateway-api.yaml"
    }
    gateways = "${local.releases}/knative-extensions/net-gateway-api/releases/download/${local.knative}/istio-gateway.yaml"
  }

  ingress_classes = {
    net-istio       = "istio.ingress.networking.knative.dev"
    net-gateway-api = "gateway-api.ingress.networking.knative.dev"
  }

  # What requests go through is needed while there are applications or domains: a destroy of it all is then refused
  # before anything has gone. What a destroy takes first (ingress, gateways) has to refuse it, so these are all kinds
  # for which something further down would. Istio of somebody else has other users, too: of it, only what hosts are of.
  used_by = concat(
    ["serving.knative.dev", "networking.internal.knative.dev", "autoscaling.internal.knative.dev", "caching.internal.knative.dev"],
    var.istio == null && var.istiod == null ? ["virtualservices.networking.istio.io"] : [
      "networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io",
      # Not its GatewayClasses, which istiod makes itself.
      "gateways.gateway.networking.k8s.io", "httproutes.gateway.networking.k8s.io",
    ],
  )

  by_gateway_api = var.ingress.controller == "net-gateway-api"

  # What net-gateway-api alone needs.
  gateway_api = local.by_gateway_api ? var.gateway_api : null
  gateways    = local.by_gateway_api ? var.gateways : null
}

resource "sls_platform_component" "gateway_api" {
  count = local.gateway_api == null ? 0 : 1

  name          = "gateway-api"
  source        = coalesce(local.gateway_api.source, local.defaults.gateway_api)
  sha256        = local.gateway_api.sha256
  images        = local.gateway_api.images
  ignore_fields = local.gateway_api.ignore_fields

  labels          = var.labels
  annotations     = var.annotations
  adopt           = var.adopt
  force_conflicts = var.force_conflicts
  delete_crds     = var.delete_crds
  # istiod has GatewayClasses of its own there. As long as the definitions stay, so does all that is of their kinds.
  force_destroy = var.force_destroy || !var.delete_crds
  timeouts      = var.timeouts
}

resource "sls_platform_component" "istio" {
  count = var.istio == null ? 0 : 1

  name          = "istio"
  source        = coalesce(var.istio.source, local.defaults.istio)
  sha256        = var.istio.sha256
  images        = var.istio.images
  env           = var.istio.env
  ignore_fields = var.istio.ignore_fields

  labels          = var.labels
  annotations     = var.annotations
  adopt           = var.adopt
  force_conflicts = var.force_conflicts
  delete_crds     = var.delete_crds
  force_destroy   = var.force_destroy
  required_by     = local.used_by
  timeouts        = var.timeouts

  # istiod looks for the Gateway API's kinds when it starts.
  depends_on = [sls_platform_component.gateway_api]
}

resource "sls_platform_component" "istio_base" {
  count = var.istio_base == null ? 0 : 1

  name          = "istio-base"
  source        = var.istio_base.source
  sha256        = var.istio_base.sha256
  images        = var.istio_base.images
  ignore_fields = var.istio_base.ignore_fields

  labels          = var.labels
  annotations     = var.annotations
  adopt           = var.adopt
  force_conflicts = var.force_conflicts
  delete_crds     = var.delete_crds
  force_destroy   = var.force_destroy
  timeouts        = var.timeouts
}

resource "sls_platform_component" "istiod" {
  count = var.istiod == null ? 0 : 1

  name          = "istiod"
  source        = var.istiod.source
  sha256        = var.istiod.sha256
  images        = var.istiod.images
  env           = var.istiod.env
  ignore_fields = var.istiod.ignore_fields

  labels          = var.labels
  annotations     = var.annotations
  adopt           = var.adopt
  force_conflicts = var.force_conflicts
  delete_crds     = var.delete_crds
  force_destroy   = var.force_destroy
  required_by     = local.used_by
  timeouts        = var.timeouts

  depends_on = [
    sls_platform_component.gateway_api,
    sls_platform_component.istio_base,
  ]
}

resource "sls_platform_component" "gateway" {
  count = var.gateway == null ? 0 : 1

  name          = "istio-ingressgateway"
  source        = var.gateway.source
  sha256        = var.gateway.sha256
  images        = var.gateway.images
  env           = var.gateway.env
  ignore_fields = var.gateway.ignore_fields

  labels          = var.labels
  annotations     = var.annotations
  adopt           = var.adopt
  force_conflicts = var.force_conflicts
  delete_crds     = var.delete_crds
  force_destroy   = var.force_destroy
  required_by     = local.used_by
  timeouts        = var.timeouts

  depends_on = [sls_platform_component.istiod]
}

resource "sls_platform_component" "knative_serving" {
  name          = "knative-serving"
  source        = coalesce(var.knative_serving.source, local.defaults.knative_serving)
  sha256        = var.knative_serving.sha256
  images        = var.knative_serving.images
  env           = var.knative_serving.env
  ignore_fields = var.knative_serving.ignore_fields

  labels          = var.labels
  annotations     = var.annotations
  adopt           = var.adopt
  force_conflicts = var.force_conflicts
  delete_crds     = var.delete_crds
  force_destroy   = var.force_destroy
  timeouts        = var.timeouts

  # Knative would not miss Istio yet. But what comes first goes last.
  depends_on = [
    sls_platform_component.istio,
    sls_platform_component.gateway,
  ]
}

resource "sls_platform_component" "ingress" {
  name          = var.ingress.controller
  source        = coalesce(var.ingress.source, local.defaults.ingress[var.ingress.controller])
  sha256        = var.ingress.sha256
  images        = var.ingress.images
  env           = var.ingress.env
  ignore_fields = var.ingress.ignore_fields

  labels          = var.labels
  annotations     = var.annotations
  adopt           = var.adopt
  force_conflicts = var.force_conflicts
  delete_crds     = var.delete_crds
  force_destroy   = var.force_destroy
  required_by     = local.used_by
  timeouts        = var.timeouts

  # After the configuration, so that a destroy that is refused here leaves that too.
  depends_on = [
    sls_platform_component.gateway_api,
    sls_platform_component.knative_serving,
    sls_platform_config.this,
  ]
}

resource "sls_platform_component" "gateways" {
  count = local.gateways == null ? 0 : 1

  name          = "knative-gateways"
  source        = coalesce(local.gateways.source, local.defaults.gateways)
  sha256        = local.gateways.sha256
  images        = local.gateways.images
  ignore_fields = local.gateways.ignore_fields

  labels          = var.labels
  annotations     = var.annotations
  adopt           = var.adopt
  force_conflicts = var.force_conflicts
  delete_crds     = var.delete_crds
  force_destroy   = var.force_destroy
  required_by     = local.used_by
  timeouts        = var.timeouts

  depends_on = [
    sls_platform_component.gateway_api,
    sls_platform_component.istio,
    sls_platform_component.gateway,
  ]
}

resource "sls_platform_config" "this" {
  count = var.config == null ? 0 : 1

  domain        = var.config.domain
  network       = merge(var.config.network, { ingress_class = try(coalesce(var.config.network.ingress_class), local.ingress_classes[var.ingress.controller]) })
  features      = var.config.features
  autoscaler    = var.config.autoscaler
  gc            = var.config.gc
  deployment    = var.config.deployment
  defaults      = var.config.defaults
  observability = var.config.observability

  adopt           = var.adopt
  force_conflicts = var.force_conflicts

  depends_on = [sls_platform_component.knative_serving]
}

data "sls_platform" "this" {
  depends_on = [
    sls_platform_component.ingress,
    sls_platform_component.gateways,
  ]
}

check "platform" {
  assert {
    condition     = length(data.sls_platform.this.problems) == 0
    error_message = "The platform has problems: ${join(" ", data.sls_platform.this.problems)}"
  }
}
