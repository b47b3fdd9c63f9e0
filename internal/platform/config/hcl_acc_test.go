package config_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// everyAttributeInHCL writes testdata/every_attribute.json as a configuration:
// the values of JSON are expressions of HCL, but for what begins a template.
func everyAttributeInHCL(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/every_attribute.json")
	if err != nil {
		t.Fatal(err)
	}
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(text, &attributes); err != nil {
		t.Fatal(err)
	}
	var body strings.Builder
	body.WriteString("resource \"sls_platform_config\" \"this\" {\n")
	for name, value := range attributes {
		var line bytes.Buffer
		if err := json.Compact(&line, value); err != nil {
			t.Fatal(err)
		}
		body.WriteString("  " + name + " = " + strings.ReplaceAll(line.String(), "${", "$${") + "\n")
	}
	return body.String() + "}\n"
}
