output "components" {
  description = "What is installed."
  value       = module.platform.components
}

output "versions" {
  description = "The versions that are installed."
  value       = module.platform.versions
}

output "knative_version" {
  description = "The version of Knative Serving."
  value       = module.platform.versions.knative_serving
}

output "problems" {
  description = "What stands against relying on the platform."
  value       = module.platform.problems
}

output "url" {
  description = "Where the application answers; null without one."
  value       = one(sls_application.first[*].url)
}
