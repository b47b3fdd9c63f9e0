# Knative Serving from its release, with images from a registry of one's own.
resource "sls_platform_component" "knative_serving" {
  name   = "knative-serving"
  source = "https://github.com/knative/serving/releases/download/knative-v1.22.0/serving-core.yaml"
  sha256 = var.knative_serving_sha256 # as sha256sum prints it

  images = {
    "gcr.io/knative-releases" = "registry.example.com/knative-releases"
  }

  # Its controllers may ask the API server more often, for many applications.
  env = {
    "controller" = { KUBE_API_QPS = "50", KUBE_API_BURST = "100" }
  }

  # Another controller writes here.
  ignore_fields = [
    { kind = "ConfigMap", name = "config-network", paths = ["/data/ingress-class"] },
  ]
}

variable "knative_serving_sha256" {
  type = string
}

# Istio ships a chart: it is rendered to a file, which is kept beside the
# configuration.
#   helm template istiod istio/istiod --namespace istio-system > istiod.yaml
resource "sls_platform_component" "istiod" {
  name      = "istiod"
  source    = "${path.module}/istiod.yaml"
  namespace = "istio-system"

  depends_on = [sls_platform_component.istio_base]
}

resource "sls_platform_component" "istio_base" {
  name      = "istio-base"
  source    = "${path.module}/istio-base" # a directory
  namespace = "istio-system"
}

# What else the platform needs, written down here.
resource "sls_platform_component" "limits" {
  name      = "limits"
  namespace = "knative-serving"

  manifest = yamlencode({
    apiVersion = "v1"
    kind       = "LimitRange"
    metadata   = { name = "defaults" }
    spec = {
      limits = [{ type = "Container", defaultRequest = { cpu = "100m", memory = "64Mi" } }]
    }
  })
}
