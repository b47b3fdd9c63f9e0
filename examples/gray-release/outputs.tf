output "url" {
  description = "Where the application answers, with the rules."
  value       = module.shop.domain_urls[var.host]
}

output "traffic" {
  description = "Which revision each version came to, and its share."
  value       = module.shop.traffic
}
