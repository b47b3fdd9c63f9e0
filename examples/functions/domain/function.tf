# The rule for domains is written down once.
locals {
  domain_template = "{name}.sls-{cluster}.qunhe.com"
}

# shop.sls-hangzhou.qunhe.com
output "domain" {
  value = provider::sls::domain(local.domain_template, { name = "shop", cluster = "hangzhou" })
}

# A domain for each environment; prod has no suffix.
output "domains" {
  value = {
    for environment, suffix in { test = "-test", stable = "-stable", prod = "" } :
    environment => provider::sls::domain("{name}{suffix}.qunhe.com", { name = "shop", suffix = suffix })
  }
}
