import {
  to = sls_external_service.soa
  id = "prod/soa"
}
