package config

// ReadsObservability reports whether the keys of config-observability are such
// as Knative reads.
func ReadsObservability(data map[string]string) error {
	_, err := parseObservability(data)
	return err
}

// ObservabilityKeys are the keys of config-observability.
func ObservabilityKeys() []string {
	var names []string
	keys, _ := observabilitySection.content.(typedKeys)
	for _, k := range keys {
		names = append(names, k.name)
	}
	return names
}
