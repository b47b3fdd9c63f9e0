variable "name" {
  description = "The application's name, the first part of its host names."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$", var.name))
    error_message = "A name is 1 to 52 characters long: lower-case letters, digits and dashes, with a letter at the front and no dash at the end."
  }
}

variable "namespace" {
  description = "The namespace, which must exist."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "A namespace is 1 to 63 characters long: lower-case letters, digits and dashes, with no dash at either end."
  }
}

variable "app_version" {
  description = "The version that is deployed, such as 1.4.2. What `traffic.revisions` names by this version is the revision that this call makes. (`version` is Terraform's own word in a module call.)"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$", var.app_version))
    error_message = "A version is 1 to 63 characters long: letters, digits, dots, dashes and underscores, with a letter or digit at both ends."
  }
}

variable "image" {
  description = "The container image."
  type        = string
  nullable    = false
}

variable "image_source" {
  description = "Who says which image runs: `terraform`, or `external`, where CI deploys images and `image` is for the first time only."
  type        = string
  default     = "terraform"
  nullable    = false

  validation {
    condition     = contains(["terraform", "external"], var.image_source)
    error_message = "image_source is terraform or external."
  }
}

variable "container" {
  description = "How the container runs: what `sls_application` knows under the same names."
  type = object({
    command         = optional(list(string))
    args            = optional(list(string))
    port            = optional(object({ number = number, protocol = optional(string) }))
    env             = optional(map(string))
    secret_env      = optional(map(object({ name = string, key = string, optional = optional(bool) })))
    config_env      = optional(map(object({ name = string, key = string, optional = optional(bool) })))
    service_account = optional(string)
    resources = optional(object({
      requests = optional(map(string))
      limits   = optional(map(string))
    }))
    readiness_path = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.container.readiness_path == null || startswith(coalesce(var.container.readiness_path, "/"), "/")
    error_message = "container.readiness_path is the path of an HTTP request and begins with a slash."
  }
}

variable "scaling" {
  description = "How many pods run: what `sls_application.scaling` knows. Without it, the application scales to zero and as far as the platform lets it."
  type = object({
    min              = optional(number)
    max              = optional(number)
    initial          = optional(number)
    metric           = optional(string)
    target           = optional(number)
    window           = optional(string)
    scale_down_delay = optional(string)
  })
  default = null

  validation {
    condition     = try(var.scaling.min <= var.scaling.max, true) || try(var.scaling.max == 0, false)
    error_message = "scaling.min is more than scaling.max."
  }
}

variable "concurrency" {
  description = "How many requests a pod takes at a time; 0 is no limit."
  type        = number
  default     = null
}

variable "timeout" {
  description = "How long a request may take, such as 300s."
  type        = string
  default     = null
}

variable "visibility" {
  description = "Who reaches the application by Knative's own host: `public`, or `cluster-local`. The hosts of `domains` have a scope of their own."
  type        = string
  default     = null

  validation {
    condition     = var.visibility == null || contains(["public", "cluster-local"], coalesce(var.visibility, "public"))
    error_message = "visibility is public or cluster-local."
  }
}

variable "labels" {
  description = "Labels of the application's objects."
  type        = map(string)
  default     = null
}

variable "annotations" {
  description = "Annotations of the Knative Service."
  type        = map(string)
  default     = null
}

variable "revision_history_limit" {
  description = "How many revisions without traffic are kept to go back to."
  type        = number
  default     = null
}

variable "deletion_protection" {
  description = "Refuse to destroy or replace the application."
  type        = bool
  default     = false
  nullable    = false
}

variable "adopt" {
  description = "Take over objects that exist already, as a failover does with what a restore has brought back."
  type        = bool
  default     = false
  nullable    = false
}

variable "force_conflicts" {
  description = "Take over what another field manager has set to another value, instead of refusing."
  type        = bool
  default     = false
  nullable    = false
}

variable "traffic" {
  description = <<-EOT
    Who gets which version: what `sls_revision_traffic` knows. Without it, a new revision takes all traffic as soon as
    it is ready. With it, a new revision gets what is said here, and nothing before. An entry is for a `version`, or
    for the newest revision that is ready (`latest = true`), such as CI has deployed it.
  EOT
  type = object({
    revisions = list(object({
      version   = optional(string)
      latest    = optional(bool)
      percent   = optional(number, 0)
      tag       = optional(string)
      min_scale = optional(number)
    }))
    rules = optional(list(object({
      name   = string
      target = string
      match = list(object({
        headers         = optional(map(object({ exact = optional(string), prefix = optional(string), regex = optional(string), present = optional(bool) })))
        cookies         = optional(map(object({ exact = optional(string), prefix = optional(string), regex = optional(string), present = optional(bool) })))
        query           = optional(map(object({ exact = optional(string), prefix = optional(string), regex = optional(string), present = optional(bool) })))
        path            = optional(object({ exact = optional(string), prefix = optional(string), regex = optional(string) }))
        method          = optional(object({ exact = optional(string), regex = optional(string) }))
        without_headers = optional(map(object({ exact = optional(string), prefix = optional(string), regex = optional(string), present = optional(bool) })))
        without_cookies = optional(map(object({ exact = optional(string), prefix = optional(string), regex = optional(string), present = optional(bool) })))
      }))
    })))
    sticky = optional(object({
      cookie        = optional(string)
      header        = optional(string)
      ttl           = optional(string)
      domain        = optional(string)
      suffix_digits = optional(number)
    }))
    version_header   = optional(string)
    drain            = optional(string)
    missing_revision = optional(string)
    on_destroy       = optional(string)
  })
  default = null

  validation {
    condition     = var.traffic == null || try(sum([for r in var.traffic.revisions : r.percent]) == 100, false)
    error_message = "The percents of traffic.revisions add up to something other than 100."
  }
  validation {
    condition     = var.traffic == null || try(alltrue([for r in var.traffic.revisions : (r.version != null) != (r.latest == true)]), false)
    error_message = "An entry of traffic.revisions has either a version or latest = true."
  }
  validation {
    condition     = var.traffic == null || try(length(distinct([for r in var.traffic.revisions : r.version])) == length(var.traffic.revisions), false)
    error_message = "traffic.revisions names a version twice."
  }
  validation {
    condition = var.traffic == null || try(alltrue([
      for rule in coalesce(var.traffic.rules, []) : contains([for r in var.traffic.revisions : r.tag if r.tag != null], rule.target)
    ]), false)
    error_message = "A rule of traffic.rules has a target that is no tag of traffic.revisions."
  }
}

variable "domains" {
  description = "The hosts that the application answers at, with the rules of `traffic`: what `sls_domain` knows, by host."
  type = map(object({
    scope          = optional(string)
    path_prefix    = optional(string, "/")
    strip_prefix   = optional(bool)
    timeout        = optional(string)
    https_redirect = optional(bool)
    tls = optional(object({
      secret = optional(string)
      issuer = optional(object({ name = string, kind = optional(string) }))
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for host in keys(var.domains) : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", host))])
    error_message = "A key of domains is no host name, such as shop.example.com."
  }
}
