variable "namespace" {}
variable "image" {}
variable "host" {}

resource "sls_application" "web" {
  name      = "web"
  namespace = var.namespace
  version   = "1.4.2"
  image     = var.image
  rollout   = "manual"

  labels      = { team = "shop" }
  annotations = { "example.com/owner" = "shop" }
  env         = { GREETING = "hello" }
  scaling     = { min = 0, max = 3, initial = 0, target = 50 }
  resources = {
    requests = { cpu = "10m", memory = "32Mi" }
    limits   = { memory = "64Mi" }
  }
}

resource "sls_application" "simple" {
  name      = "simple"
  namespace = var.namespace
  image     = var.image
  scaling   = { initial = 0 }
}

resource "sls_revision_traffic" "web" {
  application = sls_application.web.name
  namespace   = var.namespace
  revisions   = [{ version = sls_application.web.version, percent = 100, tag = "stable" }]
  rules = [{
    name   = "testers"
    target = "stable"
    match = [
      { headers = { x-tester = { exact = "yes" } } },
      { cookies = { team = { regex = "(qa|dev)-[0-9]+" } }, path = { prefix = "/checkout" } },
    ]
  }]
  version_header = "x-version"
}

resource "sls_domain" "web" {
  host      = var.host
  namespace = var.namespace
  routes = [
    { application = sls_application.simple.name, path_prefix = "/simple", strip_prefix = true },
    { application = sls_application.web.name },
  ]
  depends_on = [sls_revision_traffic.web]
}

resource "sls_external_service" "soa" {
  name      = "soa"
  namespace = var.namespace
  host      = "soa.example.com"
  ports     = [{ number = 8080, protocol = "http" }]
  timeout   = "3s"

  outlier_detection = { consecutive_5xx = 5, base_ejection_time = "30s", max_ejection_percent = 50 }
}
