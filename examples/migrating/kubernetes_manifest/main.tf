# In place of the resource "kubernetes_manifest" "shop". Terraform's state goes from
# the one to the other; the cluster is not written to.
moved {
  from = kubernetes_manifest.shop
  to   = sls_application.shop
}

resource "sls_application" "shop" {
  name      = "shop"
  namespace = "prod"
  image     = "registry.example.com/shop:1.4.2"
  env       = { LOG_LEVEL = "info" }
  scaling   = { min = 1, max = 10 }
}
