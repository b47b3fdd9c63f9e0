# What a release or a rollback can lead to.
data "sls_revisions" "shop" {
  namespace   = "prod"
  application = "shop"
}

output "serving" {
  value = {
    for revision in data.sls_revisions.shop.revisions : revision.name => revision.percent if revision.percent > 0
  }
}

output "versions_to_roll_back_to" {
  value = distinct([
    for revision in data.sls_revisions.shop.revisions : revision.version
    if revision.ready && revision.percent == 0 && revision.version != null
  ])
}
