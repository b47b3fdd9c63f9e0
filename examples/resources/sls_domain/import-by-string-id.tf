import {
  to = sls_domain.shop
  id = "prod/shop.example.com"
}
