variable "kubeconfig" {
  description = "Path of the kubeconfig that names the cluster."
  type        = string
}

variable "manifests" {
  description = "Manifests of one's own in place of the projects' releases, as in examples/platform."
  type = object({
    gateway_api     = optional(object({ source = optional(string), sha256 = optional(string), images = optional(map(string)) }), {})
    istio           = optional(object({ source = optional(string), sha256 = optional(string), images = optional(map(string)) }), {})
    istio_base      = optional(object({ source = string, sha256 = optional(string), images = optional(map(string)) }))
    istiod          = optional(object({ source = string, sha256 = optional(string), images = optional(map(string)) }))
    gateway         = optional(object({ source = string, sha256 = optional(string), images = optional(map(string)) }))
    knative_serving = optional(object({ source = string, sha256 = optional(string), images = optional(map(string)) }))
    ingress         = optional(object({ source = string, sha256 = optional(string), images = optional(map(string)) }))
  })
  default  = {}
  nullable = false
}

variable "ingress" {
  description = "What joins Knative and Istio: net-istio or net-gateway-api."
  type        = string
  default     = "net-istio"
}

variable "velero" {
  description = "Velero's manifest: see modules/backup."
  type        = object({ source = string, sha256 = optional(string), images = optional(map(string)) })
}

variable "store" {
  description = "The store that backups are kept in, which outlives both clusters. The Secret cloud-credentials in the namespace velero has its keys."
  type        = object({ provider = optional(string, "aws"), bucket = string, config = map(string) })
}

variable "applications" {
  description = "The applications: see ../applications."
  type        = any
  default     = {}
}

variable "active" {
  description = "Whether this cluster serves: true fails over."
  type        = bool
  default     = false
}

variable "nodes" {
  description = "How many nodes this cluster has while it waits, and while it serves."
  type        = object({ standby = number, active = number })
  default     = { standby = 1, active = 2 }
}

variable "rpo" {
  description = "How old the newest backups may be that this cluster sees."
  type        = object({ platform = optional(string), applications = optional(string) })
  default     = {}
}

variable "reads" {
  description = "The prefix in the store that the other cluster's backups are under."
  type        = string
  default     = "primary"
}

variable "writes" {
  description = "The prefix for this cluster's own backups."
  type        = string
  default     = "standby"

  validation {
    condition     = var.writes != var.reads
    error_message = "Two clusters that write to one prefix expire one another's backups."
  }
}
