package examples_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// published is a call of a module by its name in a registry.
var published = regexp.MustCompile(`(?m)^(\s*source\s*=\s*)"(?:[a-z0-9.-]+/)?sls-platform/([a-z-]+)/sls"\n(?:\s*version\s*=.*\n)?`)

// query is of a .tfquery.hcl, which Terraform knows from 1.14 on, and an older one
// does not validate: TestAccQuery and TestAccApplicationQuery run such.
var query = regexp.MustCompile(`(?m)^list "`)

// hosted is the provider's name in a registry of one's own.
var hosted = regexp.MustCompile(`"[a-z0-9.-]+/sls-platform/sls"`)

// A document shows a part of a configuration: what it refers to may be elsewhere.
var elsewhere = []string{
	"Reference to undeclared resource", "Reference to undeclared input variable", "Reference to undeclared local value", "Reference to undeclared module",
}

// foreign is a resource or data source, of any provider.
var foreign = regexp.MustCompile(`(?ms)^(?:resource|data) "([a-z]+)_.*?^}\n`)

// Every block of Terraform that a document shows is valid: no attribute is
// misspelt, of another type, or missing where the block is not cut short by an
// ellipsis. What is of other providers is left out.
func TestAccDocuments(t *testing.T) {
	t.Parallel()
	for name, document := range documents(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := acctest.NewTerraform(t)
			for _, block := range blocks(document) {
				if block.language != "hcl" && block.language != "terraform" || strings.HasSuffix(block.head(), ".tfvars") {
					continue
				}
				if query.MatchString(block.text) {
					if tf.Version(t).GreaterThanOrEqual(tfversion.Version1_14_0) {
						queries := acctest.NewTerraform(t)
						queries.Configure(t, "")
						queries.Write(t, "block.tfquery.hcl", block.text)
						for _, problem := range invalid(t, queries, false, "-query") {
							t.Errorf("%s:%d: %s", name, block.line, problem)
						}
					}
					continue
				}
				config := foreign.ReplaceAllStringFunc(block.text, func(found string) string {
					if foreign.FindStringSubmatch(found)[1] == "sls" {
						return found
					}
					return ""
				})
				config = strings.ReplaceAll(config, `sha256 = "…"`, `sha256 = "`+strings.Repeat("0", 64)+`"`)
				config = hosted.ReplaceAllString(config, `"sls-platform/sls"`)
				config = published.ReplaceAllString(config, "${1}\"./modules/${2}\"\n")
				tf.Configure(t, config)
				if strings.Contains(config, `"./modules/`) {
					tf.Modules(t)
					if got := tf.Run(t, "get", "-no-color"); got.ExitCode != 0 {
						t.Fatalf("%s:%d: %s", name, block.line, got.Output)
					}
				}
				for _, problem := range invalid(t, tf, strings.Contains(block.text, "…")) {
					t.Errorf("%s:%d: %s", name, block.line, problem)
				}
			}
		})
	}
}

// invalid returns what Terraform finds wrong with the configuration.
func invalid(t *testing.T, tf *acctest.Terraform, cutShort bool, options ...string) (problems []string) {
	t.Helper()
	result := tf.Run(t, append([]string{"validate", "-json"}, options...)...)
	_, document, _ := strings.Cut("\n"+result.Output, "\n{")
	var report struct {
		Diagnostics []struct{ Severity, Summary, Detail string }
	}
	if err := json.Unmarshal([]byte("{"+document), &report); err != nil {
		t.Fatalf("reading what terraform validate says: %s\n%s", err, result.Output)
	}
	for _, d := range report.Diagnostics {
		if d.Severity != "error" || slices.Contains(elsewhere, d.Summary) || cutShort && d.Summary == "Missing required argument" {
			continue
		}
		problems = append(problems, d.Summary+": "+d.Detail)
	}
	return problems
}
