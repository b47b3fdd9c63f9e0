# What the inputs lead to. No cluster is asked, and nothing is downloaded.

mock_provider "sls" {
  mock_data "sls_platform" {
    defaults = { problems = [] }
  }
}

run "releases" {
  assert {
    condition     = endswith(sls_platform_component.knative_serving.source, "/knative/serving/releases/download/knative-v1.23.0/serving-core.yaml")
    error_message = "By default, Knative comes from its project's release."
  }
  assert {
    condition     = length(sls_platform_component.istio) == 1 && length(sls_platform_component.istiod) == 0
    error_message = "By default, Istio is installed whole."
  }
  assert {
    condition     = sls_platform_component.ingress.name == "net-istio" && length(sls_platform_component.gateway_api) == 0 && length(sls_platform_component.gateways) == 0
    error_message = "By default, the ingress is net-istio, which needs nothing of the Gateway API."
  }
  assert {
    condition = alltrue([for c in [sls_platform_component.istio[0], sls_platform_component.ingress] :
    contains(c.required_by, "serving.knative.dev") && contains(c.required_by, "networking.istio.io")])
    error_message = "Applications keep what they are reached through from being destroyed, and so do Istio's rules where it came with the platform."
  }
  assert {
    condition     = output.ingress_class == "istio.ingress.networking.knative.dev"
    error_message = "Knative is told which ingress there is."
  }
  assert {
    condition     = toset(keys(output.components)) == toset(["istio", "knative-serving", "net-istio"])
    error_message = "The output names what is installed."
  }
}

run "net_gateway_api" {
  variables {
    ingress = { controller = "net-gateway-api" }
  }
  assert {
    condition     = length(sls_platform_component.gateway_api) == 1 && endswith(sls_platform_component.gateways[0].source, "/istio-gateway.yaml")
    error_message = "net-gateway-api comes with the Gateway API and with the release's gateways."
  }
  assert {
    condition     = endswith(sls_platform_component.ingress.source, "/net-gateway-api.yaml")
    error_message = "The manifest is that of the controller."
  }
  assert {
    condition     = output.ingress_class == "gateway-api.ingress.networking.knative.dev"
    error_message = "Knative is told which ingress there is."
  }
}

run "gateway_api_is_there" {
  variables {
    gateway_api = null
    ingress     = { controller = "net-gateway-api" }
  }
  assert {
    condition     = length(sls_platform_component.gateway_api) == 0
    error_message = "What the cluster has is not installed again."
  }
}

run "sources_of_ones_own" {
  variables {
    istio           = null
    istio_base      = { source = "manifests/base.yaml" }
    istiod          = { source = "manifests/istiod.yaml", sha256 = "0000000000000000000000000000000000000000000000000000000000000001" }
    gateway         = { source = "manifests/gateway.yaml" }
    knative_serving = { source = "manifests/knative.yaml", images = { "gcr.io/knative-releases" = "mirror.example.com/knative" } }
    ingress         = { controller = "net-gateway-api", source = "manifests/ingress.yaml", env = { net-gateway-api-controller = { KUBE_API_QPS = "50" } } }
    gateways        = null
  }
  assert {
    condition     = length(sls_platform_component.istio) == 0 && sls_platform_component.istiod[0].source == "manifests/istiod.yaml"
    error_message = "Istio is installed in parts."
  }
  assert {
    condition     = endswith(sls_platform_component.istiod[0].sha256, "1")
    error_message = "The checksum goes with its source."
  }
  assert {
    condition     = sls_platform_component.knative_serving.images == tomap({ "gcr.io/knative-releases" = "mirror.example.com/knative" })
    error_message = "The images go with their manifest."
  }
  assert {
    condition     = sls_platform_component.ingress.env["net-gateway-api-controller"]["KUBE_API_QPS"] == "50" && sls_platform_component.knative_serving.env == null
    error_message = "The variables go with their manifest."
  }
  assert {
    condition     = length(sls_platform_component.gateways) == 0
    error_message = "What another manifest holds is not installed again."
  }
}

run "configuration" {
  variables {
    config = {
      domain     = { "apps.example.com" = {}, "internal.example.com" = { selector = { exposure = "internal" } } }
      network    = { rollout_duration = "60s" }
      autoscaler = { max_scale = 20 }
    }
  }
  assert {
    condition     = sls_platform_config.this[0].network.ingress_class == "istio.ingress.networking.knative.dev" && sls_platform_config.this[0].network.rollout_duration == "60s"
    error_message = "The ingress class joins what is set."
  }
  assert {
    condition     = sls_platform_config.this[0].autoscaler.max_scale == 20 && sls_platform_config.this[0].autoscaler.min_scale == null
    error_message = "What is not set stays Knative's."
  }
  assert {
    condition     = sls_platform_config.this[0].domain["internal.example.com"].selector.exposure == "internal"
    error_message = "A domain is for the services with its labels."
  }
  assert {
    condition     = sls_platform_config.this[0].gc == null
    error_message = "A section that is not set stays Knative's."
  }
}

run "an_ingress_class_of_ones_own" {
  variables {
    config = { network = { ingress_class = "kourier.ingress.networking.knative.dev" } }
  }
  assert {
    condition     = sls_platform_config.this[0].network.ingress_class == "kourier.ingress.networking.knative.dev"
    error_message = "What is set counts."
  }
}

run "configured_elsewhere" {
  variables {
    config = null
  }
  assert {
    condition     = length(sls_platform_config.this) == 0 && output.ingress_class == null
    error_message = "A standby's configuration comes with a restore."
  }
}
