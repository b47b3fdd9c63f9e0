package routing

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"
)

// Sticky makes percents shares of users: each user has an id, each id a slot,
// and each revision a range of slots. Nothing is stored anywhere but the id.
//
// With a Cookie alone the id is random: the gateway's own request id of the
// user's first request, kept in the cookie. With SuffixDigits it is an id that
// requests carry anyway in the Cookie or the Header, by its last digits.
type Sticky struct {
	Cookie string
	TTL    time.Duration // of the random id's cookie
	Domain string        // of the random id's cookie; empty for the host alone

	Header       string
	SuffixDigits int
}

const (
	hexDigits = 3 // of a random id that make its slot
	// maxSuffixDigits is more than whole percents need.
	maxSuffixDigits = 4

	requestIDHeader = "x-request-id"
	// restOfID is what follows the hexDigits in a UUID, which may lack its hyphens:
	// proxies in front of the gateway write request ids so, and the gateway keeps
	// theirs. All of it is asked for, so that a cookie which is no id of ours
	// counts as none.
	restOfID = `[0-9a-f]{5}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}`
)

// suffixed reports whether users are known by an id that requests carry.
func (s Sticky) suffixed() bool { return s.SuffixDigits > 0 || s.Header != "" }

// slots returns how many slots there are.
func (s Sticky) slots() int {
	base, digits := 16, hexDigits
	if s.suffixed() {
		base, digits = 10, s.SuffixDigits
	}
	total := 1
	for range digits {
		total *= base
	}
	return total
}

// Interval is a range of slots, without High.
type Interval struct{ Low, High int }

// Slots shares out the slots by the percents, in their order; an entry of 0 % has
// an empty Interval. The first entry that has any gets what the others leave. The
// second grows from the low end, the third from the high end, and further ones on
// top of the second. So with up to three revisions a ramp of the later ones moves
// users only from or to the first, and a step back moves the same ones back.
func Slots(percents []int, total int) []Interval {
	at := func(percent int) int { return (total*percent + 50) / 100 }
	intervals := make([]Interval, len(percents))
	first, place, low, high := -1, 0, 0, 0 // low and high: percents given away at either end
	for i, percent := range percents {
		if percent <= 0 {
			continue
		}
		switch place {
		case 0:
			first = i
		case 2:
			high = percent
			intervals[i] = Interval{total - at(percent), total}
		default:
			intervals[i] = Interval{at(low), at(low + percent)}
			low += percent
		}
		place++
	}
	if first >= 0 {
		intervals[first] = Interval{at(low), total - at(high)}
	}
	return intervals
}

// HexRange returns a regular expression for the random ids' slots, as three
// hexadecimal digits.
func HexRange(slots Interval) string {
	return group(digitRange(slots.Low, slots.High-1, hexDigits, 16))
}

// DecimalRange returns a regular expression for the slots as that many decimal
// digits at the end of all digits. A shorter number is read as if it had zeros
// before it.
func DecimalRange(slots Interval, digits int) string {
	var all []string
	limit := 1
	for width := 1; width < digits; width++ {
		if limit *= 10; slots.Low < limit {
			all = append(all, digitRange(slots.Low, min(slots.High, limit)-1, width, 10)...)
		}
	}
	last := group(digitRange(slots.Low, slots.High-1, digits, 10))
	return group(append([]string{"[0-9]*" + last}, all...))
}

func group(alternatives []string) string {
	if len(alternatives) == 1 {
		return alternatives[0]
	}
	return "(?:" + strings.Join(alternatives, "|") + ")"
}

// digitRange returns the fewest alternatives, each a row of digits and of
// classes of them, that together are the numbers from low to high, written with
// exactly that many digits in lower case.
func digitRange(low, high, digits, base int) []string {
	if digits == 0 {
		return []string{""}
	}
	unit := 1 // what the first digit counts
	for range digits - 1 {
		unit *= base
	}
	first, last := low/unit, high/unit
	if first == last {
		return prefixed(digit(first), digitRange(low%unit, high%unit, digits-1, base))
	}
	var below, above []string
	if low%unit != 0 {
		below = prefixed(digit(first), digitRange(low%unit, unit-1, digits-1, base))
		first++
	}
	if high%unit != unit-1 {
		above = prefixed(digit(last), digitRange(0, high%unit, digits-1, base))
		last--
	}
	var middle []string
	if first <= last {
		middle = []string{digitClass(first, last) + repeated(digitClass(0, base-1), digits-1)}
	}
	return slices.Concat(below, middle, above)
}

func prefixed(prefix string, all []string) []string {
	out := make([]string, len(all))
	for i, text := range all {
		out[i] = prefix + text
	}
	return out
}

func digit(n int) string { return strconv.FormatInt(int64(n), 16) }

func repeated(class string, times int) string {
	switch times {
	case 0:
		return ""
	case 1:
		return class
	}
	return fmt.Sprintf("%s{%d}", class, times)
}

