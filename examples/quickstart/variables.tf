variable "kubeconfig" {
  description = "Path of the kubeconfig that names the cluster."
  type        = string
}

variable "namespace" {
  description = "Namespace of the application; it must exist."
  type        = string
  default     = "default"
}

variable "image" {
  description = "Container image that answers HTTP on the port that PORT names."
  type        = string
}

variable "app_version" {
  description = "Version that the image carries; part of the revision's name."
  type        = string
}
