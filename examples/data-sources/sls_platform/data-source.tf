data "sls_platform" "this" {}

# Every plan and apply warns of what stands against relying on the platform.
check "platform" {
  assert {
    condition     = length(data.sls_platform.this.problems) == 0
    error_message = join("\n", data.sls_platform.this.problems)
  }
  assert {
    # Null, where nobody vouches for the versions, is no yes.
    condition     = coalesce(data.sls_platform.this.compatible, false)
    error_message = "Nobody says that these versions go together: ${jsonencode(data.sls_platform.this.versions)}"
  }
}

resource "sls_application" "shop" {
  name      = "shop"
  namespace = "prod"
  image     = "registry.example.com/shop:1.4.2"

  volumes = {
    cache = { mount_path = "/var/cache/shop", empty_dir = {} }
  }

  # Nothing is changed on a platform that can't run it.
  lifecycle {
    precondition {
      condition     = data.sls_platform.this.compatible != false
      error_message = join("\n", data.sls_platform.this.problems)
    }
    precondition {
      condition     = try(data.sls_platform.this.components["knative-serving"].ready, false)
      error_message = "Knative Serving is not ready: ${join(" ", data.sls_platform.this.problems)}"
    }
    precondition {
      # Null, where it may not be read, is left to Knative to decide.
      condition     = try(data.sls_platform.this.feature_flags["kubernetes.podspec-volumes-emptydir"], "unknown") != "disabled"
      error_message = "The shop's cache needs Knative's feature kubernetes.podspec-volumes-emptydir."
    }
  }
}
