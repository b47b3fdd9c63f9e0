output "url" {
  description = "Where the application answers, by the cluster's own domain."
  value       = sls_application.quickstart.url
}

output "revision" {
  description = "The revision that this configuration stands for."
  value       = sls_application.quickstart.revision
}
