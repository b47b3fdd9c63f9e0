variable "namespace" {}

resource "sls_platform_config" "it" {
  namespace  = var.namespace
  domain     = { "example.com" = {}, "staff.example.com" = { selector = { audience = "staff" } } }
  gc         = { max_non_active_revisions = 40 }
  autoscaler = { stable_window = "90s", max_scale_up_rate = 2.5 }
}

resource "sls_platform_component" "it" {
  name     = var.namespace
  manifest = <<-EOT
    apiVersion: v1
    kind: ConfigMap
    metadata: { name: it, namespace: ${var.namespace} }
    data: { greeting: hello }
    ---
    apiVersion: v1
    kind: Service
    metadata: { name: it, namespace: ${var.namespace} }
    spec: { selector: { app: it }, ports: [{ port: 80 }] }
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: it, namespace: ${var.namespace} }
    spec:
      replicas: 0
      selector: { matchLabels: { app: it } }
      template:
        metadata: { labels: { app: it } }
        spec: { containers: [{ name: it, image: "registry.example.com/it:1" }] }
    EOT
}
