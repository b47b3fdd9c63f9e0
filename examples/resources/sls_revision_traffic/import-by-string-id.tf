import {
  to = sls_revision_traffic.shop
  id = "prod/shop"
}
