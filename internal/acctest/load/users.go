package load

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"testing"
)

// Users returns n targets for url, each a person with a browser: one kind, and
// one jar for the cookies. header, unless it is nil, returns what the i-th
// sends along, from 0 on. Started, each comes again every n/Rate seconds; Once
// sends one request of each.
func Users(t testing.TB, n int, url string, header func(i int) http.Header) []Target {
	t.Helper()
	targets := make([]Target, n)
	for i := range targets {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatalf("load: %s", err)
		}
		targets[i] = Target{URL: url, Kind: User(i), Jar: jar}
		if header != nil {
			targets[i].Header = header(i)
		}
	}
	return targets
}

// User is the kind of the i-th of the Users.
func User(i int) string { return fmt.Sprintf("user %d", i) }

// On returns the users, or kinds, whose last answer was of each version.
func (r Report) On() map[string][]string {
	last := map[string]string{}
	var order []string
	for _, answer := range r {
		if _, seen := last[answer.Kind]; !seen {
			order = append(order, answer.Kind)
		}
		last[answer.Kind] = answer.Version
	}
	on := map[string][]string{}
	for _, kind := range order {
		on[last[kind]] = append(on[last[kind]], kind)
	}
	return on
}

// Set returns how often the answers set a cookie.
func (r Report) Set(cookie string) int {
	n := 0
	for _, answer := range r {
		for _, set := range (&http.Response{Header: answer.Header}).Cookies() {
			if set.Name == cookie {
				n++
			}
		}
	}
	return n
}
