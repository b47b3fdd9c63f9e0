variable "gateway_api" {
  description = "The Gateway API's kinds, which net-gateway-api needs: by default, those of the project's release. `source` is the path of a file or directory, or a URL, `sha256` what `sha256sum` prints of it, `images` names other images in place of the manifest's, `ignore_fields` what others may change, and where a manifest runs something `env` sets variables of its containers: see `sls_platform_component`. Null where the cluster has them, as managed clusters do. With net-istio they are not installed."
  type = object({
    source = optional(string)
    sha256 = optional(string)
    images = optional(map(string))
    ignore_fields = optional(list(object({
      kind      = string
      api_group = optional(string)
      namespace = optional(string)
      name      = optional(string)
      paths     = list(string)
    })))
  })
  default = {}

  validation {
    condition     = try(var.gateway_api.sha256, null) == null || can(regex("^[0-9a-fA-F]{64}$", var.gateway_api.sha256))
    error_message = "gateway_api.sha256 is 64 hexadecimal digits, as sha256sum prints them."
  }
}

variable "istio" {
  description = "Istio in one manifest: its kinds, istiod and the ingress gateway. By default it is the one that net-istio publishes with each of its releases. Null where Istio is installed in parts (`istio_base`, `istiod`, `gateway`), or is there already."
  type = object({
    source = optional(string)
    sha256 = optional(string)
    images = optional(map(string))
    env    = optional(map(map(string)))
    ignore_fields = optional(list(object({
      kind      = string
      api_group = optional(string)
      namespace = optional(string)
      name      = optional(string)
      paths     = list(string)
    })))
  })
  default = {}

  validation {
    condition     = try(var.istio.sha256, null) == null || can(regex("^[0-9a-fA-F]{64}$", var.istio.sha256))
    error_message = "istio.sha256 is 64 hexadecimal digits, as sha256sum prints them."
  }

  validation {
    condition     = var.istio == null || (var.istio_base == null && var.istiod == null && var.gateway == null)
    error_message = "Istio is installed either whole or in parts: set istio = null to install it by istio_base, istiod and gateway."
  }
}

variable "istio_base" {
  description = "Istio's kinds, where it is installed in parts: its chart `base`, rendered by `helm template`, with the namespace istio-system."
  type = object({
    source = string
    sha256 = optional(string)
    images = optional(map(string))
    ignore_fields = optional(list(object({
      kind      = string
      api_group = optional(string)
      namespace = optional(string)
      name      = optional(string)
      paths     = list(string)
    })))
  })
  default = null

  validation {
    condition     = try(var.istio_base.sha256, null) == null || can(regex("^[0-9a-fA-F]{64}$", var.istio_base.sha256))
    error_message = "istio_base.sha256 is 64 hexadecimal digits, as sha256sum prints them."
  }

  validation {
    condition     = (var.istio_base == null) == (var.istiod == null)
    error_message = "istio_base and istiod go together."
  }
}

variable "istiod" {
  description = "Istio's control plane, where it is installed in parts: its chart `istiod`, rendered."
  type = object({
    source = string
    sha256 = optional(string)
    images = optional(map(string))
    env    = optional(map(map(string)))
    ignore_fields = optional(list(object({
      kind      = string
      api_group = optional(string)
      namespace = optional(string)
      name      = optional(string)
      paths     = list(string)
    })))
  })
  default = null

  validation {
    condition     = try(var.istiod.sha256, null) == null || can(regex("^[0-9a-fA-F]{64}$", var.istiod.sha256))
    error_message = "istiod.sha256 is 64 hexadecimal digits, as sha256sum prints them."
  }
}

variable "gateway" {
  description = "Istio's ingress gateway, where Istio is installed in parts: its chart `gateway`, rendered, with the label `istio: ingressgateway`."
  type = object({
    source = string
    sha256 = optional(string)
    images = optional(map(string))
    env    = optional(map(map(string)))
    ignore_fields = optional(list(object({
      kind      = string
      api_group = optional(string)
      namespace = optional(string)
      name      = optional(string)
      paths     = list(string)
    })))
  })
  default = null

  validation {
    condition     = try(var.gateway.sha256, null) == null || can(regex("^[0-9a-fA-F]{64}$", var.gateway.sha256))
    error_message = "gateway.sha256 is 64 hexadecimal digits, as sha256sum prints them."
  }

  validation {
    condition     = var.gateway == null || var.istiod != null
    error_message = "gateway is a part of Istio: it needs istiod."
  }
}

