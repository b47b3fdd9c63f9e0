variable "kubeconfig" {
  description = "Path of the kubeconfig that names the cluster."
  type        = string
}

variable "ingress" {
  description = "What joins Knative and Istio: net-istio or net-gateway-api."
  type        = string
  default     = "net-istio"
}

variable "manifests" {
  description = "Manifests of one's own in place of the projects' releases: paths or URLs, with their checksums, the images to run, and their containers' environment."
  type = object({
    gateway_api     = optional(object({ source = optional(string), sha256 = optional(string), images = optional(map(string)) }), {})
    istio           = optional(object({ source = optional(string), sha256 = optional(string), images = optional(map(string)), env = optional(map(map(string))) }), {})
    istio_base      = optional(object({ source = string, sha256 = optional(string), images = optional(map(string)) }))
    istiod          = optional(object({ source = string, sha256 = optional(string), images = optional(map(string)), env = optional(map(map(string))) }))
    gateway         = optional(object({ source = string, sha256 = optional(string), images = optional(map(string)), env = optional(map(map(string))) }))
    knative_serving = optional(object({ source = string, sha256 = optional(string), images = optional(map(string)), env = optional(map(map(string))) }))
    ingress         = optional(object({ source = string, sha256 = optional(string), images = optional(map(string)), env = optional(map(map(string))) }))
  })
  default  = {}
  nullable = false
}

variable "config" {
  description = "Knative's configuration: the module's input of the same name."
  type        = any
  default     = {}
}

variable "image" {
  description = "An image that answers HTTP on the port that PORT names; without one, no application is deployed."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Let the platform be destroyed although there are applications on it."
  type        = bool
  default     = false
}

variable "delete_crds" {
  description = "Let a destroy remove the custom resource definitions, too."
  type        = bool
  default     = false
}
