data "sls_applications" "shop" {
  namespace = "prod"
  labels    = { team = "shop" }
}

locals {
  shop = { for application in data.sls_applications.shop.applications : application.name => application }
}

import {
  for_each = local.shop
  to       = sls_application.shop[each.key]
  id       = "${each.value.namespace}/${each.key}"
}

resource "sls_application" "shop" {
  for_each  = local.shop
  name      = each.key
  namespace = each.value.namespace
  image     = each.value.image
  labels    = each.value.labels
}
