package component

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

var (
	someID    = manifest.ID{Group: "apps", Kind: "Deployment", Namespace: "ns", Name: "web"}
	forbidden = apierrors.NewForbidden(schema.GroupResource{Group: "apps", Resource: "deployments"}, "web", errors.New("no"))
)

// Each error names what it is about, and where it is to be mended.
func TestInWords(t *testing.T) {
	for name, test := range map[string]struct {
		err         error
		summary, at string
		detail      string
	}{
		"another's":             {err: &claimed{someID, "ours", "theirs"}, summary: "apps/Deployment ns/web belongs to another component", detail: "the component ours and the component theirs", at: "source"},
		"there":                 {err: &existingObjects{"ours", []manifest.ID{someID}}, summary: "exist already", detail: "adopt = true", at: "adopt"},
		"a component there":     {err: &existingComponent{"ours"}, summary: "the component exists already", detail: `id = "ours"`, at: "name"},
		"stored":                {err: &storedVersions{someID, []string{"v1"}}, summary: "lacks a version", detail: "stored in v1", at: "source"},
		"unserved":              {err: &unservedKind{&manifest.Object{ID: someID}}, summary: "does not serve", detail: "depends_on", at: "source"},
		"no namespace":          {err: &noNamespace{&manifest.Object{ID: someID}}, summary: "names no namespace", at: "source"},
		"broken inventory":      {err: &brokenInventory{"ours", errors.New("bad")}, summary: "inventory is broken", detail: "kube-system/sls-component-ours", at: "name"},
		"another apply":         {err: &concurrentApply{"ours"}, summary: "somebody else applies"},
		"an image":              {err: &notReady{what: someID.String(), summary: noImage}, summary: "an image can't be pulled", at: "images"},
		"time is up":            {err: &notReady{what: someID.String(), state: "starts", cause: context.DeadlineExceeded}, summary: "is not ready", detail: "timeouts"},
		"interrupted":           {err: &notReady{what: someID.String(), state: "starts", cause: context.Canceled}, summary: "is not ready"},
		"users":                 {err: &foreignObjects{component: "ours", count: 12, some: []string{"a", "b"}}, summary: "12 objects need", detail: "and 10 more", at: "force_destroy"},
		"of an object":          {err: &objectError{someID, forbidden}, summary: "apps/Deployment ns/web: ", detail: "verbs:"},
		"a known one inside":    {err: &objectError{someID, &existingObjects{"ours", []manifest.ID{someID}}}, summary: "1 objects of the manifest", at: "adopt"},
		"a known one, wrapped":  {err: fmt.Errorf("reading: %w", &brokenInventory{"ours", errors.New("bad")}), summary: "inventory is broken", at: "name"},
		"of the manifest":       {err: &manifest.Error{Attribute: "sha256", Summary: "another checksum", Detail: "d"}, summary: "another checksum", detail: "d", at: "sha256"},
		"anything of a cluster": {err: forbidden, summary: "permission"},
	} {
		t.Run(name, func(t *testing.T) {
			p, at := inWords(test.err)
			if !strings.Contains(p.Summary, test.summary) || !strings.Contains(p.Detail, test.detail) || at != test.at {
				t.Errorf("at %q it says %q:\n%s", at, p.Summary, p.Detail)
			}
			if test.err.Error() == "" {
				t.Error("the error says nothing")
			}
		})
	}
	if p, _ := inWords(&notReady{what: "x", cause: context.Canceled}); strings.Contains(p.Detail, "timeouts") {
		t.Errorf("of an interrupted wait it is said that time is up: %s", p.Detail)
	}
}

func TestEach(t *testing.T) {
	a, b, c := errors.New("a"), errors.New("b"), errors.New("c")
	for want, err := range map[string]error{
		"":      nil,
		"a":     a,
		"a b c": errors.Join(a, errors.Join(b, c)),
	} {
		var got []string
		for _, one := range each(err) {
			got = append(got, one.Error())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("of %v there are %q, want %q", err, got, want)
		}
	}
	if p := problemOf(errors.Join(&concurrentApply{"x"}, a)); p.Summary != "somebody else applies the component" {
		t.Errorf("the first problem is %q", p.Summary)
	}
	if p := problemOf(nil); p != (kube.Problem{}) {
		t.Errorf("without an error there is the problem %q", p.Summary)
	}
}

// Problems are told where they are mended, each once, and not by the hundred.
func TestAddError(t *testing.T) {
	shared := &claimed{someID, "ours", "theirs"}
	for name, test := range map[string]struct {
		model Model
		err   error
		paths []string
		last  string
	}{
		"a source's":     {Model{Source: types.StringValue("x.yaml"), Manifest: types.StringNull()}, shared, []string{"source"}, "Doing: apps/Deployment ns/web belongs"},
		"an inline one":  {Model{Manifest: types.StringValue("x")}, shared, []string{"manifest"}, "Doing: apps/Deployment ns/web belongs"},
		"each once":      {Model{}, errors.Join(&concurrentApply{"x"}, &concurrentApply{"x"}), []string{""}, "Doing: somebody else applies"},
		"nothing":        {Model{}, nil, nil, ""},
		"as many as fit": {Model{}, many(5), []string{"", "", "", "", ""}, "Doing: "},
		"and the others": {Model{}, many(8), []string{"", "", "", "", "", ""}, "Doing: 3 more errors"},
	} {
		t.Run(name, func(t *testing.T) {
			var diags diag.Diagnostics
			addError(&diags, &test.model, "Doing", test.err)
			var paths []string
			last := ""
			for _, d := range diags {
				at := ""
				if with, ok := d.(diag.DiagnosticWithPath); ok {
					at = with.Path().String()
				}
				paths, last = append(paths, at), d.Summary()
			}
			if strings.Join(paths, ",") != strings.Join(test.paths, ",") || len(paths) != len(test.paths) || !strings.HasPrefix(last, test.last) {
				t.Errorf("there are errors at %q, the last is %q", paths, last)
			}
		})
	}
}

// many returns joined errors that differ.
func many(n int) error {
	var all []error
	for i := range n {
		all = append(all, &objectError{manifest.ID{Kind: "ConfigMap", Name: fmt.Sprint(i)}, forbidden})
	}
	return errors.Join(all...)
}
