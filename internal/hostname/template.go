// Package hostname makes the domains of applications from a template, such as
// {name}.sls-{cluster}.qunhe.com, and is the provider function domain.
package hostname

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// TemplateError is a template that leads to no host name.
type TemplateError struct{ Problem string }

func (e *TemplateError) Error() string { return e.Problem }

// ValueError is a value that can't be a part of a host name.
type ValueError struct {
	Placeholder string
	Problem     string
}

func (e *ValueError) Error() string { return fmt.Sprintf("%s: %s", e.Placeholder, e.Problem) }

var (
	placeholder = regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_-]*)\}`)
	// part is what may stand in a host name; a value may have several labels.
	part = regexp.MustCompile(`^[a-z0-9.-]*$`)
)

// Render replaces each {placeholder} of the template by its value. The result
// is a valid DNS name. Values that the template has no use for are ignored; one
// that is empty leaves its placeholder out. The error is a *TemplateError or a
// *ValueError.
func Render(template string, values map[string]string) (string, error) {
	for _, found := range placeholder.FindAllStringSubmatch(template, -1) {
		value, given := values[found[1]]
		switch {
		case !given:
			return "", &TemplateError{fmt.Sprintf("there is no value for the placeholder %s%s", found[0], givenPlaceholders(values))}
		case !part.MatchString(value):
			return "", &ValueError{found[1], fmt.Sprintf("%q can't be a part of a domain, which has lower-case letters, digits, hyphens and dots only", value)}
		}
	}
	if rest := placeholder.ReplaceAllLiteralString(template, ""); strings.ContainsAny(rest, "{}") {
		return "", &TemplateError{fmt.Sprintf("in %q a brace does not belong to a placeholder, which has the form {name}", template)}
	}
	host := placeholder.ReplaceAllStringFunc(template, func(found string) string { return values[found[1:len(found)-1]] })
	if problems := Problems(host); len(problems) > 0 {
		return "", &TemplateError{fmt.Sprintf("the result %q is not a valid domain: %s", host, strings.Join(problems, "; "))}
	}
	return host, nil
}

// Problems says why a host is not a valid DNS name; nothing is said of one that
// is. Kubernetes' own check of subdomains does not look at a label's length.
func Problems(host string) []string {
	problems := validation.IsDNS1123Subdomain(host)
	for _, label := range strings.Split(host, ".") {
		if len(label) > validation.DNS1123LabelMaxLength {
			problems = append(problems, fmt.Sprintf("the label %q has %d characters, at most %d are allowed", label, len(label), validation.DNS1123LabelMaxLength))
		}
	}
	return problems
}

func givenPlaceholders(values map[string]string) string {
	if len(values) == 0 {
		return ""
	}
	return "; there are values for " + strings.Join(slices.Sorted(maps.Keys(values)), ", ")
}
