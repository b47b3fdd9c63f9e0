variable "active" {
  description = "Whether this cluster serves. `false` is a standby that is kept ready; `true` fails over to it: the newest configuration and applications that the primary has backed up are restored."
  type        = bool
  default     = false
  nullable    = false
}

variable "velero" {
  description = "Velero itself, the manifest that its installer prints, as in the module `backup`; null where it is installed already. It should be the primary's version."
  type = object({
    source = string
    sha256 = optional(string)
    images = optional(map(string))
  })
  default = null

  validation {
    condition     = try(var.velero.sha256, null) == null || can(regex("^[0-9a-fA-F]{64}$", var.velero.sha256))
    error_message = "velero.sha256 is 64 hexadecimal digits, as sha256sum prints them."
  }
}

variable "namespace" {
  description = "The namespace that Velero runs in."
  type        = string
  default     = "velero"
  nullable    = false
}

variable "primary" {
  description = "The primary's backups: where its `location` keeps them (it is read, and never written to), and the names of its schedules. `rpo` is how old the newest backup of each may be that this cluster sees, before a check fails."
  type = object({
    location = object({
      name           = optional(string, "primary")
      provider       = optional(string, "aws")
      bucket         = string
      prefix         = optional(string)
      config         = optional(map(string))
      credential     = optional(object({ name = string, key = optional(string) }))
      ca_certificate = optional(object({ name = string, key = optional(string) }))
      sync_period    = optional(string, "30s")
    })
    schedules = optional(object({
      platform     = optional(string, "platform")
      applications = optional(string, "applications")
    }), {})
    rpo = optional(object({
      platform     = optional(string, "26h")
      applications = optional(string, "2h")
    }), {})
  })
}

variable "nodes" {
  description = "How many nodes the cluster has as a standby, and while it is active: the output `nodes` says which, for the node pool of your cloud."
  type = object({
    standby = number
    active  = number
  })
  default = { standby = 1, active = 1 }

  validation {
    condition     = var.nodes.standby >= 0 && var.nodes.active >= 1
    error_message = "nodes.active is at least 1."
  }
}

variable "after" {
  description = "What has to be there before Velero starts, which learns at its start which kinds there are: `module.platform`. It takes the place of `depends_on` in the call, by which the output `nodes` would wait too, and the nodes that take it from there."
  type        = any
  default     = null
}

variable "restore_again" {
  description = "Another value restores the newest configuration again, and what applications read, as after the primary has changed."
  type        = string
  default     = ""
  nullable    = false
}

variable "timeouts" {
  description = "How long each restore may take, such as `15m`, which is the default."
  type        = object({ create = optional(string) })
  default     = {}
  nullable    = false
}
