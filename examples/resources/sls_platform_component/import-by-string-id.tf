import {
  to = sls_platform_component.knative_serving
  id = "knative-serving"
}
