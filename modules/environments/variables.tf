variable "name" {
  description = "The application's name, the same in each environment."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$", var.name))
    error_message = "A name is 1 to 52 characters long: lower-case letters, digits and dashes, with a letter at the front and no dash at the end."
  }
}

variable "product" {
  description = "The product that the application is part of: the first part of the namespaces' names, and a label. By default the application's name."
  type        = string
  default     = null

  validation {
    condition     = var.product == null || can(regex("^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$", var.product))
    error_message = "A product is 1 to 52 characters long: lower-case letters, digits and dashes, with a letter at the front and no dash at the end."
  }
}

variable "image" {
  description = "The container image without a tag, such as registry.example.com/shop: an environment runs the tag that its `app_version` names."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^[^@]*[^:@/](:[0-9]+/[^:@]+)?$", var.image)) && !can(regex(":[^/]*$", var.image))
    error_message = "image is without a tag and without a digest: the tag is the environment's app_version. For another image in one environment, set its image."
  }
}

variable "environments" {
  description = <<-EOT
    The environments, by name, and which version each of them runs. What is said here of one counts there alone:
    `env` comes on top of `container.env`, and each part of `scaling` on top of what the environment would have; the
    rest takes the place of what would be without it.

    `production` (without it: the environment named `prod`) is where nobody waits for a cold start: at least one pod
    runs of each version that gets requests, and a new version gets none before its pods are ready. Elsewhere, an
    application that nobody asks runs no pods.
  EOT
  type = map(object({
    app_version         = string
    image               = optional(string)
    namespace           = optional(string)
    production          = optional(bool)
    env                 = optional(map(string), {})
    deletion_protection = optional(bool, false)
    scaling = optional(object({
      min              = optional(number)
      max              = optional(number)
      initial          = optional(number)
      metric           = optional(string)
      target           = optional(number)
      window           = optional(string)
      scale_down_delay = optional(string)
    }), {})
    resources = optional(object({
      requests = optional(map(string))
      limits   = optional(map(string))
    }))
    traffic = optional(object({
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
    }))
    domains = optional(map(object({
      scope          = optional(string)
      path_prefix    = optional(string, "/")
      strip_prefix   = optional(bool)
      timeout        = optional(string)
      https_redirect = optional(bool)
      tls = optional(object({
        secret = optional(string)
        issuer = optional(object({ name = string, kind = optional(string) }))
      }))
    })))
  }))
  nullable = false

  validation {
    condition     = length(var.environments) > 0
    error_message = "An application has at least one environment, such as environments = { test = { app_version = \"1.0.0\" } }."
  }
  validation {
    condition     = alltrue([for name in keys(var.environments) : can(regex("^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", name))])
    error_message = "An environment's name is 1 to 20 characters long: lower-case letters, digits and dashes, with a letter at the front and no dash at the end. It becomes part of namespaces and hosts."
  }
  validation {
    condition     = alltrue([for environment in values(var.environments) : var.image != null || environment.image != null])
    error_message = "An environment without an image of its own needs the image that all share: set image."
  }
  validation {
    condition = length(distinct([
      for name, environment in var.environments : coalesce(environment.namespace, "${coalesce(var.product, var.name)}-${name}")
    ])) == length(var.environments)
    error_message = "Two environments share a namespace: the application would be one and the same in both."
  }
}

variable "base_domain" {
  description = "The domain below which each environment without `domains` gets a host: shop.example.com in production, shop-test.example.com in test. Without it, only Knative's own hosts and `domains` answer."
  type        = string
  default     = null

  validation {
    condition     = var.base_domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.base_domain))
    error_message = "base_domain is no domain name, such as example.com."
  }
  validation {
    condition     = var.base_domain == null || length([for name, environment in var.environments : name if coalesce(environment.production, name == "prod")]) <= 1
    error_message = "Two environments are production and would have the same host below base_domain: give them domains of their own, and leave out base_domain."
  }
}

variable "container" {
  description = "How the container runs, the same in each environment: what `sls_application` knows under the same names."
  type = object({
    command         = optional(list(string))
    args            = optional(list(string))
    port            = optional(object({ number = number, protocol = optional(string) }))
    env             = optional(map(string), {})
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

variable "labels" {
  description = "Labels of the application's objects, besides those of product and environment."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "revision_history_limit" {
  description = "How many revisions without traffic are kept to go back to."
  type        = number
  default     = null
}
