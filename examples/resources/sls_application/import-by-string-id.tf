import {
  to = sls_application.shop
  id = "prod/shop"
}
