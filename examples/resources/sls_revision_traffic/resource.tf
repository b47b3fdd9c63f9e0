resource "sls_application" "shop" {
  name      = "shop"
  namespace = "prod"
  version   = "1.5.0"
  image     = "registry.example.com/shop:1.5.0"
  rollout   = "manual" # a new version gets no traffic but what is said here
}

# Version 1.5.0 for testers and for one user in ten; each keeps their version.
resource "sls_revision_traffic" "shop" {
  application = sls_application.shop.name
  namespace   = sls_application.shop.namespace

  revisions = [
    { version = "1.4.2", percent = 90, tag = "stable" },
    { version = "1.5.0", percent = 10, tag = "next", min_scale = 1 },
  ]

  rules = [
    {
      name = "testers"
      match = [
        { headers = { x-tester = { exact = "yes" } } },
        { cookies = { team = { regex = "(qa|dev)-[0-9]+" } }, path = { prefix = "/checkout" } },
      ]
      target = "next"
    },
    {
      name   = "partners-stay"
      match  = [{ headers = { x-partner = { present = true } }, without_headers = { x-preview = { present = true } } }]
      target = "stable"
    },
  ]

  sticky         = { cookie = "shop-release", ttl = "720h" }
  version_header = "x-version"
  drain          = "30s"
}

# The percents go by the last digit of an account number that requests carry.
resource "sls_revision_traffic" "stock" {
  application = "stock"
  namespace   = "prod"

  revisions = [
    { version = "2.0.0", percent = 70 },
    { version = "2.1.0", percent = 30 },
  ]

  sticky           = { header = "x-account", suffix_digits = 1 }
  missing_revision = "collapse" # on a standby that has no 2.0.0
}
