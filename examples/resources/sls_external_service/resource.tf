# Applications ask http://soa.prod.svc.cluster.local; the gateway goes on by TLS.
resource "sls_external_service" "soa" {
  name      = "soa"
  namespace = "prod"
  host      = "soa.example.com"
  ports     = [{ number = 443, protocol = "https" }]

  tls     = { mode = "simple", secret = "soa-ca" }
  timeout = "3s"

  connection_pool = {
    max_connections      = 100
    max_pending_requests = 50
    connect_timeout      = "1s"
  }

  outlier_detection = {
    consecutive_5xx      = 5
    base_ejection_time   = "30s"
    max_ejection_percent = 50
  }
}

# A service at known addresses, which no DNS knows.
resource "sls_external_service" "ledger" {
  name      = "ledger"
  namespace = "prod"
  host      = "ledger.internal"
  ports     = [{ number = 8080, protocol = "http" }]

  endpoints = [
    { address = "192.0.2.10" },
    { address = "192.0.2.11" },
  ]
}

resource "sls_application" "shop" {
  name      = "shop"
  namespace = "prod"
  image     = "registry.example.com/shop:1.4.2"
  env       = { LEDGER_URL = sls_external_service.ledger.url }
}
