package routing

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestSlots(t *testing.T) {
	for name, test := range map[string]struct {
		percents []int
		total    int
		want     []Interval
	}{
		"one":        {[]int{100}, 4096, []Interval{{0, 4096}}},
		"two":        {[]int{70, 30}, 4096, []Interval{{1229, 4096}, {0, 1229}}},
		"three":      {[]int{70, 20, 10}, 4096, []Interval{{819, 3686}, {0, 819}, {3686, 4096}}},
		"four":       {[]int{40, 30, 20, 10}, 100, []Interval{{40, 80}, {0, 30}, {80, 100}, {30, 40}}},
		"five":       {[]int{10, 30, 20, 15, 25}, 100, []Interval{{70, 80}, {0, 30}, {80, 100}, {30, 45}, {45, 70}}},
		"none first": {[]int{0, 70, 0, 30}, 100, []Interval{{}, {30, 100}, {}, {0, 30}}},
		"nothing":    {[]int{0}, 100, []Interval{{}}},
		"one digit":  {[]int{90, 10}, 10, []Interval{{1, 10}, {0, 1}}},
	} {
		if got := Slots(test.percents, test.total); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// randomShares returns percents of up to eight revisions, some 0, 100 in all.
func randomShares(random *rand.Rand) []int {
	percents := make([]int, 1+random.IntN(8))
	for range 100 {
		percents[random.IntN(len(percents))]++
	}
	for i := range percents {
		if random.IntN(4) == 0 && len(percents) > 1 {
			percents[(i+1)%len(percents)] += percents[i]
			percents[i] = 0
		}
	}
	return percents
}

// Every slot belongs to one revision, and each revision has its share to the
// slot.
func TestSlotsPartition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		percents := randomShares(random)
		for _, total := range []int{4096, 100, 1000, 10000} {
			owners := make([]int, total)
			for i, slots := range Slots(percents, total) {
				for slot := slots.Low; slot < slots.High; slot++ {
					owners[slot]++
				}
				if exact := float64(total*percents[i]) / 100; float64(slots.High-slots.Low) < exact-1 || float64(slots.High-slots.Low) > exact+1 {
					t.Fatalf("%v of %d: entry %d has %v", percents, total, i, slots)
				}
			}
			for slot, count := range owners {
				if count != 1 {
					t.Fatalf("%v of %d: slot %d has %d owners", percents, total, slot, count)
				}
			}
		}
	}
}

// During a ramp of the second revision, of the third, or of both, users move
// only from the first to those that grow, and back.
func TestSlotsGrowth(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		second, third := random.IntN(98), 0
		third = random.IntN(99 - second)
		more, evenMore := second+random.IntN(99-second-third), 0
		evenMore = third + random.IntN(99-more-third)
		// A revision in the list counts from its first percent on, so that its
		// place stays.
		second, third, more, evenMore = second+1, max(third, 1), more+1, max(evenMore, 1)
		if more+evenMore >= 100 || second > more || third > evenMore {
			continue
		}
		before := Slots([]int{100 - second - third, second, third}, 4096)
		after := Slots([]int{100 - more - evenMore, more, evenMore}, 4096)
		for slot := range 4096 {
			from, to := owner(before, slot), owner(after, slot)
			if from != to && from != 0 {
				t.Fatalf("%d, %d → %d, %d: slot %d moves from %d to %d", second, third, more, evenMore, slot, from, to)
			}
		}
	}
}

func owner(intervals []Interval, slot int) int {
	for i, slots := range intervals {
		if slots.Low <= slot && slot < slots.High {
			return i
		}
	}
	return -1
}

