terraform import sls_platform_config.this knative-serving
