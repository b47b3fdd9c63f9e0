# The applications, the same on both clusters: as they serve, or as they wait on a standby.

locals {
  # Of those that CI deploys, only the backup knows the image: on a standby they are there once they are restored.
  declared = { for name, a in var.applications : name => a if var.serving || a.image_source == "terraform" }
}

module "application" {
  source   = "../../../modules/application"
  for_each = local.declared

  name         = each.key
  namespace    = each.value.namespace
  app_version  = each.value.version
  image        = each.value.image
  image_source = each.value.image_source
  container    = { resources = each.value.resources }

  # What waits starts no pod and pulls no image.
  scaling = var.serving ? each.value.scaling : { min = 0, initial = 0 }

  traffic = {
    revisions = each.value.revisions
    rules = [for r in each.value.revisions : {
      name = r.tag, target = r.tag, match = [{ headers = { x-release = { exact = r.tag } } }]
    }]
    # Of a release that was half way, this cluster may have only one side.
    missing_revision = var.standby ? "collapse" : "error"
  }

  domains = { for host in each.value.hosts : host => {} }

  # What was restored is taken over as it is.
  adopt           = var.standby
  force_conflicts = var.standby
}
