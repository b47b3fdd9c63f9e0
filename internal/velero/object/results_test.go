package object

import (
	"bytes"
	"compress/gzip"
	"errors"
	"slices"
	"strings"
	"testing"
)

func zipped(t *testing.T, text string) *bytes.Buffer {
	t.Helper()
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &file
}

func TestParseResults(t *testing.T) {
	got := parseResults(zipped(t, `{"errors": {"velero": [" message: /a"], "cluster": ["b"], "namespaces": {"z": ["d"], "m": [" c"]}}, "warnings": {}}`))
	if want := []string{"message: /a", "b", "m: c", "z: d"}; !slices.Equal(got.Errors, want) || got.Warnings != nil || got.Unread != nil {
		t.Errorf("got %+v, want the errors %v", got, want)
	}
	for _, text := range []string{"no JSON", `["a list"]`} {
		if got := parseResults(zipped(t, text)); got.Unread == nil {
			t.Errorf("%s: got %+v", text, got)
		}
	}
	if got := parseResults(strings.NewReader("not zipped")); got.Unread == nil {
		t.Errorf("got %+v", got)
	}
}

// What people are shown: the first errors, or else warnings, and how many more.
func TestFirst(t *testing.T) {
	for _, test := range []struct {
		results Results
		want    string
	}{
		{Results{Errors: []string{"a"}, Warnings: []string{"b"}}, "Errors:\n  - a"},
		{Results{Warnings: []string{"a", "b", "c", "d", "e", "f", "g"}}, "Warnings:\n  - a\n  - b\n  - c\n  - d\n  - e\n  - and 2 more"},
		{Results{}, "Velero has noted nothing of it."},
		{Results{Unread: errors.New("no route")}, "What Velero has noted of it can't be read from here (no route); velero … describe --details shows it."},
	} {
		if got := test.results.First(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// An address to download from is as good as a password.
func TestWithoutQuery(t *testing.T) {
	const address = "http://store/bucket/file?X-Amz-Signature=secret"
	if got := withoutQuery(errors.New(`Get "`+address+`": no route`), address); strings.Contains(got.Error(), "secret") || !strings.Contains(got.Error(), "no route") {
		t.Errorf("got %s", got)
	}
}
