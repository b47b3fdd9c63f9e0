variable "cluster" {
  description = "Name of the cluster; part of the new services' hosts."
  type        = string
}

variable "domain" {
  description = "Domain that the hosts of all clusters are under."
  type        = string
  default     = "example.com"
}

variable "namespace" {
  description = "Namespace of the applications; it must exist."
  type        = string
  default     = "default"
}

variable "image" {
  description = "Container image that answers HTTP on the port that PORT names."
  type        = string
}
