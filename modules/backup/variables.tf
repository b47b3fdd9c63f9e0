variable "velero" {
  description = "Velero itself: the manifest that `velero install --dry-run -o yaml --no-secret --no-default-backup-location` prints. `source` is the path of a file or directory, or a URL, `sha256` what `sha256sum` prints of it, `images` names other images in place of the manifest's: see `sls_platform_component`. Null where Velero is installed already."
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
  description = "The namespace that Velero runs in, as its manifest has it."
  type        = string
  default     = "velero"
  nullable    = false
}

variable "location" {
  description = "Where backups are kept: `provider`, `bucket`, `prefix` and `config` are those of the store, `credential` names the Secret in Velero's namespace with its keys, which is not this module's to make, and `ca_certificate` the one with the certificates that its own is checked against. `access_mode` is `ReadOnly` where another cluster's backups are restored and none are made. `sync_period` is how often Velero looks for backups that the cluster doesn't know."
  type = object({
    name           = optional(string, "default")
    provider       = optional(string, "aws")
    bucket         = string
    prefix         = optional(string)
    config         = optional(map(string))
    credential     = optional(object({ name = string, key = optional(string) }))
    ca_certificate = optional(object({ name = string, key = optional(string) }))
    access_mode    = optional(string, "ReadWrite")
    sync_period    = optional(string)
  })

  validation {
    condition     = contains(["ReadWrite", "ReadOnly"], var.location.access_mode)
    error_message = "location.access_mode is ReadWrite or ReadOnly."
  }
}

variable "schedules" {
  description = "What is backed up when, by the schedule's name: a `preset`, or `included_namespaces` alone. By default the platform once a day, and its applications every hour. None for a cluster that only restores."
  type = map(object({
    preset              = optional(string)
    included_namespaces = optional(list(string))
    cron                = string
    timezone            = optional(string)
    retention           = optional(string, "720h")
    paused              = optional(bool)
    skip_immediately    = optional(bool)
  }))
  default = {
    platform     = { preset = "platform", cron = "0 3 * * *" }
    applications = { preset = "application", cron = "30 * * * *", retention = "72h" }
  }
  nullable = false

  validation {
    condition     = length(var.schedules) == 0 || var.location.access_mode == "ReadWrite"
    error_message = "A ReadOnly location takes no backups: set schedules = {}, or location.access_mode = \"ReadWrite\"."
  }

  validation {
    condition     = alltrue([for s in var.schedules : (s.preset == null) != (s.included_namespaces == null)])
    error_message = "Each of schedules has a preset, or included_namespaces, and not both."
  }
}

variable "labels" {
  description = "Labels of all objects."
  type        = map(string)
  default     = {}
}

variable "adopt" {
  description = "Take over objects that are there already, instead of refusing."
  type        = bool
  default     = false
}

variable "force_conflicts" {
  description = "Take over fields that another field manager has set to another value, instead of refusing."
  type        = bool
  default     = false
}
