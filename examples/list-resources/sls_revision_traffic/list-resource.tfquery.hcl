# With include_resource, terraform query -json has all attributes.
list "sls_revision_traffic" "prod" {
  provider         = sls
  include_resource = true

  config {
    namespace = "prod"
  }
}