// digitClass is true of the digits from low to high, which in hexadecimal are
// two ranges of characters.
func digitClass(low, high int) string {
	if low == high {
		return digit(low)
	}
	var ranges string
	for _, part := range []Interval{{low, min(high, 9)}, {max(low, 10), high}} {
		switch {
		case part.Low == part.High:
			ranges += digit(part.Low)
		case part.Low < part.High:
			ranges += digit(part.Low) + "-" + digit(part.High)
		}
	}
	return "[" + ranges + "]"
}

// idMatch is true of requests that carry an id of those slots.
func (s Sticky) idMatch(slots Interval) (header, expression string) {
	var id string
	switch {
	case !s.suffixed():
		id = HexRange(slots) + restOfID
	case s.Cookie == "":
		return strings.ToLower(s.Header), "(?:.*[^0-9])?" + DecimalRange(slots, s.SuffixDigits)
	default:
		id = "(?:[^;]*[^0-9;])?" + DecimalRange(slots, s.SuffixDigits)
	}
	return cookieHeader, cookiesBefore + regexp.QuoteMeta(s.Cookie) + "=" + id + cookiesAfter
}

// setCookie is the response header that gives a new user the id of the request.
func (s Sticky) setCookie() string {
	domain := ""
	if s.Domain != "" {
		domain = "; Domain=" + s.Domain
	}
	return fmt.Sprintf("%s=%%REQ(X-REQUEST-ID)%%; Path=/; Max-Age=%d%s; HttpOnly; SameSite=Lax",
		escapeFormat(s.Cookie), int64(s.TTL/time.Second), domain)
}

// parseSetCookie is the inverse of setCookie; the caller compares.
func parseSetCookie(header string) (Sticky, bool) {
	name, rest, ok := strings.Cut(header, "=")
	if !ok {
		return Sticky{}, false
	}
	s := Sticky{Cookie: unescapeFormat(name)}
	for part := range strings.SplitSeq(rest, "; ") {
		if age, ok := strings.CutPrefix(part, "Max-Age="); ok {
			seconds, err := strconv.ParseInt(age, 10, 32)
			if err != nil {
				return Sticky{}, false
			}
			s.TTL = time.Duration(seconds) * time.Second
		}
		if domain, ok := strings.CutPrefix(part, "Domain="); ok {
			s.Domain = domain
		}
	}
	return s, true
}

// escapeFormat writes a text so that Envoy takes it as it is where it would fill
// in what stands between two percent signs.
func escapeFormat(text string) string { return strings.ReplaceAll(text, "%", "%%") }

func unescapeFormat(text string) string { return strings.ReplaceAll(text, "%%", "%") }

// ValidateSticky returns what is wrong with sticky percents.
func ValidateSticky(s Sticky, percents []int) []Problem {
	var all []Problem
	add := func(attribute, text string) {
		all = append(all, problem(text, "sticky", attribute)...)
	}
	switch {
	case s.Cookie == "" && s.Header == "":
		return problem("Name the cookie or the header that tells users apart.", "sticky")
	case s.Cookie != "" && s.Header != "":
		add("header", "Users are told apart by the cookie or by the header, not by both: leave one out.")
	case s.Cookie != "" && !token.MatchString(s.Cookie):
		add("cookie", fmt.Sprintf("%q can't be a cookie's name: letters, digits and any of !#$%%&'*+-.^_`|~ make one.", s.Cookie))
	case s.Header != "":
		if text := headerNameProblem(strings.ToLower(s.Header), "cookie"); text != "" {
			add("header", text)
		}
	}
	if s.suffixed() {
		switch {
		case s.SuffixDigits < 1 || s.SuffixDigits > maxSuffixDigits:
			add("suffix_digits", fmt.Sprintf("Say how many of the id's last digits tell users apart, from 1 to %d; 2 are enough for whole percents.", maxSuffixDigits))
		case s.SuffixDigits == 1 && slices.ContainsFunc(percents, func(percent int) bool { return percent%10 != 0 }):
			add("suffix_digits", "One digit makes shares of 10 % each, and the percents are finer: use 2.")
		}
		if s.TTL != 0 {
			add("ttl", "It is for the cookie of a random id; an id that requests carry has a life of its own: leave it out.")
		}
		if s.Domain != "" {
			add("domain", "It is for the cookie of a random id: leave it out.")
		}
	} else {
		if s.TTL < time.Second {
			add("ttl", "The cookie has to live for a second at least.")
		}
		if s.Domain != "" && len(validation.IsDNS1123Subdomain(strings.TrimPrefix(s.Domain, "."))) > 0 {
			add("domain", fmt.Sprintf("%q is no domain.", s.Domain))
		}
		for _, prefix := range []string{"__secure-", "__host-"} {
			if strings.HasPrefix(strings.ToLower(s.Cookie), prefix) {
				add("cookie", fmt.Sprintf("Browsers keep a cookie whose name begins with %q only if it is set as secure, which this one is not, so that it works without TLS too: use another name.", s.Cookie[:len(prefix)]))
			}
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, slots := range Slots(percents, s.slots()) {
		if slots.Low == slots.High {
			continue
		}
		if _, expression := s.idMatch(slots); len(expression) > maxExpression {
			return tooLong(len(expression), "sticky", "cookie")
		}
	}
	return nil
}
