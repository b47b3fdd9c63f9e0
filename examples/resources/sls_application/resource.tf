# A web application that scales to zero while nobody asks.
resource "sls_application" "shop" {
  name      = "shop"
  namespace = "prod"
  version   = "1.4.2"
  image     = "registry.example.com/shop:1.4.2"

  port = { number = 8080, protocol = "http1" }

  env = {
    LOG_LEVEL = "info"
  }

  resources = {
    requests = { cpu = "100m", memory = "64Mi" }
    limits   = { memory = "128Mi" }
  }
}

# A gRPC service with at least one pod warm, reached from inside the cluster only.
resource "sls_application" "stock" {
  name       = "stock"
  namespace  = "prod"
  image      = "registry.example.com/stock:2.0.0"
  visibility = "cluster-local"

  port = { number = 9000, protocol = "h2c" }

  scaling = {
    min    = 1
    max    = 20
    metric = "concurrency"
    target = 50
  }

  timeouts = {
    create = "5m"
  }
}

output "shop_url" {
  value = sls_application.shop.url
}
