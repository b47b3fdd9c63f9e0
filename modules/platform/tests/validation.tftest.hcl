# Each validation refuses what it is there for. No cluster is asked.

mock_provider "sls" {
  mock_data "sls_platform" {
    defaults = { problems = [] }
  }
}

run "controller" {
  command = plan
  variables {
    ingress = { controller = "kourier" }
  }
  expect_failures = [var.ingress]
}

run "istio_whole_and_in_parts" {
  command = plan
  variables {
    istio_base = { source = "base.yaml" }
    istiod     = { source = "istiod.yaml" }
  }
  expect_failures = [var.istio]
}

run "istio_base_alone" {
  command = plan
  variables {
    istio      = null
    istio_base = { source = "base.yaml" }
  }
  expect_failures = [var.istio_base]
}

run "gateway_without_istiod" {
  command = plan
  variables {
    istio   = null
    gateway = { source = "gateway.yaml" }
  }
  expect_failures = [var.gateway]
}

run "gateway_api_sha256" {
  command = plan
  variables {
    gateway_api = { sha256 = "sha256:00" }
  }
  expect_failures = [var.gateway_api]
}

run "istio_sha256" {
  command = plan
  variables {
    istio = { sha256 = "sha256:00" }
  }
  expect_failures = [var.istio]
}

run "knative_serving_sha256" {
  command = plan
  variables {
    knative_serving = { sha256 = "sha256:00" }
  }
  expect_failures = [var.knative_serving]
}

run "ingress_sha256" {
  command = plan
  variables {
    ingress = { sha256 = "sha256:00" }
  }
  expect_failures = [var.ingress]
}

run "gateways_sha256" {
  command = plan
  variables {
    gateways = { sha256 = "sha256:00" }
  }
  expect_failures = [var.gateways]
}

run "istiod_sha256" {
  command = plan
  variables {
    istio      = null
    istio_base = { source = "base.yaml" }
    istiod     = { source = "part.yaml", sha256 = "00" }
  }
  expect_failures = [var.istiod]
}

run "istio_base_sha256" {
  command = plan
  variables {
    istio      = null
    istiod     = { source = "istiod.yaml" }
    istio_base = { source = "part.yaml", sha256 = "00" }
  }
  expect_failures = [var.istio_base]
}

run "gateway_sha256" {
  command = plan
  variables {
    istio      = null
    istio_base = { source = "base.yaml" }
    istiod     = { source = "istiod.yaml" }
    gateway    = { source = "part.yaml", sha256 = "00" }
  }
  expect_failures = [var.gateway]
}

run "timeouts" {
  command = plan
  variables {
    timeouts = { create = "15 minutes" }
  }
  expect_failures = [var.timeouts]
}

run "problems_are_told" {
  override_data {
    target = data.sls_platform.this
    values = { problems = ["Knative Serving 1.23 needs Kubernetes 1.34."] }
  }
  expect_failures = [check.platform]
}
