package status

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/yaml"
)

// compatibilityFile is a file of data, so that who knows of a new release can
// add it without reading Go, and with the source it is from.
//
//go:embed compatibility.yaml
var compatibilityFile []byte

// rule says which releases of one product go with which of another.
type rule struct {
	Product  product           `json:"product"`
	With     product           `json:"with"`
	Sources  []string          `json:"sources"`
	Releases map[string]bounds `json:"releases"` // by the product's minor version
}

// bounds are minor versions, both included; an empty one bounds nothing.
type bounds struct {
	Min string `json:"min,omitempty"`
	Max string `json:"max,omitempty"`
}

// parseRules reads the table. Unknown fields are refused: a misspelt max would
// otherwise allow everything.
func parseRules(data []byte) ([]rule, error) {
	var rules []rule
	if err := yaml.UnmarshalStrict(data, &rules); err != nil {
		return nil, err
	}
	for _, r := range rules {
		for _, name := range []product{r.Product, r.With} {
			if _, known := productNames[name]; !known {
				return nil, fmt.Errorf("there is no product %q", string(name))
			}
		}
		if len(r.Sources) == 0 || len(r.Releases) == 0 {
			return nil, fmt.Errorf("the rule for %s with %s lacks sources or releases", r.Product, r.With)
		}
		for release, b := range r.Releases {
			if b == (bounds{}) {
				return nil, fmt.Errorf("%s %s with %s has neither min nor max", r.Product, release, r.With)
			}
			for _, text := range []string{release, b.Min, b.Max} {
				if text == "" {
					continue
				}
				parsed, err := version.ParseGeneric(text)
				if err != nil || minor(parsed) != text {
					return nil, fmt.Errorf("%s %s with %s: %q is no minor version, such as \"1.30\"", r.Product, release, r.With, text)
				}
			}
		}
	}
	return rules, nil
}

// judge compares what is installed with the rules. compatible is nil where that
// can't be said: a version is unknown, the table knows nothing of it, or nothing
// that it has rules for is installed.
func judge(rules []rule, installed map[product]installation) (compatible *bool, problems []string) {
	fits, judged, undecided := true, false, false
	for _, r := range rules {
		of, with := installed[r.Product], installed[r.With]
		if of.presence == absent || with.presence == absent {
			continue
		}
		if of.version == "" || with.version == "" {
			undecided = true // why it is unknown was told where it was looked for
			continue
		}
		b, known := r.Releases[minorOf(of.version)]
		if !known {
			undecided = true
			problems = append(problems, fmt.Sprintf("Whether %s %s goes with %s %s is not known: the provider's table has %s. A newer provider may know more; its sources are %s.",
				r.Product, of.version, r.With, with.version, span(r), strings.Join(r.Sources, " and ")))
			continue
		}
		judged = true
		if !b.allow(with.version) {
			fits = false
			problems = append(problems, fmt.Sprintf("%s %s does not go with %s %s: it is for %s. Change either; the source is %s.",
				r.Product, of.version, r.With, with.version, b, r.Sources[0]))
		}
	}
	switch {
	case !fits:
		return &fits, problems
	case undecided || !judged:
		return nil, problems
	}
	return &fits, problems
}

// allow tells whether a version is within the bounds. It counts by minor
// version: suffixes of vendors (1.35.4-gke.1) would otherwise make a release
// look older than itself.
func (b bounds) allow(text string) bool {
	is := version.MustParseGeneric(minorOf(text))
	if b.Min != "" && is.LessThan(version.MustParseGeneric(b.Min)) {
		return false
	}
	return b.Max == "" || !version.MustParseGeneric(b.Max).LessThan(is)
}

func (b bounds) String() string {
	switch {
	case b.Max == "":
		return b.Min + " and newer"
	case b.Min == "":
		return b.Max + " and older"
	}
	return b.Min + " to " + b.Max
}

// span says which releases a rule knows.
func span(r rule) string {
	releases := slices.SortedFunc(maps.Keys(r.Releases), func(a, b string) int {
		older, err := version.MustParseGeneric(a).Compare(b)
		if err != nil {
			return strings.Compare(a, b)
		}
		return older
	})
	if len(releases) == 1 {
		return "release " + releases[0] + " only"
	}
	return "releases " + releases[0] + " to " + releases[len(releases)-1]
}
