# Another team's application, to call it under the address that it has now.
data "sls_application" "stock" {
  namespace = "prod"
  name      = "stock"
}

resource "sls_application" "shop" {
  name      = "shop"
  namespace = "prod"
  image     = "registry.example.com/shop:1.4.2"

  env = {
    STOCK_URL = data.sls_application.stock.cluster_local_url
  }
}

check "stock_is_ready" {
  assert {
    condition     = data.sls_application.stock.ready
    error_message = "The stock service is not ready: ${coalesce(data.sls_application.stock.status_message, "no reason given")}"
  }
}
