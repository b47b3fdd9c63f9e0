import {
  to = sls_platform_config.this
  id = "knative-serving"
}
