package routing

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A request has one header for all of its cookies, so a condition on cookies is
// one regular expression over that header: the pairs in question, whole, with
// whatever pairs before, between and after them.
const (
	cookiesBefore  = `(?:.*; *)?`
	cookiesBetween = `(?:;.*)?; *`
	cookiesAfter   = `(?:;.*)?`
	// cookieText is any value of a cookie, or any rest of one.
	cookieText = `[^;]*`
)

// maxCookies is how many cookies one match may ask for: a regular expression has
// no 'and', so it names all the orders that they can come in.
const maxCookies = 3

// allCookies is true of a cookie header that has all of the cookies.
func allCookies(cookies map[string]StringMatch) string {
	pairs := cookiePairs(cookies)
	if len(pairs) == 1 {
		return cookiesBefore + pairs[0] + cookiesAfter
	}
	var orders []string
	for _, order := range permutations(pairs) {
		orders = append(orders, strings.Join(order, cookiesBetween))
	}
	return cookiesBefore + "(?:" + strings.Join(orders, "|") + ")" + cookiesAfter
}

// anyCookie is true of a cookie header that has at least one of the cookies.
func anyCookie(cookies map[string]StringMatch) string {
	pairs := cookiePairs(cookies)
	if len(pairs) == 1 {
		return cookiesBefore + pairs[0] + cookiesAfter
	}
	return cookiesBefore + "(?:" + strings.Join(pairs, "|") + ")" + cookiesAfter
}

func cookiePairs(cookies map[string]StringMatch) []string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(cookies)) {
		pairs = append(pairs, regexp.QuoteMeta(name)+"="+cookieValue(cookies[name]))
	}
	return pairs
}

func cookieValue(value StringMatch) string {
	switch value.Operator {
	case Exact:
		return regexp.QuoteMeta(value.Text)
	case Prefix:
		return regexp.QuoteMeta(value.Text) + cookieText
	case Regex:
		confined, err := confine(value.Text)
		if err != nil { // refused by validation
			confined = value.Text
		}
		return "(?:" + confined + ")"
	}
	return cookieText
}

// permutations returns the texts in every order, the given one first.
func permutations(texts []string) [][]string {
	if len(texts) <= 1 {
		return [][]string{texts}
	}
	var all [][]string
	for i, first := range texts {
		rest := slices.Concat(texts[:i], texts[i+1:])
		for _, order := range permutations(rest) {
			all = append(all, append([]string{first}, order...))
		}
	}
	return all
}

// parseAllCookies is the inverse of allCookies.
func parseAllCookies(expression string) (map[string]StringMatch, bool) {
	body, ok := cookieBody(expression)
	if !ok {
		return nil, false
	}
	pairs := []string{body}
	if orders, several := grouped(body); several {
		pairs = strings.Split(alternatives(orders)[0], cookiesBetween)
	}
	cookies, ok := parsePairs(pairs)
	return cookies, ok && allCookies(cookies) == expression
}

// parseAnyCookie is the inverse of anyCookie.
func parseAnyCookie(expression string) (map[string]StringMatch, bool) {
	body, ok := cookieBody(expression)
	if !ok {
		return nil, false
	}
	pairs := []string{body}
	if either, several := grouped(body); several {
		pairs = alternatives(either)
	}
	cookies, ok := parsePairs(pairs)
	return cookies, ok && anyCookie(cookies) == expression
}

func cookieBody(expression string) (string, bool) {
	body, ok := strings.CutPrefix(expression, cookiesBefore)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(body, cookiesAfter)
}

func parsePairs(pairs []string) (map[string]StringMatch, bool) {
	cookies := map[string]StringMatch{}
	for _, pair := range pairs {
		quoted, value, found := strings.Cut(pair, "=") // a cookie's name has no =
		name, ok := unquote(quoted)
		if !found || !ok || len(cookies) == maxCookies {
			return nil, false
		}
		if _, twice := cookies[name]; twice {
			return nil, false
		}
		cookies[name] = parseCookieValue(value)
	}
	return cookies, true
}

// parseCookieValue returns what the expression of a value most likely came from;
// the caller compares what that expands to.
func parseCookieValue(value string) StringMatch {
	if value == cookieText {
		return StringMatch{Operator: Present}
	}
	if inner, ok := grouped(value); ok {
		return StringMatch{Regex, inner}
	}
	if text, ok := unquote(value); ok {
		return StringMatch{Exact, text}
	}
	if quoted, ok := strings.CutSuffix(value, cookieText); ok {
		if text, ok := unquote(quoted); ok {
			return StringMatch{Prefix, text}
		}
	}
	return StringMatch{Regex, value}
}

// unquote is the inverse of regexp.QuoteMeta.
func unquote(quoted string) (string, bool) {
	var text strings.Builder
	for i := 0; i < len(quoted); i++ {
		if quoted[i] == '\\' && i+1 < len(quoted) {
			i++
		}
		text.WriteByte(quoted[i])
	}
	return text.String(), regexp.QuoteMeta(text.String()) == quoted
}

// grouped returns what stands in a group that is the whole expression.
func grouped(expression string) (string, bool) {
	inner, ok := strings.CutPrefix(expression, "(?:")
	if !ok || !strings.HasSuffix(inner, ")") {
		return "", false
	}
	inner = inner[:len(inner)-1]
	depth := 0
	ok = walk(inner, func(_ int, char byte) bool {
		switch char {
		case '(':
			depth++
		case ')':
			depth--
		}
		return depth >= 0
	})
	return inner, ok && depth == 0
}

// alternatives splits an expression at its outermost bars.
func alternatives(expression string) []string {
	var parts []string
	depth, start := 0, 0
	walk(expression, func(at int, char byte) bool {
		switch {
		case char == '(':
			depth++
		case char == ')':
			depth--
		case char == '|' && depth == 0:
			parts = append(parts, expression[start:at])
			start = at + 1
		}
		return true
	})
	return append(parts, expression[start:])
}

// walk calls visit for each byte of an expression that is neither escaped nor in
// a character class, until it returns false. Expressions with \Q don't occur:
// confine writes them anew.
func walk(expression string, visit func(at int, char byte) bool) bool {
	for i := 0; i < len(expression); i++ {
		switch expression[i] {
		case '\\':
			i++
		case '[':
			i = classEnd(expression, i)
		default:
			if !visit(i, expression[i]) {
				return false
			}
		}
	}
	return true
}

// classEnd returns where the character class that begins at that place ends.
func classEnd(expression string, at int) int {
	i := at + 1
	if i < len(expression) && expression[i] == '^' {
		i++
	}
	if i < len(expression) && expression[i] == ']' { // first, it is a character
		i++
	}
	for ; i < len(expression) && expression[i] != ']'; i++ {
		switch {
		case expression[i] == '\\':
			i++
		case strings.HasPrefix(expression[i:], "[:"):
			if end := strings.Index(expression[i:], ":]"); end > 0 {
				i += end + 1
			}
		}
	}
	return i
}