variable "knative_serving" {
  description = "Knative Serving: by default, serving-core.yaml of the project's release, which holds its kinds too."
  type = object({
    source = optional(string)
    sha256 = optional(string)
    images = optional(map(string))
    env    = optional(map(map(string)))
    ignore_fields = optional(list(object({
      kind      = string
      api_group = optional(string)
      namespace = optional(string)
      name      = optional(string)
      paths     = list(string)
    })))
  })
  default  = {}
  nullable = false

  validation {
    condition     = try(var.knative_serving.sha256, null) == null || can(regex("^[0-9a-fA-F]{64}$", var.knative_serving.sha256))
    error_message = "knative_serving.sha256 is 64 hexadecimal digits, as sha256sum prints them."
  }
}

variable "ingress" {
  description = "How Knative's routes reach Istio: `controller` is `net-istio` or `net-gateway-api`, `source` its manifest. `env` sets variables of its containers, by the workload's name: `{ net-istio-controller = { KUBE_API_QPS = \"50\", KUBE_API_BURST = \"100\" } }` lets many applications be made at once. To change the controller under applications interrupts them, and takes `force_destroy`, applied before."
  type = object({
    controller = optional(string, "net-istio")
    source     = optional(string)
    sha256     = optional(string)
    images     = optional(map(string), {})
    env        = optional(map(map(string)))
    ignore_fields = optional(list(object({
      kind      = string
      api_group = optional(string)
      namespace = optional(string)
      name      = optional(string)
      paths     = list(string)
    })))
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["net-istio", "net-gateway-api"], var.ingress.controller)
    error_message = "ingress.controller is net-istio or net-gateway-api."
  }

  validation {
    condition     = try(var.ingress.sha256, null) == null || can(regex("^[0-9a-fA-F]{64}$", var.ingress.sha256))
    error_message = "ingress.sha256 is 64 hexadecimal digits, as sha256sum prints them."
  }
}

variable "gateways" {
  description = "The Gateways that net-gateway-api uses, with the Service of the local one: by default, those for Istio that its release has. Null where the manifest of `ingress` holds them. With net-istio, which brings its own, they are not installed."
  type = object({
    source = optional(string)
    sha256 = optional(string)
    images = optional(map(string))
    ignore_fields = optional(list(object({
      kind      = string
      api_group = optional(string)
      namespace = optional(string)
      name      = optional(string)
      paths     = list(string)
    })))
  })
  default = {}

  validation {
    condition     = try(var.gateways.sha256, null) == null || can(regex("^[0-9a-fA-F]{64}$", var.gateways.sha256))
    error_message = "gateways.sha256 is 64 hexadecimal digits, as sha256sum prints them."
  }
}

variable "labels" {
  description = "Labels of all objects."
  type        = map(string)
  default     = {}
}

variable "annotations" {
  description = "Annotations of all objects."
  type        = map(string)
  default     = {}
}

variable "adopt" {
  description = "Take over objects that are there and belong to no component, instead of refusing."
  type        = bool
  default     = false
}

variable "force_conflicts" {
  description = "Take over fields that another field manager has set to another value, instead of refusing."
  type        = bool
  default     = false
}

variable "delete_crds" {
  description = "On destroy, also remove the custom resource definitions, and with them all objects of their kinds: applications too, if `force_destroy` lets it. What istiod makes of the Gateway API's kinds takes `force_destroy`, too."
  type        = bool
  default     = false
}

variable "force_destroy" {
  description = "Destroy the platform although there are applications on it, or anything else of its kinds that it hasn't brought along itself. It has to be applied before the destroy."
  type        = bool
  default     = false
}

variable "timeouts" {
  description = "How long each component may take, such as `15m`; 10 minutes by default."
  type = object({
    create = optional(string)
    update = optional(string)
    delete = optional(string)
  })
  default = null

  validation {
    condition     = alltrue([for t in compact(values(coalesce(var.timeouts, {}))) : can(regex("^([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h))+$", t))])
    error_message = "A timeout is a number with a unit, such as 15m."
  }
}
