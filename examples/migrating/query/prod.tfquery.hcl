# terraform query -generate-config-out=generated.tf
list "sls_application" "prod" {
  provider = sls
  limit    = 1000

  config {
    namespace = "prod"
    labels    = { team = "shop" }
  }
}

list "sls_domain" "prod" {
  provider = sls

  config {
    namespace = "prod"
  }
}

# Applications whose traffic is divided or tagged.
list "sls_revision_traffic" "prod" {
  provider = sls

  config {
    namespace = "prod"
  }
}
