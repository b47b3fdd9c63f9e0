package status

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func table(t *testing.T) []rule {
	t.Helper()
	rules, err := parseRules(compatibilityFile)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestTableIsKept(t *testing.T) {
	if unquoted := regexp.MustCompile(`(?m)^\s*[0-9.]+:.*|(min|max): *[0-9].*`).Find(compatibilityFile); unquoted != nil {
		t.Errorf("to YAML, a version without quotes is a number, and 1.30 is 1.3: %s", unquoted)
	}
	for _, r := range table(t) {
		for _, source := range r.Sources {
			if !strings.HasPrefix(source, "https://") {
				t.Errorf("%s with %s: the source %q is no address", r.Product, r.With, source)
			}
		}
	}
}

// The table says of Knative's release that this provider is built with what that
// release says itself. An update of the module that changes it fails here.
func TestTableAgreesWithKnativesModule(t *testing.T) {
	// The module's source is read, and not imported: the constant's package
	// brings a dependency that nothing else has a use for.
	const format = "{{.Version}} {{.Dir}}"
	module := func(name string) (version, dir string) {
		output, err := exec.Command("go", "list", "-m", "-f", format, name).Output()
		if err != nil {
			t.Fatalf("looking for the module %s: %s", name, err)
		}
		version, dir, _ = strings.Cut(strings.TrimSpace(string(output)), " ")
		return version, dir
	}
	version, _ := module("knative.dev/serving")
	var number int
	if _, err := fmt.Sscanf(version, "v0.%d.", &number); err != nil {
		t.Fatalf("the version %s of knative.dev/serving: %s", version, err)
	}
	const zero = 27 // Knative 1.0 is the module's v0.27
	release := fmt.Sprintf("1.%d", number-zero)

	_, dir := module("knative.dev/pkg")
	source, err := os.ReadFile(filepath.Join(dir, "version", "version.go"))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?i)default\w*Min\w*Version = "v(\d+\.\d+)`).FindSubmatch(source)
	if match == nil {
		t.Fatal("Knative's module names no oldest Kubernetes where it did")
	}
	for _, r := range table(t) {
		if r.Product == knativeServing && r.With == kubernetes {
			if got, want := r.Releases[release].Min, string(match[1]); got != want {
				t.Errorf("Knative %s needs Kubernetes %s, the table says %q", release, want, got)
			}
			return
		}
	}
	t.Error("the table has no rule for Knative with Kubernetes")
}

func TestParseRulesRefuses(t *testing.T) {
	const head = "- product: istio\n  with: kubernetes\n  sources: [https://a]\n"
	for name, test := range map[string]struct{ text, want string }{
		"a product that is none":   {strings.Replace(head, "istio", "isito", 1) + "  releases: {\"1.1\": {min: \"1.2\"}}", "isito"},
		"no sources":               {strings.Replace(head, "[https://a]", "[]", 1) + "  releases: {\"1.1\": {min: \"1.2\"}}", "lacks sources"},
		"no releases":              {head, "lacks sources or releases"},
		"a misspelt bound":         {head + "  releases: {\"1.1\": {mix: \"1.2\"}}", "mix"},
		"no bound":                 {head + "  releases: {\"1.1\": {}}", "neither min nor max"},
		"a bound that is no minor": {head + "  releases: {\"1.1\": {min: \"1.2.3\"}}", "1.2.3"},
		"a release that is none":   {head + "  releases: {\"newest\": {min: \"1.2\"}}", "newest"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseRules([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	rules := []rule{
		{knativeServing, kubernetes, []string{"https://k"}, map[string]bounds{"1.9": {Min: "1.29"}, "1.10": {Min: "1.30"}}},
		{istio, kubernetes, []string{"https://i"}, map[string]bounds{"1.20": {Min: "1.29", Max: "1.31"}}},
		{velero, kubernetes, []string{"https://v"}, map[string]bounds{"1.18": {Max: "1.31"}}},
	}
	yes, no := new(bool), new(bool)
	*yes = true
	is := func(version string) installation { return installation{present, version} }
	none := installation{presence: absent}
	for name, test := range map[string]struct {
		installed  map[product]installation
		compatible *bool
		problems   []string // what each says, in order
	}{
		"all fit":                    {map[product]installation{kubernetes: is("1.30.2"), knativeServing: is("1.10.0"), istio: is("1.20.1"), velero: none}, yes, nil},
		"the ends are included":      {map[product]installation{kubernetes: is("1.29.0"), knativeServing: is("1.9.9"), istio: is("1.20.0"), velero: none}, yes, nil},
		"the newest end too":         {map[product]installation{kubernetes: is("1.31.99"), knativeServing: none, istio: is("1.20.0"), velero: is("1.18.3")}, yes, nil},
		"a vendor's suffix":          {map[product]installation{kubernetes: is("1.30.0-gke.100"), knativeServing: is("1.10.0"), istio: none, velero: none}, yes, nil},
		"too old":                    {map[product]installation{kubernetes: is("1.29.9"), knativeServing: is("1.10.0"), istio: none, velero: none}, no, []string{"Knative Serving 1.10.0 does not go with Kubernetes 1.29.9: it is for 1.30 and newer"}},
		"too new":                    {map[product]installation{kubernetes: is("1.32.0"), knativeServing: is("1.10.0"), istio: is("1.20.0"), velero: none}, no, []string{"Istio 1.20.0 does not go with Kubernetes 1.32.0: it is for 1.29 to 1.31"}},
		"two that don't":             {map[product]installation{kubernetes: is("1.32.0"), knativeServing: none, istio: is("1.20.0"), velero: is("1.18.0")}, no, []string{"Istio", "it is for 1.31 and older"}},
		"a release nobody told of":   {map[product]installation{kubernetes: is("1.30.0"), knativeServing: is("1.11.0"), istio: is("1.20.0"), velero: none}, nil, []string{"Whether Knative Serving 1.11.0 goes with Kubernetes 1.30.0 is not known: the provider's table has releases 1.9 to 1.10"}},
		"one release only":           {map[product]installation{kubernetes: is("1.30.0"), knativeServing: none, istio: is("1.21.0"), velero: none}, nil, []string{"has release 1.20 only"}},
		"a version unknown":          {map[product]installation{kubernetes: is("1.30.0"), knativeServing: is(""), istio: is("1.20.0"), velero: none}, nil, nil},
		"hidden":                     {map[product]installation{kubernetes: is("1.30.0"), istio: is("1.20.0"), velero: none}, nil, nil},
		"unknown, and one that isnt": {map[product]installation{kubernetes: is("1.32.0"), knativeServing: is(""), istio: is("1.20.0"), velero: none}, no, []string{"Istio"}},
		"nothing to judge":           {map[product]installation{kubernetes: is("1.30.0"), knativeServing: none, istio: none, velero: none}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			compatible, problems := judge(rules, test.installed)
			if (compatible == nil) != (test.compatible == nil) || (compatible != nil && *compatible != *test.compatible) {
				t.Errorf("got %v", compatible)
			}
			says(t, problems, test.problems)
		})
	}
}

// says checks that there are as many problems as texts, and that each says its.
func says(t *testing.T, problems, texts []string) {
	t.Helper()
	if len(problems) != len(texts) {
		t.Errorf("got %d problems, want %d:\n%s", len(problems), len(texts), strings.Join(problems, "\n"))
		return
	}
	for i, text := range texts {
		if !strings.Contains(problems[i], text) {
			t.Errorf("problem %d says\n%s\nwant\n%s", i, problems[i], text)
		}
	}
}
