variable "namespace" {
  description = "The namespace, which must exist."
  type        = string
  default     = "prod"
}

variable "host" {
  description = "The host that the application answers at."
  type        = string
  default     = "shop.example.com"
}

variable "image" {
  description = "The container image without its tag; the tags are the versions. It must answer HTTP on the port that PORT names."
  type        = string
  default     = "registry.example.com/shop"
}

variable "stable" {
  description = "The version that serves."
  type        = string
}

variable "next" {
  description = "The version that is being released, or null between two releases."
  type        = string
  default     = null

  validation {
    condition     = var.next != var.stable
    error_message = "The version that is being released serves already."
  }
}

variable "percent" {
  description = "The share of the users who get the version that is being released."
  type        = number
  default     = 0

  validation {
    condition     = var.percent >= 0 && var.percent <= 100
    error_message = "A share is between 0 and 100 percent."
  }
}
