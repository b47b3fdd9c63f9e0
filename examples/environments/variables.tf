variable "namespaces" {
  description = "The namespaces, which must exist, where they are not shop-test, shop-stable, shop-pre and shop-prod."
  type        = object({ test = optional(string), stable = optional(string), pre = optional(string), prod = optional(string) })
  default     = {}
}

variable "image" {
  description = "The container image without its tag; the tags are the versions. It must answer HTTP on the port that PORT names."
  type        = string
}

variable "versions" {
  description = "The version that each environment runs."
  type        = object({ test = string, stable = string, pre = string, prod = string })
}

variable "base_domain" {
  description = "The domain of the hosts shop.…, shop-test.…, …"
  type        = string
  default     = "example.com"
}
