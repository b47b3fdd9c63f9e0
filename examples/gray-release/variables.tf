variable "kubeconfig" {
  description = "Path of the kubeconfig that names the cluster."
  type        = string
}

variable "namespace" {
  description = "Namespace of the application; it must exist."
  type        = string
  default     = "default"
}

variable "host" {
  description = "The host that the application answers at."
  type        = string
  default     = "shop.example.com"
}

variable "images" {
  description = "The container image of each version. It must answer HTTP on the port that PORT names."
  type        = map(string)
}

variable "app_version" {
  description = "The version that was deployed last."
  type        = string
}

variable "revisions" {
  description = "The versions that are alive, with their shares of the users."
  type = list(object({
    version   = string
    percent   = optional(number, 0)
    tag       = optional(string)
    min_scale = optional(number)
  }))
}

variable "rules" {
  description = "Who gets a version whatever the shares are; the first rule that matches wins."
  type = list(object({
    name   = string
    target = string
    match = list(object({
      headers = optional(map(object({ exact = string })))
      cookies = optional(map(object({ exact = string })))
    }))
  }))
  default = []
}
