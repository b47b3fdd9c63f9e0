package manifest

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string // the objects, or what the error says
		err  []string
	}{
		"one":       {text: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", want: []string{"ConfigMap a"}},
		"JSON":      {text: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`, want: []string{"ConfigMap a"}},
		"CRLF":      {text: "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n---\r\napiVersion: v1\r\nkind: Secret\r\nmetadata: {name: b}\r\n", want: []string{"ConfigMap a", "Secret b"}},
		"separator": {text: "# a license\n---\n---\n# Source: chart\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n--- # the next\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\n---\n", want: []string{"ConfigMap a", "Secret b"}},
		"in a text": {text: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  text: |\n    one\n    ---\n    two\n", want: []string{"ConfigMap a"}},
		"a list":    {text: "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n", want: []string{"ConfigMap a", "Secret b"}},
		"generated": {text: "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a-}\n", want: []string{"Job "}},

		"nothing":       {text: "# only a comment\n---\n", err: []string{"There is no object in it"}},
		"not YAML":      {text: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\na: [\n", err: []string{"the document at line 5", "can't be parsed"}},
		"a key twice":   {text: "apiVersion: v1\nkind: ConfigMap\nkind: Secret\nmetadata: {name: a}\n", err: []string{"line 1", "kind"}},
		"a text":        {text: "<!DOCTYPE html>\n", err: []string{"It is no object"}},
		"lacks":         {text: "kind: ConfigMap\n", err: []string{"an apiVersion and a metadata.name"}},
		"lacks in list": {text: "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap}\n", err: []string{"item 1", "a metadata.name"}},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := Inline(test.text).parse()
			var broken *Error
			if len(test.err) > 0 {
				if !errors.As(err, &broken) || broken.Attribute != "source" {
					t.Fatalf("the error is %v", err)
				}
				for _, part := range test.err {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("the error does not say %q: %s", part, err)
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, p := range all {
				meta, _ := p.object["metadata"].(map[string]any)
				name, _ := meta["name"].(string)
				names = append(names, p.object["kind"].(string)+" "+name) //nolint:errcheck // parse has looked
			}
			if strings.Join(names, ",") != strings.Join(test.want, ",") {
				t.Errorf("the objects are %q, not %q", names, test.want)
			}
		})
	}
}

// A whole number stays one: as 1e+06 the API server would not take it for a port
// or a size.
func TestParseKeepsIntegers(t *testing.T) {
	all, err := Inline("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nport: 1000000\nshare: 0.5\n").parse()
	if err != nil {
		t.Fatal(err)
	}
	if port, ok := all[0].object["port"].(int64); !ok || port != 1000000 {
		t.Errorf("the port is a %T", all[0].object["port"])
	}
	if share, ok := all[0].object["share"].(float64); !ok || share != 0.5 {
		t.Errorf("the share is a %T", all[0].object["share"])
	}
}
