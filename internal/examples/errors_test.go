package examples_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// home is where the provider has each resource.
var home = map[string]string{
	"application":             "internal/knative/application",
	"backup":                  "internal/velero/backup",
	"backup_schedule":         "internal/velero/schedule",
	"backup_storage_location": "internal/velero/location",
	"domain":                  "internal/istio/domain",
	"external_service":        "internal/istio/external",
	"platform_component":      "internal/platform/component",
	"platform_config":         "internal/platform/config",
	"restore":                 "internal/velero/restore",
	"revision_traffic":        "internal/knative/traffic",
}

// message is the first cell of a row of the table of errors.
var message = regexp.MustCompile("(?m)^\\| `(.+?)` \\|")

// Every error that a resource's page names is one that the resource can give: its
// summary stands in the resource's package, or in one that it imports.
func TestPagesNameErrorsThatThereAre(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(checkout, "docs/resources/*.md"))
	if err != nil || len(pages) != len(home) {
		t.Fatalf("there are %d pages of resources and %d homes of resources (%v)", len(pages), len(home), err)
	}
	source := texts{}
	for _, page := range pages {
		resource := strings.TrimSuffix(filepath.Base(page), ".md")
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		_, section, _ := strings.Cut(string(content), "\n## Errors\n")
		errors := message.FindAllStringSubmatch(section, -1)
		if len(errors) < 5 {
			t.Errorf("%s names %d errors", page, len(errors))
		}
		said := source.of(t, home[resource])
		for _, match := range errors {
			if !slices.Contains(said, plain(match[1])) {
				t.Errorf("%s names the error %q, which stands neither in %s nor in what that imports", page, match[1], home[resource])
			}
		}
	}
}

const module = "github.com/sls-platform/terraform-provider-sls/"

// texts are those that packages of the provider put together, by package.
type texts map[string]struct{ own, imports []string }

// of returns the texts of a package and of all that it imports of the provider.
func (known texts) of(t *testing.T, folder string) (all []string) {
	t.Helper()
	seen := []string{folder}
	for i := 0; i < len(seen); i++ {
		read, ok := known[seen[i]]
		if !ok {
			read.own, read.imports = readTexts(t, seen[i])
			known[seen[i]] = read
		}
		all = append(all, read.own...)
		for _, imported := range read.imports {
			if !slices.Contains(seen, imported) {
				seen = append(seen, imported)
			}
		}
	}
	return all
}

// readTexts returns the texts of one package, and which others of the provider it
// imports.
func readTexts(t *testing.T, folder string) (found, imports []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(checkout, folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no Go package in %s (%v)", folder, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			if imported, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module); ours {
				imports = append(imports, imported)
			}
		}
		ast.Inspect(file, func(node ast.Node) bool {
			expression, ok := node.(ast.Expr)
			if !ok {
				return true
			}
			text, isText := textOf(expression)
			if isText {
				found = append(found, plain(text))
			}
			return !isText // parts of a sum are no texts by themselves
		})
	}
	return found, imports
}

// verb is what a format puts a value in place of.
var verb = regexp.MustCompile(`%(?:\[\d+\])?[a-z]`)

// textOf returns a text that the source spells out, with … for what it does not.
func textOf(expression ast.Expr) (string, bool) {
	switch e := expression.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return verb.ReplaceAllString(text, "…"), err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		before, isText := textOf(e.X)
		after, alsoText := textOf(e.Y)
		if e.Op != token.ADD || !isText && !alsoText {
			return "", false
		}
		if !isText {
			before = "…"
		}
		if !alsoText {
			after = "…"
		}
		return before + after, true
	}
	return "", false
}

// several are values beside one another, as namespace/name.
var several = regexp.MustCompile(`…(?:[ /]?…)+`)

// plain is a text in which values that stand together are one.
func plain(text string) string { return several.ReplaceAllString(text, "…") }
