# An application on a host of its own. What sls_revision_traffic decides about
# the application holds for the domain.
resource "sls_domain" "shop" {
  host      = "shop.example.com"
  namespace = "prod"
  routes    = [{ application = "shop" }]

  tls            = { issuer = { name = "letsencrypt" } }
  https_redirect = true
  timeout        = "30s"
}

# What the record of shop.example.com points to: for the resource of your DNS
# provider.
output "shop_dns_target" {
  value = sls_domain.shop.dns_target
}

# Several applications on one host, beside an old service that still has some of
# the paths, and a tenth of the requests for the others.
resource "sls_domain" "portal" {
  host      = "portal.example.com"
  namespace = "prod"

  routes = [
    { application = "home" },
    { application = "search", path_prefix = "/search" },
    { application = "accounts", path_prefix = "/accounts", strip_prefix = true, namespace = "identity" },
  ]

  legacy = {
    host          = "portal.old.svc.cluster.local"
    port          = 8080
    path_prefixes = ["/reports"]
    percent       = 10
  }

  headers = {
    response = { set = { strict-transport-security = "max-age=31536000" } }
  }
}

# Callers inside the cluster get the rules by this name.
resource "sls_domain" "stock" {
  host      = "stock-api.prod.svc.cluster.local"
  namespace = "prod"
  scope     = "internal"
  routes    = [{ application = "stock" }]
}
