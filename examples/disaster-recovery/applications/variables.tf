variable "applications" {
  description = "The applications, by name."
  type = map(object({
    namespace    = string
    version      = string
    image        = string
    image_source = optional(string, "terraform")
    scaling      = optional(object({ min = optional(number), max = optional(number) }), {})
    resources    = optional(object({ requests = optional(map(string)), limits = optional(map(string)) }))
    hosts        = optional(list(string), [])
    revisions = list(object({
      version = optional(string)
      latest  = optional(bool)
      percent = number
      tag     = string
    }))
  }))
}

variable "serving" {
  description = "Whether this cluster serves, or waits."
  type        = bool
  default     = true
}

variable "standby" {
  description = "Whether the cluster is, or was, a standby: then it takes over what was restored."
  type        = bool
  default     = false
}
