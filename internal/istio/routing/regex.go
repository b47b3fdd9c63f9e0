package routing

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Envoy matches by RE2, which Go's expressions are a dialect of, and a list of
// routes with one expression that it can't use is refused whole: every domain of
// the gateway would keep its old routes until that one is taken away again.
// Hence what is checked here is stricter than what Istio checks.
const (
	// maxExpression is what Istio accepts, in bytes.
	maxExpression = 1024
	// maxProgram is how many instructions an expression may come to by programSize.
	// Istio has Envoy refuse 32768.
	maxProgram = 10000
)

// CheckRegex says why an expression is none that the gateway can use.
func CheckRegex(expression string) error {
	_, err := parseRegex(expression)
	return err
}

// parseRegex reads an expression as Envoy will.
func parseRegex(expression string) (*syntax.Regexp, error) {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		var syntaxError *syntax.Error
		if errors.As(err, &syntaxError) {
			return nil, fmt.Errorf("%s: %q", syntaxError.Code, syntaxError.Expr)
		}
		return nil, err
	}
	if class := unknownClass(expression); class != "" {
		return nil, fmt.Errorf(`the gateway may not know the class %s: use the short name of a category, such as \pL, or a script, such as \p{Greek}`, class)
	}
	if programSize(parsed.Simplify()) > maxProgram {
		return nil, errors.New("it would take the gateway too large a program: repeat less, or smaller character classes")
	}
	return parsed, nil
}

var classUse = regexp.MustCompile(`\\[pP](?:\{\^?([^}]*)\}|(.))`)

// unknownClass returns a Unicode class that Go knows and RE2 may not.
func unknownClass(expression string) string {
	for _, use := range classUse.FindAllStringSubmatch(strings.ReplaceAll(expression, `\\`, ``), -1) {
		name := use[1] + use[2]
		_, script := unicode.Scripts[name]
		category := slices.Contains(categories, name)
		if !script && !category {
			return use[0]
		}
	}
	return ""
}

// categories are those of all versions of RE2.
var categories = strings.Fields("Any C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs")

// anyCharacter is what a range over all lengths of characters takes.
const anyCharacter = 16

// programSize is an upper bound of the instructions that RE2 makes of a simplified
// expression, give or take a few. It works on bytes, so that a range of characters
// takes several where its characters take more than one.
func programSize(re *syntax.Regexp) int {
	size := 2
	switch re.Op {
	case syntax.OpLiteral:
		size += 4 * len(re.Rune)
	case syntax.OpCharClass:
		size += 4 * len(re.Rune) / 2
		if last := len(re.Rune) - 1; last >= 0 && re.Rune[last] > unicode.MaxASCII {
			size += anyCharacter
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		size += anyCharacter
	}
	for _, sub := range re.Sub {
		size += programSize(sub)
	}
	return size
}

// unanchored takes away ^ at the beginning and $ at the end: an expression has
// to match the whole text with or without them.
func unanchored(re *syntax.Regexp) *syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		if inner := unanchored(re.Sub[0]); inner != re.Sub[0] {
			return inner // what it captures is used for nothing
		}
	case syntax.OpBeginText, syntax.OpEndText:
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	case syntax.OpConcat:
		subs := re.Sub
		for len(subs) > 0 && subs[0].Op == syntax.OpBeginText {
			subs = subs[1:]
		}
		for len(subs) > 0 && subs[len(subs)-1].Op == syntax.OpEndText {
			subs = subs[:len(subs)-1]
		}
		if len(subs) < len(re.Sub) {
			return &syntax.Regexp{Op: syntax.OpConcat, Flags: re.Flags, Sub: subs}
		}
	}
	return re
}

// has reports whether the predicate is true of the expression or any part of it.
func has(re *syntax.Regexp, predicate func(*syntax.Regexp) bool) bool {
	return predicate(re) || slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return has(sub, predicate) })
}

var errSeparator = errors.New("a cookie's value can't contain a semicolon, which ends it")

// confine rewrites an expression for a cookie's value so that it can't match
// across the value's end, which it would else, since it stands within one for
// the whole header: `a.*z` would be true of `a=1; b=z`. An expression that can't
// anyway is returned as it is.
func confine(expression string) (string, error) {
	parsed, err := parseRegex(expression)
	if err != nil {
		return "", err
	}
	bare := unanchored(parsed)
	if has(bare, func(re *syntax.Regexp) bool { return re.Op == syntax.OpLiteral && slices.Contains(re.Rune, ';') }) {
		return "", errSeparator
	}
	if has(bare, func(re *syntax.Regexp) bool {
		return slices.Contains([]syntax.Op{syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine}, re.Op)
	}) {
		return "", errors.New("^ and $ can only stand at the beginning and at the end; they are not needed, since the whole value has to match")
	}
	if bare == parsed && !strings.Contains(expression, `\Q`) && !has(bare, matchesSemicolon) {
		return expression, nil
	}
	withoutSemicolon(bare)
	if has(bare, func(re *syntax.Regexp) bool { return re.Op == syntax.OpNoMatch }) {
		return "", errSeparator
	}
	if confined := bare.String(); confined != "" {
		return confined, nil
	}
	return "(?:)", nil // as text, the empty value's
}

func matchesSemicolon(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i] <= ';' && ';' <= re.Rune[i+1] {
				return true
			}
		}
	}
	return false
}

func withoutSemicolon(re *syntax.Regexp) {
	if matchesSemicolon(re) {
		ranges := []rune{0, unicode.MaxRune}
		if re.Op == syntax.OpCharClass {
			ranges = re.Rune
		}
		var kept []rune
		for i := 0; i < len(ranges); i += 2 {
			low, high := ranges[i], ranges[i+1]
			if low <= ';' && ';' <= high {
				if low < ';' {
					kept = append(kept, low, ';'-1)
				}
				low = ';' + 1
			}
			if low <= high {
				kept = append(kept, low, high)
			}
		}
		re.Op, re.Rune = syntax.OpCharClass, kept
		if len(kept) == 0 {
			re.Op = syntax.OpNoMatch
		}
	}
	for _, sub := range re.Sub {
		withoutSemicolon(sub)
	}
}

// whole compiles a valid expression so that it has to match the whole text, as
// Envoy uses it.
func whole(expression string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:` + expression + `)$`)
}

// beginning returns what every text begins with that the valid expression
// matches.
func beginning(expression string) string {
	text, _ := regexp.MustCompile(expression).LiteralPrefix()
	if strings.HasPrefix(expression, "^") {
		text, _ = regexp.MustCompile(expression[1:]).LiteralPrefix()
	}
	return text
}

// matchesAll reports whether the valid expression matches every text that a
// header or a path can be. It may fail to see that it does.
func matchesAll(expression string) bool {
	parsed, err := parseRegex(expression)
	if err != nil {
		return false
	}
	re := unanchored(parsed).Simplify()
	for re.Op == syntax.OpCapture || re.Op == syntax.OpConcat && len(re.Sub) == 1 {
		re = re.Sub[0]
	}
	return re.Op == syntax.OpStar && (re.Sub[0].Op == syntax.OpAnyChar || re.Sub[0].Op == syntax.OpAnyCharNotNL)
}
