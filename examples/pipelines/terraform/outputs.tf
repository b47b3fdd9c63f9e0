output "stable" {
  description = "The version that serves: where the next release, or a rollback, goes out from."
  value       = var.stable
}

output "next" {
  description = "The version that is being released; empty between two releases."
  value       = var.next == null ? "" : var.next
}

output "url" {
  description = "Where the application answers."
  value       = module.shop.domain_urls[var.host]
}
