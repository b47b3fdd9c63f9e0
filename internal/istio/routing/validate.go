package routing

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Key is an element of a Problem's path: a key of a map.
type Key string

// Problem is what is wrong with an attribute. The path's elements are a string
// for an attribute, an int for a place in a list, and a Key.
type Problem struct {
	Path []any
	Text string
}

func (p Problem) String() string {
	var path strings.Builder
	for i, element := range p.Path {
		switch element := element.(type) {
		case Key:
			fmt.Fprintf(&path, "[%q]", string(element))
		case int:
			fmt.Fprintf(&path, "[%d]", element)
		default:
			if i > 0 {
				path.WriteByte('.')
			}
			fmt.Fprint(&path, element)
		}
	}
	return path.String() + ": " + p.Text
}

// beneath puts the problems under an outer path.
func beneath(problems []Problem, outer ...any) []Problem {
	for i := range problems {
		problems[i].Path = append(slices.Clone(outer), problems[i].Path...)
	}
	return problems
}

func problem(text string, path ...any) []Problem {
	return []Problem{{Path: path, Text: text}}
}

// maxRuleName keeps a rule's name readable in the gateway's access log.
const maxRuleName = 63

var (
	ruleName = regexp.MustCompile(`^[A-Za-z0-9]([-_A-Za-z0-9]*[A-Za-z0-9])?$`)
	// token is what HTTP calls by that name: a header's name, a cookie's, a method.
	token       = regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]+$")
	upperMethod = regexp.MustCompile(`^[A-Z][-A-Z]*$`)
)

// ValidateRules returns what is wrong with the rules, each by itself and all
// together. It does not look at where they lead.
func ValidateRules(rules []Rule) []Problem {
	var all []Problem
	names := map[string]int{}
	for i, rule := range rules {
		if len(rule.Name) > maxRuleName || !ruleName.MatchString(rule.Name) {
			all = append(all, problem(fmt.Sprintf("%q is no name for a rule: use at most %d letters, digits, hyphens and underscores.", rule.Name, maxRuleName), "rules", i, "name")...)
		} else if first, twice := names[rule.Name]; twice {
			all = append(all, problem(fmt.Sprintf("rules[%d] has the name %q too: give each rule a name of its own.", first, rule.Name), "rules", i, "name")...)
		} else {
			names[rule.Name] = i
		}
		if len(rule.Matches) == 0 {
			all = append(all, problem("A rule without a match would never be used: say which requests it is for.", "rules", i, "match")...)
		}
		for j, match := range rule.Matches {
			all = append(all, beneath(match.problems(), "rules", i, "match", j)...)
		}
	}
	if len(all) > 0 { // what is invalid can't be compared
		return all
	}
	return unreachable(rules)
}

func (m Match) problems() []Problem {
	if len(m.Headers)+len(m.Cookies)+len(m.Query)+len(m.WithoutHeaders)+len(m.WithoutCookies) == 0 && m.Path == nil && m.Method == nil {
		return problem("An empty match is true of every request: name a condition, or use percents to send everybody to one revision.")
	}
	var all []Problem
	all = append(all, beneath(headerProblems(m.Headers, "cookies"), "headers")...)
	all = append(all, beneath(headerProblems(m.WithoutHeaders, "without_cookies"), "without_headers")...)
	all = append(all, withoutEmpty(m.WithoutHeaders)...)
	all = append(all, cookieProblems(m.Cookies, "cookies", allCookies)...)
	all = append(all, cookieProblems(m.WithoutCookies, "without_cookies", anyCookie)...)
	for _, name := range slices.Sorted(maps.Keys(m.Query)) {
		all = append(all, beneath(queryProblems(name, m.Query[name]), "query", Key(name))...)
	}
	if m.Path != nil {
		all = append(all, beneath(m.Path.pathProblems(), "path")...)
	}
	if m.Method != nil {
		all = append(all, beneath(m.Method.methodProblems(), "method")...)
	}
	return all
}

