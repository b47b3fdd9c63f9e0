terraform {
  required_providers {
    sls = {
      source  = "sls-platform/sls"
      version = "~> 0.1"
    }
  }
}

provider "sls" {
  config_path = "~/.kube/config"
}

# A second cluster is a second configuration with an alias.
provider "sls" {
  alias          = "standby"
  config_path    = "~/.kube/config"
  config_context = "standby"
}
