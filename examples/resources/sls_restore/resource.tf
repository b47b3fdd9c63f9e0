# The newest backup of the platform as the standby sees it, when it is set up; again for a failover.
resource "sls_restore" "configuration" {
  name   = "configuration"
  preset = "configuration"
  from = {
    schedule = "daily-platform"
    max_age  = "26h"
  }
  triggers = { active = false }
}

# One namespace of a backup, under another name, to look at what it was like.
resource "sls_restore" "look" {
  name              = "shop-before"
  from              = { backup = "daily-applications-20261123030000" }
  namespace_mapping = { shop = "shop-before" }
  stages = [{
    name                = "shop"
    included_namespaces = ["shop"]
    excluded_resources  = ["virtualservices.networking.istio.io"] # the hosts stay with the original
  }]
}
