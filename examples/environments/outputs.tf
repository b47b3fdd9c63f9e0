output "urls" {
  description = "Where the application answers, by environment."
  value       = { for environment, urls in module.shop.domain_urls : environment => one(values(urls)) }
}

output "namespaces" {
  description = "Where the application is, by environment."
  value       = module.shop.namespaces
}
