package examples_test

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

// A step is a block of a guide that somebody who follows it does something with: a
// configuration to write, or a script to run.
type step struct {
	block
	fresh  bool   // in a new folder
	least  string // the version of Terraform that it needs, or ""
	notRun string // why it can't run here, or ""
}

// mark is a comment before a block that says how it is run; readers don't see it.
var mark = regexp.MustCompile(`(?m)^<!-- run: (.*) -->$`)

// steps returns the steps of a guide.
func steps(t *testing.T, guide string) (found []step) {
	t.Helper()
	lines := strings.Split(guide, "\n")
	before := 0
	for _, b := range blocks(guide) {
		s := step{block: b}
		for _, match := range mark.FindAllStringSubmatch(strings.Join(lines[before:b.line-1], "\n"), -1) {
			what := match[1]
			if least, ok := strings.CutSuffix(what, " on"); ok {
				s.least, ok = strings.CutPrefix(least, "from Terraform ")
				if ok {
					continue
				}
			}
			if why, ok := strings.CutPrefix(what, "not here: "); ok {
				s.notRun = why
				continue
			}
			if what != "in a new folder" {
				t.Fatalf("what does %q mean?", match[0])
			}
			s.fresh = true
		}
		before = b.line
		found = append(found, s)
	}
	return found
}

func (s step) isConfiguration() bool { return s.language == "terraform" || s.language == "hcl" }

func (s step) isScript() bool { return s.language == "shell" || s.language == "sh" }

// Each guide with something to run in a shell is followed by TestAccGuides, and
// what can't run says why.
func TestGuidesAreFollowed(t *testing.T) {
	for name, document := range documents(t) {
		if path.Dir(name) != "docs/guides" {
			continue
		}
		scripts := 0
		for _, s := range steps(t, document) {
			if s.isScript() {
				scripts++
			}
		}
		guide := strings.TrimSuffix(path.Base(name), ".md")
		if _, followed := walks[guide]; followed != (scripts > 0) {
			t.Errorf("%s has %d blocks for a shell; followed: %t", name, scripts, followed)
		}
	}
}
