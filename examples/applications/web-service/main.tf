# A web service: it scales with its requests, down to zero while there are none.

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
  description = "Container image that answers HTTP on the port that PORT names, also on /healthz and /ready."
  type        = string
}

variable "app_version" {
  description = "Version that the image carries; part of the revision's name."
  type        = string
  default     = "1.0.0"
}

resource "sls_application" "web" {
  name      = "web-service"
  namespace = var.namespace
  version   = var.app_version
  image     = var.image

  port = { number = 8080 }
  env = {
    LOG_LEVEL = "info"
  }

  # Requests are what the scheduler sets aside. A limit of memory guards the neighbours;
  # one of CPU would slow down just the cold start, so there is none.
  resources = {
    requests = { cpu = "50m", memory = "32Mi" }
    limits   = { memory = "128Mi" }
  }

  # Two minutes to start. Until then the liveness probe, which is stricter, does not count.
  # Knative fills in the port of the other two, and not of this one.
  startup_probe = {
    http_get          = { path = "/healthz", port = 8080 }
    period_seconds    = 2
    failure_threshold = 60
  }

  liveness_probe = {
    http_get          = { path = "/healthz" }
    period_seconds    = 10
    timeout_seconds   = 2
    failure_threshold = 3
  }

  # No period: Knative asks by itself, many times a second while a pod starts, which makes for short cold starts.
  readiness_probe = {
    http_get = { path = "/ready" }
  }

  # A pod never has more than 50 requests at a time: the 51st waits for the next pod,
  # which is on its way since the 36th (70 %).
  concurrency = 50
  scaling = {
    min         = 0
    max         = 10
    utilization = 70
    retention   = "2m" # the last pod waits for the next visitor before it goes
  }

  # The longest request that a caller may have to wait for.
  timeout = "60s"
}

output "url" {
  description = "Where the application answers."
  value       = sls_application.web.url
}
