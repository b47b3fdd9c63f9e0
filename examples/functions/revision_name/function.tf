locals {
  shop = {
    name      = "shop"
    namespace = "prod"
    version   = "1.4.2"
    image     = "registry.example.com/shop:1.4.2"
    env       = { LOG_LEVEL = "info" }
  }
}

# shop-1-4-2-…: the revision that this configuration stands for, whether it is there or not.
output "revision" {
  value = provider::sls::revision_name(local.shop)
}

# Whether applying it would mint a revision.
data "sls_revisions" "shop" {
  namespace   = local.shop.namespace
  application = local.shop.name
}

output "is_new" {
  value = !contains(data.sls_revisions.shop.revisions[*].name, provider::sls::revision_name(local.shop))
}
