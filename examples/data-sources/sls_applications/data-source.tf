# Which version of each of a team's applications runs, and by which image.
data "sls_applications" "shop" {
  namespace = "prod"
  labels    = { team = "shop" }
}

output "running" {
  value = {
    for application in data.sls_applications.shop.applications : application.name => {
      version = application.version
      image   = application.image_digest
    }
  }
}

output "not_ready" {
  value = [for application in data.sls_applications.shop.applications : application.name if !application.ready]
}
