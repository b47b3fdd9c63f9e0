terraform {
  required_version = ">= 1.11"
  required_providers {
    sls = {
      source  = "sls-platform/sls"
      version = ">= 0.1.0"
    }
  }
}
