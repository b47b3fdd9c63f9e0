# Each validation refuses what it is there for. No cluster is asked.

mock_provider "sls" {
  # OpenTofu makes up what is computed while it plans, and would make up an application that is not ready.
  mock_resource "sls_application" {
    defaults = { ready = true }
  }
}

variables {
  name        = "shop"
  namespace   = "prod"
  app_version = "1.0.0"
  image       = "registry.example.com/shop:1.0.0"
}

run "name" {
  command = plan
  variables {
    name = "Shop"
  }
  expect_failures = [var.name]
}

run "name_too_long" {
  command = plan
  variables {
    name = "a123456789a123456789a123456789a123456789a123456789abc"
  }
  expect_failures = [var.name]
}

run "namespace" {
  command = plan
  variables {
    namespace = "prod/eu"
  }
  expect_failures = [var.namespace]
}

run "app_version" {
  command = plan
  variables {
    app_version = "1.0.0+build"
  }
  expect_failures = [var.app_version]
}

run "container_readiness_path" {
  command = plan
  variables {
    container = { readiness_path = "healthz" }
  }
  expect_failures = [var.container]
}

run "scaling" {
  command = plan
  variables {
    scaling = { min = 3, max = 2 }
  }
  expect_failures = [var.scaling]
}

run "visibility" {
  command = plan
  variables {
    visibility = "private"
  }
  expect_failures = [var.visibility]
}

run "percents" {
  command = plan
  variables {
    traffic = { revisions = [{ version = "1.0.0", percent = 90 }] }
  }
  expect_failures = [var.traffic]
}

run "version_or_latest" {
  command = plan
  variables {
    traffic = { revisions = [{ version = "1.0.0", latest = true, percent = 100 }] }
  }
  expect_failures = [var.traffic]
}

run "neither_version_nor_latest" {
  command = plan
  variables {
    traffic = { revisions = [{ tag = "now", percent = 100 }] }
  }
  expect_failures = [var.traffic]
}

run "image_source" {
  command = plan
  variables {
    image_source = "ci"
  }
  expect_failures = [var.image_source]
}

run "version_twice" {
  command = plan
  variables {
    traffic = { revisions = [{ version = "1.0.0", percent = 90 }, { version = "1.0.0", percent = 10 }] }
  }
  expect_failures = [var.traffic]
}

run "rule_without_target" {
  command = plan
  variables {
    traffic = {
      revisions = [{ version = "1.0.0", percent = 100, tag = "v1" }]
      rules     = [{ name = "beta", target = "v2", match = [{ headers = { x-beta = { exact = "1" } } }] }]
    }
  }
  expect_failures = [var.traffic]
}

run "host" {
  command = plan
  variables {
    domains = { "https://shop.example.com" = {} }
  }
  expect_failures = [var.domains]
}
