output "old_url" {
  description = "An application as it always was: {name}.{namespace}.{domain}."
  value       = sls_application.old.url
}

output "new_url" {
  description = "An application of the new form: {name}.sls-{cluster}.{domain}."
  value       = sls_application.new.url
}
