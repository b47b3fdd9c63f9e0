# The Knative Service behind an application, for a review, a policy check, or a pipeline without Terraform.
output "manifest" {
  value = provider::sls::manifest({
    name      = "shop"
    namespace = "prod"
    version   = "1.4.2"
    image     = "registry.example.com/shop:1.4.2"
    env       = { LOG_LEVEL = "info" }
    scaling   = { min = 1, max = 10 }
  })
}
