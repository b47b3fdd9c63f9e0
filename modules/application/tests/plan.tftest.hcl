# What the inputs lead to. No cluster is asked.

mock_provider "sls" {
  mock_resource "sls_application" {
    defaults = { revision = "shop-2-0-0-abcdefgh", ready = true }
  }
}

variables {
  name        = "shop"
  namespace   = "prod"
  app_version = "2.0.0"
  image       = "registry.example.com/shop:2.0.0"
}

run "alone" {
  assert {
    condition     = sls_application.this.rollout == "immediate"
    error_message = "Without traffic, a new revision takes it all."
  }
  assert {
    condition     = length(sls_revision_traffic.this) == 0 && length(sls_domain.this) == 0
    error_message = "Nothing is made that nobody asked for."
  }
}

run "canary" {
  variables {
    traffic = {
      revisions = [
        { version = "1.0.0", percent = 90 },
        { version = "2.0.0", percent = 10, tag = "v2" },
      ]
      rules = [{ name = "beta", target = "v2", match = [{ headers = { x-beta = { exact = "1" } } }] }]
    }
    domains = { "shop.example.com" = {} }
  }
  assert {
    condition     = sls_application.this.rollout == "manual"
    error_message = "A new revision gets nothing before traffic says so."
  }
  assert {
    condition     = sls_revision_traffic.this[0].revisions[0].version == "1.0.0"
    error_message = "An earlier version is known by its version."
  }
  assert {
    condition     = sls_revision_traffic.this[0].revisions[1].revision == "shop-2-0-0-abcdefgh"
    error_message = "The version that is deployed here is known by its revision."
  }
  assert {
    condition     = sls_domain.this["shop.example.com"].routes[0].application == "shop"
    error_message = "The host leads to the application."
  }
}

run "deployed_by_ci" {
  variables {
    image_source = "external"
    traffic      = { revisions = [{ latest = true, percent = 100, tag = "now" }] }
  }
  assert {
    condition     = sls_application.this.image_source == "external"
    error_message = "CI's images are left alone."
  }
  assert {
    condition     = sls_revision_traffic.this[0].revisions[0].latest && sls_revision_traffic.this[0].revisions[0].revision == null
    error_message = "What CI has deployed last gets the traffic."
  }
}
