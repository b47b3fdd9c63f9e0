resource "sls_platform_config" "this" {
  # Services get {name}.{namespace}.apps.example.com; those with the label get another domain.
  domain = {
    "apps.example.com"     = {}
    "internal.example.com" = { selector = { audience = "staff" } }
  }

  network = {
    ingress_class    = "istio.ingress.networking.knative.dev"
    rollout_duration = "2m"
  }

  features = {
    kubernetes_podspec_nodeselector = "enabled"
    kubernetes_podspec_tolerations  = "enabled"
    kubernetes_podspec_affinity     = "enabled"
  }

  autoscaler = {
    stable_window   = "90s"
    max_scale       = 20
    max_scale_limit = 100
  }

  # What one may want to roll back to stays for a month.
  gc = {
    retain_since_last_active_time = "720h"
    min_non_active_revisions      = 10
  }

  deployment = {
    queue_sidecar_cpu_request    = "10m"
    queue_sidecar_memory_request = "40Mi"
    queue_sidecar_memory_limit   = "100Mi"
  }

  defaults = {
    revision_timeout_seconds     = 600
    max_revision_timeout_seconds = 900
    revision_memory_limit        = "1Gi"
  }

  observability = {
    tracing_protocol      = "http/protobuf"
    tracing_endpoint      = "http://jaeger-collector.observability:4318/v1/traces"
    tracing_sampling_rate = 0.1
  }
}
