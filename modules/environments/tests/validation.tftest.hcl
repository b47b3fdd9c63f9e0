# Each validation refuses what it is there for. No cluster is asked.

mock_provider "sls" {
  # OpenTofu makes up what is known after an apply only: an application is ready here.
  mock_resource "sls_application" {
    defaults = { ready = true }
  }
}

variables {
  name         = "shop"
  image        = "registry.example.com/shop"
  environments = { test = { app_version = "1.0.0" } }
}

run "name" {
  command = plan
  variables {
    name = "Shop"
  }
  expect_failures = [var.name]
}

run "product" {
  command = plan
  variables {
    product = "The Mall"
  }
  expect_failures = [var.product]
}

run "image_with_tag" {
  command = plan
  variables {
    image = "registry.example.com:5000/shop:1.0.0"
  }
  expect_failures = [var.image]
}

run "image_with_digest" {
  command = plan
  variables {
    image = "registry.example.com/shop@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  }
  expect_failures = [var.image]
}

run "no_environment" {
  command = plan
  variables {
    environments = {}
  }
  expect_failures = [var.environments]
}

run "environment_name" {
  command = plan
  variables {
    environments = { "Test 1" = { app_version = "1.0.0" } }
  }
  expect_failures = [var.environments]
}

run "no_image" {
  command = plan
  variables {
    image = null
  }
  expect_failures = [var.environments]
}

run "shared_namespace" {
  command = plan
  variables {
    environments = {
      test   = { app_version = "1.0.0", namespace = "shop" }
      stable = { app_version = "1.0.0", namespace = "shop" }
    }
  }
  expect_failures = [var.environments]
}

run "base_domain" {
  command = plan
  variables {
    base_domain = "https://example.com"
  }
  expect_failures = [var.base_domain]
}

run "two_productions" {
  command = plan
  variables {
    base_domain  = "example.com"
    environments = { eu = { app_version = "1.0.0", production = true }, us = { app_version = "1.0.0", production = true } }
  }
  expect_failures = [var.base_domain]
}
