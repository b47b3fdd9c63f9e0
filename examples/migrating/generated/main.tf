data "sls_applications" "shop" {
  namespace = "prod"
}

output "imports" {
  value = join("\n", [for application in data.sls_applications.shop.applications : <<-EOT
    import {
      to = sls_application.${application.name}
      id = "${application.namespace}/${application.name}"
    }
  EOT
  ])
}