// The expressions of all ranges between two multiples of 37, and at the ends,
// are true of exactly the slots in them.
func TestHexRange(t *testing.T) {
	texts := make([]string, 4096)
	for slot := range texts {
		texts[slot] = fmt.Sprintf("%03x", slot)
	}
	bounds := []int{0, 1, 15, 16, 17, 255, 256, 257, 4095, 4096}
	for bound := 37; bound < 4096; bound += 37 * 7 {
		bounds = append(bounds, bound)
	}
	for _, low := range bounds {
		for _, high := range bounds {
			if low >= high {
				continue
			}
			expression := whole(HexRange(Interval{low, high}))
			for slot, text := range texts {
				if got := expression.MatchString(text); got != (low <= slot && slot < high) {
					t.Fatalf("[%d, %d): %s is %t by %s", low, high, text, got, expression)
				}
			}
		}
	}
	for want, slots := range map[string]Interval{
		"[0-9a-f][0-9a-f]{2}":                    {0, 4096},
		"(?:[0-3][0-9a-f]{2}|4[0-9a-c][0-9a-f])": {0, 0x4d0},
		"7ff":                                    {0x7ff, 0x800},
		"[9a][0-9a-f]{2}":                        {0x900, 0xb00},
		"(?:8ff|[9a-b][0-9a-f]{2})":              {0x8ff, 0xc00},
	} {
		if got := HexRange(slots); got != want {
			t.Errorf("%v: got %s, want %s", slots, got, want)
		}
	}
}

// An id counts by its last digits, also if it has fewer than asked for.
func TestDecimalRange(t *testing.T) {
	for digits, total := 1, 10; digits <= 3; digits, total = digits+1, total*10 {
		for low := 0; low < total; low += 1 + total/13 {
			for high := low + 1; high <= total; high += 1 + total/11 {
				expression := whole("(?:.*[^0-9])?" + DecimalRange(Interval{low, high}, digits))
				for _, id := range []int{0, 1, 5, 9, 10, 11, 42, 99, 100, 101, 742, 999, 1000, 1042, 98765} {
					want := low <= id%total && id%total < high
					for _, text := range []string{fmt.Sprint(id), fmt.Sprintf("user-%d", id), fmt.Sprintf("1x%05d", id)} {
						if got := expression.MatchString(text); got != want {
							t.Fatalf("%d digits, [%d, %d): %s is %t by %s", digits, low, high, text, got, expression)
						}
					}
				}
				for _, text := range []string{"", "user", "42x", "4２"} {
					if expression.MatchString(text) {
						t.Fatalf("%q has an id by %s", text, expression)
					}
				}
			}
		}
	}
}

func TestIDMatch(t *testing.T) {
	const id = "4cf0c1de-0b1e-9d8a-b0aa-0123456789ab"
	all := Interval{0, 4096}
	for name, test := range map[string]struct {
		sticky Sticky
		slots  Interval
		value  string
		want   bool
	}{
		"random":              {Sticky{Cookie: "u.d"}, Interval{0x4cf, 0x4d0}, "u.d=" + id, true},
		"among others":        {Sticky{Cookie: "u.d"}, all, "a=1; u.d=" + id + "; b=2", true},
		"without hyphens":     {Sticky{Cookie: "u.d"}, all, "u.d=" + strings.ReplaceAll(id, "-", ""), true},
		"another slot":        {Sticky{Cookie: "u.d"}, Interval{0x4d0, 4096}, "u.d=" + id, false},
		"another name":        {Sticky{Cookie: "u.d"}, all, "uxd=" + id, false},
		"shorter":             {Sticky{Cookie: "u.d"}, all, "u.d=" + id[1:], false},
		"longer":              {Sticky{Cookie: "u.d"}, all, "u.d=" + id + "0", false},
		"no hexadecimal":      {Sticky{Cookie: "u.d"}, all, "u.d=z" + id[1:], false},
		"upper case":          {Sticky{Cookie: "u.d"}, all, "u.d=" + strings.ToUpper(id), false},
		"suffix":              {Sticky{Cookie: "uid", SuffixDigits: 2}, Interval{40, 50}, "a=b; uid=user1742; c=99", true},
		"suffix elsewhere":    {Sticky{Cookie: "uid", SuffixDigits: 2}, Interval{40, 50}, "uid=user; c=42", false},
		"suffix of no digits": {Sticky{Cookie: "uid", SuffixDigits: 2}, Interval{0, 100}, "uid=user; c=42", false},
		"header":              {Sticky{Header: "X-User", SuffixDigits: 2}, Interval{40, 50}, "acct-0042", true},
		"header's other":      {Sticky{Header: "X-User", SuffixDigits: 2}, Interval{40, 50}, "42-51", false},
	} {
		header, expression := test.sticky.idMatch(test.slots)
		if want := strings.ToLower(test.sticky.Header); want != "" && header != want || want == "" && header != "cookie" {
			t.Errorf("%s: header %s", name, header)
		}
		if got := regexp.MustCompile("^(?:" + expression + ")$").MatchString(test.value); got != test.want {
			t.Errorf("%s: got %t by %s", name, got, expression)
		}
	}
}

