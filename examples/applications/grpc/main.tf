# A gRPC service: HTTP/2 from the gateway down to the container.

terraform {
  required_version = ">= 1.11"
  required_providers {
    sls = { source = "sls-platform/sls" }
  }
}

# The cluster is the one that KUBE_CONFIG_PATH names.
provider "sls" {}

variable "namespace" {
  description = "Namespace of the application; it must exist."
  type        = string
}

variable "image" {
  description = "Container image that serves HTTP/2 without TLS (h2c) on the port that PORT names."
  type        = string
}

resource "sls_application" "grpc" {
  name      = "grpc"
  namespace = var.namespace
  image     = var.image

  # Without h2c, the container would be spoken to by HTTP/1.1, which gRPC does not know.
  # TLS ends at the gateway.
  port = { number = 9000, protocol = "h2c" }

  # A port that is open will do for every server. One that has gRPC's health protocol
  # (grpc.health.v1) says more: readiness_probe = { grpc = {} }
  readiness_probe = {
    tcp_socket = {}
  }

  # Calls share few connections, and each call counts as a request. Streams stay open:
  # the timeout is that of the longest stream, the idle timeout ends those that nobody uses.
  scaling = {
    max    = 10
    metric = "concurrency"
    target = 100
  }
  timeout      = "10m"
  idle_timeout = "2m"
}

output "url" {
  description = "Where the application answers."
  value       = sls_application.grpc.url
}
