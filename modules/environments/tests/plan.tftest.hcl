# What the inputs lead to. No cluster is asked.

mock_provider "sls" {
  mock_resource "sls_application" {
    defaults = { ready = true }
  }
}

variables {
  name  = "shop"
  image = "registry.example.com:5000/shop"
  environments = {
    test = { app_version = "2.1.0-rc.1" }
    prod = { app_version = "2.0.0" }
  }
}

run "by_name" {
  assert {
    condition     = output.namespaces == { test = "shop-test", prod = "shop-prod" }
    error_message = "Each environment is a namespace."
  }
  assert {
    condition     = local.environments.test.image == "registry.example.com:5000/shop:2.1.0-rc.1"
    error_message = "An environment runs the tag of its version."
  }
  assert {
    condition     = local.environments.test.scaling.min == 0 && local.environments.prod.scaling.min == 1
    error_message = "Nothing runs outside production while nobody asks."
  }
  assert {
    condition     = local.environments.prod.scaling.initial == 1
    error_message = "In production a version has a pod before it gets requests."
  }
  assert {
    condition     = length(output.domain_urls.prod) == 0
    error_message = "No host is made that nobody asked for."
  }
}

run "scaling_in_part" {
  variables {
    environments = {
      test = { app_version = "2.1.0", scaling = { min = 2 } }
      prod = { app_version = "2.0.0", scaling = { max = 20 } }
    }
  }
  assert {
    condition     = local.environments.prod.scaling.min == 1 && local.environments.prod.scaling.initial == 1 && local.environments.prod.scaling.max == 20
    error_message = "A maximum takes no pod from production."
  }
  assert {
    condition     = local.environments.test.scaling.min == 2 && local.environments.test.scaling.initial == null
    error_message = "A minimum counts outside production, too."
  }
}

run "hosts" {
  variables {
    product     = "mall"
    base_domain = "example.com"
  }
  assert {
    condition     = keys(output.domain_urls.prod) == ["shop.example.com"] && keys(output.domain_urls.test) == ["shop-test.example.com"]
    error_message = "Production has the application's name for its host, the others say where they are."
  }
  assert {
    condition     = output.namespaces.prod == "mall-prod"
    error_message = "The product names the namespaces."
  }
}

run "one_says_otherwise" {
  variables {
    base_domain = "example.com"
    environments = {
      test  = { app_version = "2.1.0", image = "registry.example.com/shop@sha256:0000000000000000000000000000000000000000000000000000000000000000" }
      stage = { app_version = "2.0.0", production = true, namespace = "shop", scaling = { min = 3 }, domains = { "shop.example.org" = {} } }
    }
  }
  assert {
    condition     = startswith(local.environments.test.image, "registry.example.com/shop@sha256:")
    error_message = "An image of its own counts."
  }
  assert {
    condition     = local.environments.stage.scaling.min == 3 && local.environments.stage.namespace == "shop"
    error_message = "Scaling and namespace of its own count."
  }
  assert {
    condition     = keys(output.domain_urls.stage) == ["shop.example.org"]
    error_message = "Domains of its own take the place of the host below base_domain."
  }
}
