# Logs in files: for a program that can't log to its standard output, which the platform collects anyway.
# The node's log agent (Logtail, Fluent Bit, Promtail as a DaemonSet) finds the pods by a label, and the files
# in the pod's emptyDir on the node.

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
  description = "Container image that answers HTTP on the port that PORT names and logs to /var/log/app."
  type        = string
}

variable "log_labels" {
  description = "Labels by which the log agent finds the pods."
  type        = map(string)
  default     = { "example.com/collect-logs" = "files" }
}

resource "sls_application" "logs" {
  name      = "logs"
  namespace = var.namespace
  image     = var.image

  # Of the pods: labels of the application itself would not reach them.
  template_labels = var.log_labels

  # The files go with the pod. The last pod stays long enough for the agent to read them to their end.
  volumes = {
    logs = {
      mount_path = "/var/log/app"
      empty_dir  = { size_limit = "256Mi" } # logs that nobody rotates evict the pod, not its neighbours
    }
  }
  scaling = { retention = "2m" }
}

output "url" {
  description = "Where the application answers."
  value       = sls_application.logs.url
}
