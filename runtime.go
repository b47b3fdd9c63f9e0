package main

import "strings"

// logVariables are the variables by which a user asks
// Terraform or a provider for logs. TF_LOG_CORE and TF_LOG_PATH are not among
// them: the first is about Terraform alone, the second needs one of the others.
var logVariables = []string{"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_SLS", "TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"}

// quietSDK switches the plugin SDK's own loggers off when the user asked for no
// logs. They would write trace lines all the same, which Terraform parses and
// drops: that doubles the processor time of a plan of a thousand applications.
func quietSDK(lookup func(string) (string, bool), setenv func(name, value string) error) error {
	for _, name := range logVariables {
		if value, ok := lookup(name); ok && value != "" && !strings.EqualFold(value, "off") {
			return nil
		}
	}
	return setenv("TF_LOG_SDK", "off")
}