func headerProblems(headers map[string]StringMatch, cookies string) []Problem {
	var all []Problem
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		lower := strings.ToLower(name)
		if text := headerNameProblem(lower, cookies); text != "" {
			all = append(all, problem(text, Key(name))...)
			continue
		}
		if first, twice := seen[lower]; twice {
			all = append(all, problem(fmt.Sprintf("It is the same header as %q: their names don't differ by case. Join the two conditions, for example by a regular expression.", first), Key(name))...)
			continue
		}
		seen[lower] = name
		all = append(all, beneath(headers[name].valueProblems(), Key(name))...)
	}
	return all
}

// headerNameProblem says why requests can't be told apart by the header of that
// name in lower case.
func headerNameProblem(name, cookies string) string {
	switch {
	case name == cookieHeader:
		return fmt.Sprintf("All cookies of a request are in this one header: use %s, which finds a cookie among the others.", cookies)
	case slices.Contains([]string{"uri", "scheme", "method", "authority", "host"}, name), strings.HasPrefix(name, ":"), strings.HasPrefix(name, "@request.auth"):
		return fmt.Sprintf("Istio takes %q for something else than a header: use path or method; rules apply to all hosts of the application.", name)
	case !token.MatchString(name):
		return fmt.Sprintf("%q can't be a header's name: letters, digits and any of !#$%%&'*+-.^_`|~ make one.", name)
	}
	return ""
}

// valueProblems says what is wrong with a condition on a header's value.
func (m StringMatch) valueProblems() []Problem {
	if all := m.textProblems(); len(all) > 0 || m.Operator == Present || m.Operator == Regex {
		return all
	}
	if strings.TrimLeft(m.Text, " \t") != m.Text || m.Operator == Exact && strings.TrimSpace(m.Text) != m.Text {
		return problem("Spaces around a value are no part of it, so this would never match: leave them out.", string(m.Operator))
	}
	return nil
}

// textProblems says what is wrong with a condition on any text.
func (m StringMatch) textProblems() []Problem {
	operator := string(m.Operator)
	switch {
	case m.Operator == Present:
		return nil
	case m.Operator != Exact && m.Operator != Prefix && m.Operator != Regex:
		return problem(fmt.Sprintf("Use exactly one of %s, %s, %s and %s.", Exact, Prefix, Regex, Present))
	case m.Text == "":
		return problem(fmt.Sprintf("It must not be empty: use %s for any value, or a regular expression such as \"x?\" for one that may be empty.", Present), operator)
	case strings.ContainsFunc(m.Text, unicode.IsControl):
		return problem("It holds a control character, which no request can.", operator)
	case m.Operator != Regex:
		return nil
	case len(m.Text) > maxExpression:
		return tooLong(len(m.Text), operator)
	}
	if _, err := parseRegex(m.Text); err != nil {
		return problem(fmt.Sprintf("It is no regular expression of RE2 that the gateway can use: %s.", err), operator)
	}
	return nil
}

func tooLong(length int, path ...any) []Problem {
	return problem(fmt.Sprintf("It comes to a regular expression of %d bytes, and Istio accepts %d: use a shorter one, or several matches.", length, maxExpression), path...)
}

// withoutEmpty refuses expressions in without_headers that are true of an empty
// value: the gateway takes a missing header for an empty one there, so that
// requests without the header would not match, against the attribute's name.
func withoutEmpty(headers map[string]StringMatch) []Problem {
	var all []Problem
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		match := headers[name]
		if match.Operator == Regex && len(match.textProblems()) == 0 && whole(match.Text).MatchString("") {
			all = append(all, problem(fmt.Sprintf("It is true of an empty value, and the gateway takes a missing header for an empty one here: use %s, or an expression that needs a character, such as \".+\".", Present),
				"without_headers", Key(name), string(Regex))...)
		}
	}
	return all
}

