package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const checkout = "../.."

// A block is what a document shows between fences.
type block struct {
	language, text string
	line           int
}

// head is the block's first line, where a comment may name the file it is.
func (b block) head() string {
	head, _, _ := strings.Cut(b.text, "\n")
	return head
}

// documents returns what people read, by its place in the checkout.
func documents(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(checkout, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(checkout, path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || name == ".git" || name == "templates" || name == "dist"):
			return fs.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		content, err := os.ReadFile(path)
		found[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, expected := range []string{"README.md", "CONTRIBUTING.md", "docs/resources/application.md", "modules/application/README.md"} {
		if found[expected] == "" {
			t.Fatalf("%s was not found", expected)
		}
	}
	return found
}

// blocks returns the fenced blocks of a document. What terraform-docs has written
// shows the types of inputs, and is none of ours.
func blocks(document string) (found []block) {
	var open *block
	for number, line := range strings.Split(document, "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case open == nil && strings.HasPrefix(line, "<!-- BEGIN_TF_DOCS"):
			return found
		case isFence && open == nil:
			open = &block{language: fence, line: number + 1}
		case isFence:
			found = append(found, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return found
}

var (
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	target     = regexp.MustCompile(`(?m)^([a-z-]+):.*## `)
	makeInline = regexp.MustCompile("`(?:[A-Z_]+=\\S+ )*make ([a-z-]+)")
	makeShell  = regexp.MustCompile(`(?m)^\s*(?:[A-Z_]+=\S+ )*make ([a-z-]+)`)
)

// What a document links to exists, and so does every target of make that one
// names.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(checkout, "GNUmakefile"))
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, match := range target.FindAllStringSubmatch(string(makefile), -1) {
		targets = append(targets, match[1])
	}
	for name, document := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(document, -1) {
			place, _, _ := strings.Cut(match[1], "#")
			// Pages of docs/ link to one another as a registry shows them.
			if place == "" || strings.Contains(place, "://") || strings.HasPrefix(name, "docs/") && !strings.Contains(place, ".") {
				continue
			}
			if _, err := os.Stat(filepath.Join(checkout, filepath.Dir(name), place)); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, match[1])
			}
		}
		named := makeInline.FindAllStringSubmatch(document, -1)
		for _, block := range blocks(document) {
			if block.language == "sh" || block.language == "shell" {
				named = append(named, makeShell.FindAllStringSubmatch(block.text, -1)...)
			}
		}
		for _, match := range named {
			if !slices.Contains(targets, match[1]) {
				t.Errorf("%s names %q, which is no target", name, "make "+match[1])
			}
		}
	}
}
