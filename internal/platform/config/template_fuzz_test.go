package config

import (
	"context"
	"io"
	"strings"
	"testing"
	"text/template"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	network "knative.dev/networking/pkg/config"
)

// A template in which nothing is found wrong is one that finds all that it asks
// its data for.
func FuzzDomainTemplate(f *testing.F) {
	for _, text := range []string{
		"{{.Name}}.{{.Namespace}}.{{.Domain}}",
		`{{if index .Annotations "a"}}{{.Nam}}{{else}}{{.Name}}{{end}}`,
		`{{with .Name}}{{.}}{{$.Domain}}{{end}}`, `{{range .Labels}}{{.}}{{break}}{{end}}`, `{{$x := .Nope}}{{$x}}`,
		`{{template "a" .Nope}}{{define "a"}}{{.}}{{end}}`, `{{(.Name).Nope}}`, `{{.Name | printf "%s" .Nope}}`, `{{block "a" .}}{{.Nope}}{{end}}`,
		"{{", "", "{{/* */}}",
	} {
		f.Add(text)
	}
	values := network.DomainTemplateValues{
		Name: "shop", Namespace: "prod", Domain: "example.com",
		Annotations: map[string]string{"a": "b"}, Labels: map[string]string{"c": "d"},
	}
	f.Fuzz(func(t *testing.T, text string) {
		var resp validator.StringResponse
		templateOf("domain", values).ValidateString(context.Background(),
			validator.StringRequest{Path: path.Root("domain_template"), ConfigValue: types.StringValue(text)}, &resp)
		parsed, err := template.New("domain").Parse(text)
		if err != nil || resp.Diagnostics.HasError() {
			return
		}
		// What a template repeats or formats may be endless; what it lacks shows early.
		if err := parsed.Execute(io.Discard, values); err != nil && strings.Contains(err.Error(), "can't evaluate field") &&
			strings.Contains(err.Error(), "in type config.DomainTemplateValues") {
			t.Errorf("%q is accepted, and Knative says: %s", text, err)
		}
	})
}
