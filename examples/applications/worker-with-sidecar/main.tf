# A worker: it works without being asked, hands files to a sidecar, and is not seen from outside.

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
  description = "Container image of the worker. Knative wants it to answer HTTP on the port that PORT names, if only to say that it is ready."
  type        = string
}

variable "sidecar_image" {
  description = "Container image of the sidecar, such as an uploader of what the worker writes to /work."
  type        = string
}

resource "sls_application" "worker" {
  name       = "worker"
  namespace  = var.namespace
  image      = var.image
  visibility = "cluster-local"

  # No request would wake a worker: exactly one pod, always.
  scaling = { min = 1, max = 1 }

  resources = {
    requests = { cpu = "50m", memory = "32Mi" }
    limits   = { memory = "128Mi" }
  }

  volumes = {
    work = {
      mount_path = "/work"
      empty_dir  = { size_limit = "64Mi" } # a pod that fills it is evicted, rather than the node's disk filled
    }
  }

  sidecars = {
    uploader = {
      image = var.sidecar_image

      # The containers of a pod share one network, and the worker has port 8080.
      env = { PORT = "8081" }

      volume_mounts = {
        "/work" = { volume = "work" }
      }

      resources = {
        requests = { cpu = "10m", memory = "16Mi" }
        limits   = { memory = "64Mi" }
      }
    }
  }
}

output "url" {
  description = "Where the application answers within the cluster."
  value       = sls_application.worker.url
}