func TestSetCookie(t *testing.T) {
	for want, sticky := range map[string]Sticky{
		"uid=%REQ(X-REQUEST-ID)%; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax":                   {Cookie: "uid", TTL: time.Hour},
		"u%%d=%REQ(X-REQUEST-ID)%; Path=/; Max-Age=1; Domain=example.com; HttpOnly; SameSite=Lax": {Cookie: "u%d", TTL: time.Second, Domain: "example.com"},
	} {
		if got := sticky.setCookie(); got != want {
			t.Errorf("got %s", got)
		}
		if got, ok := parseSetCookie(want); !ok || got != sticky {
			t.Errorf("%s: read as %+v", want, got)
		}
	}
}

func TestValidateSticky(t *testing.T) {
	half := []int{50, 50}
	for name, test := range map[string]struct {
		sticky   Sticky
		percents []int
		want     string // path and a part of the text
	}{
		"random":              {Sticky{Cookie: "uid", TTL: time.Hour}, half, ""},
		"random, domain":      {Sticky{Cookie: "uid", TTL: time.Hour, Domain: ".example.com"}, half, ""},
		"suffix":              {Sticky{Cookie: "uid", SuffixDigits: 2}, half, ""},
		"header":              {Sticky{Header: "X-User", SuffixDigits: 4}, half, ""},
		"one digit":           {Sticky{Header: "X-User", SuffixDigits: 1}, half, ""},
		"nothing":             {Sticky{}, half, "sticky: Name the cookie or the header"},
		"both":                {Sticky{Cookie: "a", Header: "b", SuffixDigits: 2}, half, "sticky.header: "},
		"cookie's name":       {Sticky{Cookie: "a b", TTL: time.Hour}, half, "sticky.cookie: "},
		"header's name":       {Sticky{Header: "a b", SuffixDigits: 2}, half, "sticky.header: "},
		"cookie as header":    {Sticky{Header: "Cookie", SuffixDigits: 2}, half, "sticky.header: All cookies"},
		"header alone":        {Sticky{Header: "a"}, half, "sticky.suffix_digits: "},
		"digits":              {Sticky{Cookie: "a", SuffixDigits: 5}, half, "sticky.suffix_digits: "},
		"one digit, 25 %":     {Sticky{Cookie: "a", SuffixDigits: 1}, []int{75, 25}, "sticky.suffix_digits: One digit"},
		"no life":             {Sticky{Cookie: "a"}, half, "sticky.ttl: "},
		"short life":          {Sticky{Cookie: "a", TTL: time.Millisecond}, half, "sticky.ttl: "},
		"life of a suffix":    {Sticky{Cookie: "a", SuffixDigits: 2, TTL: time.Hour}, half, "sticky.ttl: "},
		"domain of a suffix":  {Sticky{Cookie: "a", SuffixDigits: 2, Domain: "example.com"}, half, "sticky.domain: "},
		"domain":              {Sticky{Cookie: "a", TTL: time.Hour, Domain: "a; Secure"}, half, "sticky.domain: "},
		"secure name":         {Sticky{Cookie: "__Host-a", TTL: time.Hour}, half, `sticky.cookie: Browsers keep a cookie whose name begins with "__Host-"`},
		"endless name":        {Sticky{Cookie: strings.Repeat("a", 1000), TTL: time.Hour}, half, "sticky.cookie: It comes to"},
		"endless header name": {Sticky{Header: strings.Repeat("a", 2000), SuffixDigits: 2}, half, ""},
	} {
		problems := ValidateSticky(test.sticky, test.percents)
		switch {
		case test.want == "" && len(problems) > 0, test.want != "" && len(problems) != 1:
			t.Errorf("%s: got %v", name, problems)
		case test.want != "" && !strings.HasPrefix(problems[0].String(), test.want):
			t.Errorf("%s: got %s", name, problems[0])
		}
	}
}
