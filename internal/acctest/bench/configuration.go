package bench

import (
	"bytes"
	"embed"
	"fmt"
	"text/template"
)

//go:embed testdata/*.tf.tmpl
var templates embed.FS

// Configuration is what a subject of Terraform's is configured with.
type Configuration struct {
	Subject   string
	Shape     Shape // of sls
	Resources int   // applications; of the other subjects, resources

	Generation int  // what is changed of one in a hundred
	Wait       bool // of applications
	Rest       bool // with traffic and domains; of the shape Full

	Kubeconfig, Namespace, Image string
}

// HCL renders the configuration.
func (c Configuration) HCL() (string, error) {
	files := map[string]string{
		Provider: "sls.tf.tmpl", Parallel: "sls.tf.tmpl", Idle: "sls.tf.tmpl",
		Time: "time.tf.tmpl", TerraformData: "terraform_data.tf.tmpl",
	}
	file, ok := files[c.Subject]
	if !ok {
		return "", fmt.Errorf("%s has no configuration", c.Subject)
	}
	parsed, err := template.ParseFS(templates, "testdata/"+file)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	if err := parsed.Execute(&text, c); err != nil {
		return "", err
	}
	return text.String(), nil
}
