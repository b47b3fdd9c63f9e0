package traffic

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
)

const (
	// probeRequests is how many requests show that the percents lead where they
	// should: a share of expectedShare percent is missed once in some hundred
	// rounds, and then the next round tells.
	probeRequests = 20
	expectedShare = 25
	// probePause is between two rounds of which the first has failed: a gateway
	// may learn of the switch a moment later than others.
	probePause = 500 * time.Millisecond
	// probeAnswer is how long one answer may take: a version at zero starts first.
	probeAnswer = time.Minute
)

// unproven says what a probe was answered in the place of what it should be.
type unproven struct{ summary, detail string }

func (e *unproven) Error() string { return e.summary + ": " + e.detail }

// trial is a request, and the versions that may answer it.
type trial struct {
	what    string
	request request
	want    []string // of the version header
	all     []string // of these each must come up among several requests
	status  int      // 0 is any: a rule's path need not be one that the application knows
}

// request is what a probe sends, as far as rules can look at it.
type request struct {
	method, path string // path as rules see it: without the domain's prefix
	query        url.Values
	headers      map[string]string
	cookies      map[string]string
}

// prove sends requests through the gateway until a whole round of them was
// answered by the versions that it should be, or the time is over.
func (t *transition) prove(ctx context.Context) error {
	probe := t.config.probe
	ctx, cancel := context.WithTimeout(ctx, durationOf(probe.Timeout, probeAnswer))
	defer cancel()
	base, err := url.Parse(probe.URL.ValueString())
	if err != nil {
		return err
	}
	prefix := t.prefixOf(base)
	trials := t.trials(base, prefix)
	var last *unproven
	for {
		err := t.round(ctx, base, prefix, trials)
		var failed *unproven
		if err == nil || !errors.As(err, &failed) {
			return err
		}
		// What the end of the time has cut off tells less than the round before.
		if last == nil || ctx.Err() == nil {
			last = failed
		}
		if pause(ctx, probePause) != nil {
			return last
		}
	}
}

// prefixOf returns the prefix that the domain which is asked has the application
// beneath.
func (t *transition) prefixOf(base *url.URL) string {
	host := base.Hostname()
	if asked := t.config.probe.Host.ValueString(); asked != "" {
		host = asked
	}
	longest := "/"
	for _, r := range t.roots {
		for _, d := range r.delegations {
			beneath := base.Path == d.Prefix || strings.HasPrefix(base.Path, strings.TrimSuffix(d.Prefix, "/")+"/")
			if slices.Contains(d.Hosts, host) && beneath && len(d.Prefix) > len(longest) {
				longest = d.Prefix
			}
		}
	}
	return longest
}

// trials returns a request for the percents, and one for each match of a rule
// that can be made a request of without guessing.
func (t *transition) trials(base *url.URL, prefix string) []trial {
	probe := t.config.probe
	plain := request{
		method: http.MethodGet, path: relativeTo(prefix, base.EscapedPath()), query: base.Query(),
		headers: probe.Headers, cookies: map[string]string{},
	}
	first := t.expected("the percents", plain)
	first.status = int(probe.Status.ValueInt64())
	trials := []trial{first}
	for _, rule := range t.config.rules {
		for i, match := range expandRules([]Rule{rule})[0].Matches {
			if r, ok := requestFor(match, plain); ok {
				trials = append(trials, t.expected(fmt.Sprintf("rule %s, match[%d]", rule.Name.ValueString(), i), r))
			}
		}
	}
	return trials
}

// expected returns the trial with the versions that the configuration sends the
// request to: the first rule that matches, or the percents.
func (t *transition) expected(what string, r request) trial {
	for _, rule := range expandRules(t.config.rules) {
		if !slices.ContainsFunc(rule.Matches, r.meets) {
			continue
		}
		for _, target := range t.want {
			if target.tag == rule.Tag {
				return trial{what: what, request: r, want: []string{target.shownVersion()}}
			}
		}
	}
	of := trial{what: what, request: r}
	shares := map[string]int64{}
	for _, target := range t.want {
		if target.percent > 0 {
			shares[target.shownVersion()] += target.percent
		}
	}
	of.want = slices.Sorted(maps.Keys(shares))
	for _, version := range of.want {
		if shares[version] >= expectedShare && !t.idIn(r) {
			of.all = append(of.all, version)
		}
	}
	return of
}

// idIn reports whether the request carries an id that decides by itself.
func (t *transition) idIn(r request) bool {
	sticky := t.config.sticky
	if sticky == nil {
		return false
	}
	_, cookie := r.cookies[sticky.Cookie.ValueString()]
	return cookie || slices.ContainsFunc(slices.Collect(maps.Keys(r.headers)), func(name string) bool {
		return strings.EqualFold(name, "cookie") || strings.EqualFold(name, sticky.Header.ValueString())
	})
}