func cookieProblems(cookies map[string]StringMatch, attribute string, expand func(map[string]StringMatch) string) []Problem {
	var all []Problem
	for _, name := range slices.Sorted(maps.Keys(cookies)) {
		if !token.MatchString(name) {
			all = append(all, problem(fmt.Sprintf("%q can't be a cookie's name: letters, digits and any of !#$%%&'*+-.^_`|~ make one.", name), attribute, Key(name))...)
			continue
		}
		all = append(all, beneath(cookieValueProblems(cookies[name]), attribute, Key(name))...)
	}
	if len(all) > 0 || len(cookies) == 0 {
		return all
	}
	if len(cookies) > maxCookies {
		return problem(fmt.Sprintf("A match can ask for %d cookies at most, and this one asks for %d: a regular expression has to name them in every order. Put the other conditions elsewhere, for example into a header.", maxCookies, len(cookies)), attribute)
	}
	expression := expand(cookies)
	if len(expression) > maxExpression {
		return tooLong(len(expression), attribute)
	}
	// Each by itself is small enough, and several stand in it in every order.
	if _, err := parseRegex(expression); err != nil {
		return problem(fmt.Sprintf("Together they come to a regular expression that the gateway can't use: %s.", err), attribute)
	}
	return nil
}

func cookieValueProblems(match StringMatch) []Problem {
	if all := match.valueProblems(); len(all) > 0 || match.Operator == Present {
		return all
	}
	if match.Operator == Regex {
		if _, err := confine(match.Text); err != nil {
			return problem(fmt.Sprintf("It can't be used for a cookie: %s.", err), string(Regex))
		}
		return nil
	}
	if strings.Contains(match.Text, ";") {
		return problem(fmt.Sprintf("It can't be used for a cookie: %s.", errSeparator), string(match.Operator))
	}
	return nil
}

// urlText is what stands in a URL as it is; all else is encoded there.
func inURL(text, reserved string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= unicode.MaxASCII || strings.ContainsRune(reserved, r)
	})
}

func queryProblems(name string, match StringMatch) []Problem {
	const asSent = "The gateway compares names and values as they are sent, so this would never match: write it as the URL has it, usually %q."
	if name == "" {
		return problem("A query parameter needs a name.")
	}
	if !inURL(name, "&#=") {
		return problem(fmt.Sprintf(asSent, url.QueryEscape(name)))
	}
	if all := match.textProblems(); len(all) > 0 || match.Operator == Present || match.Operator == Regex {
		return all
	}
	if !inURL(match.Text, "&#") {
		return problem(fmt.Sprintf(asSent, url.QueryEscape(match.Text)), string(match.Operator))
	}
	return nil
}

func (m StringMatch) pathProblems() []Problem {
	if m.Operator == Present {
		return problem(fmt.Sprintf("Every request has a path: use %s, %s or %s.", Exact, Prefix, Regex), string(Present))
	}
	if all := m.textProblems(); len(all) > 0 {
		return all
	}
	operator := string(m.Operator)
	if m.Operator == Regex {
		if start := beginning(m.Text); start != "" && start[0] != '/' {
			return problem("Paths begin with a slash, so this would never match.", operator)
		}
		return nil
	}
	switch {
	case m.Text[0] != '/':
		return problem(fmt.Sprintf("Paths begin with a slash: %q.", "/"+m.Text), operator)
	case strings.ContainsAny(m.Text, "?#"):
		return problem("The query is no part of the path: use query for it. A ? in the path itself is sent as %3F, a # as %23.", operator)
	case !inURL(m.Text, ""):
		return problem(fmt.Sprintf("The gateway compares paths as they are sent, so this would never match: write %q.", (&url.URL{Path: m.Text}).EscapedPath()), operator)
	case slices.ContainsFunc(strings.Split(m.Text, "/"), func(part string) bool { return part == "." || part == ".." }):
		return problem("The gateway resolves . and .. before it looks at the path, so this would never match: write the path that it comes to.", operator)
	}
	return nil
}

func (m StringMatch) methodProblems() []Problem {
	if m.Operator == Prefix || m.Operator == Present {
		return problem(fmt.Sprintf("Use %s or %s for a method.", Exact, Regex), string(m.Operator))
	}
	if all := m.textProblems(); len(all) > 0 || m.Operator == Regex {
		return all
	}
	if !upperMethod.MatchString(m.Text) {
		return problem(fmt.Sprintf("%q is no method: their names are in capital letters, such as %q.", m.Text, "POST"), string(Exact))
	}
	return nil
}
