# terraform query -generate-config-out=generated.tf
list "sls_application" "prod" {
  provider = sls
  limit    = 1000

  config {
    namespace = "prod"
    labels    = { team = "shop" }
  }
}