// round sends all trials once; the one for the percents several times.
func (t *transition) round(ctx context.Context, base *url.URL, prefix string, trials []trial) error {
	for _, trial := range trials {
		times := 1
		if len(trial.want) > 1 {
			times = probeRequests
		}
		came := map[string]bool{}
		for range times {
			version, status, err := t.ask(ctx, base, prefix, trial.request)
			switch {
			case err != nil:
				return &unproven{"no answer came", fmt.Sprintf("The request for %s to %s failed: %s.", trial.what, base.Redacted(), err)}
			case trial.status != 0 && status != trial.status:
				return &unproven{fmt.Sprintf("the answer's status is %d", status), fmt.Sprintf("The request for %s to %s should be answered with %d.", trial.what, base.Redacted(), trial.status)}
			case !slices.Contains(trial.want, version):
				return &unproven{"another version has answered", fmt.Sprintf(
					"The request for %s to %s was answered with status %d and %s = %q, and it should be one of %s. Does the address lead to a domain of the application (rules_hosts)?",
					trial.what, base.Redacted(), status, t.config.VersionHeader.ValueString(), version, strings.Join(trial.want, ", "))}
			}
			came[version] = true
		}
		for _, version := range trial.all {
			if !came[version] {
				return &unproven{"a version has not answered", fmt.Sprintf("Of %d requests for %s to %s, none was answered by %s.", times, trial.what, base.Redacted(), version)}
			}
		}
	}
	return nil
}

// prober follows no redirect and keeps no connection: each request is one of a
// caller of its own.
var prober = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       probeAnswer,
}

// ask sends a request and returns what its answer says of the version.
func (t *transition) ask(ctx context.Context, base *url.URL, prefix string, r request) (version string, status int, err error) {
	address := *base
	beneath, err := url.Parse(strings.TrimSuffix(prefix, "/") + r.path)
	if err != nil {
		return "", 0, err
	}
	address.Path, address.RawPath = beneath.Path, beneath.RawPath
	address.RawQuery = r.query.Encode()
	sent, err := http.NewRequestWithContext(ctx, r.method, address.String(), nil)
	if err != nil {
		return "", 0, err
	}
	if host := t.config.probe.Host.ValueString(); host != "" {
		sent.Host = host
	}
	sent.Header.Set("User-Agent", "terraform-provider-sls/probe")
	for name, value := range r.headers {
		sent.Header.Set(name, value)
	}
	for _, name := range slices.Sorted(maps.Keys(r.cookies)) {
		sent.AddCookie(&http.Cookie{Name: name, Value: r.cookies[name]})
	}
	answer, err := prober.Do(sent)
	if err != nil {
		return "", 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	return answer.Header.Get(t.config.VersionHeader.ValueString()), answer.StatusCode, err
}

func relativeTo(prefix, path string) string {
	path = strings.TrimPrefix(path, strings.TrimSuffix(prefix, "/"))
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

// anyValue stands for a value of which only the presence counts.
const anyValue = "probe"

// requestFor makes a request that meets a match; ok is false if that needs a
// guess, or a request that may change something.
func requestFor(m routing.Match, plain request) (r request, ok bool) {
	r = plain
	r.headers, r.cookies, r.query = maps.Clone(plain.headers), maps.Clone(plain.cookies), maps.Clone(plain.query)
	if r.headers == nil {
		r.headers = map[string]string{}
	}
	values := func(from map[string]routing.StringMatch, set func(name, value string)) bool {
		for name, way := range from {
			value, ok := valueFor(way)
			if !ok {
				return false
			}
			set(name, value)
		}
		return true
	}
	ok = values(m.Headers, func(name, value string) { r.headers[name] = value }) &&
		values(m.Cookies, func(name, value string) { r.cookies[name] = value }) &&
		values(m.Query, func(name, value string) { r.query.Set(name, value) })
	if m.Path != nil {
		var known bool
		r.path, known = valueFor(*m.Path)
		ok = ok && known
	}
	if m.Method != nil {
		r.method = m.Method.Text
		ok = ok && m.Method.Operator == routing.Exact && slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, r.method)
	}
	return r, ok && r.meets(m)
}

func valueFor(way routing.StringMatch) (value string, ok bool) {
	switch way.Operator {
	case routing.Exact, routing.Prefix:
		return way.Text, true
	case routing.Present:
		return anyValue, true
	}
	return "", false
}
