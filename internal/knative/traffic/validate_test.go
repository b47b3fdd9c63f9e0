package traffic

import (
	"strings"
	"testing"
)

func TestEveryAttributeIsAcceptedTogether(t *testing.T) {
	if found := validated(t, parse(t, everyAttribute)); len(found) > 0 {
		t.Errorf("refused: %v", found)
	}
}

// A variable may hold an empty list; it is none.
func TestNoRules(t *testing.T) {
	d := parse(t, everyAttribute)
	d["rules"] = []any{}
	if found := validated(t, d); len(found) > 0 {
		t.Errorf("refused: %v", found)
	}
	c := configured(t, `{"application": "web", "namespace": "shop", "revisions": [{"version": "1.0", "percent": 100}], "rules": []}`)
	is := expanded(t, c)
	if _, f := flattened(t, c, is, is); f.rules == nil || len(f.rules) > 0 {
		t.Errorf("an empty list comes back as %#v", f.rules)
	}
	is.delegate.Http[0].Name = "somebody-elses"
	if _, f := flattened(t, c, expanded(t, c), is); f.rules == nil || len(f.drift) == 0 {
		t.Errorf("beside drift, an empty list comes back as %#v: %v", f.rules, f.drift)
	}
}

// Each row changes one thing of a configuration that is accepted.
func TestRefusals(t *testing.T) {
	type m = map[string]any
	type l = []any
	for name, test := range map[string]struct {
		set  map[string]any
		at   string // where it is refused
		says string
	}{
		"no DNS name":              {m{"application": "Web"}, "application", "DNS-1035"},
		"name too long":            {m{"application": strings.Repeat("a", 56), "revisions|1|revision": nil, "revisions|1|version": "2.0"}, "application", "at most 55"},
		"no namespace":             {m{"namespace": "Shop"}, "namespace", "name of a namespace"},
		"no entries":               {m{"revisions": l{}}, "revisions", "at least 1"},
		"percents make less":       {m{"revisions|0|percent": 60}, "revisions", "They make 90"},
		"percents make more":       {m{"revisions|0|percent": 90}, "revisions", "They make 120"},
		"percents left out":        {m{"revisions|0|percent": nil}, "revisions", "They make 30"},
		"percent below 0":          {m{"revisions|0|percent": -1}, "revisions[0].percent", "between 0 and 100"},
		"percent above 100":        {m{"revisions|0|percent": 101}, "revisions[0].percent", "between 0 and 100"},
		"version and revision":     {m{"revisions|0|revision": "web-1"}, "revisions[0]", "one of version, revision and latest"},
		"version and latest":       {m{"revisions|0|latest": true}, "revisions[0]", "one of version, revision and latest"},
		"nothing":                  {m{"revisions|0|version": nil}, "revisions[0]", "one of version, revision and latest"},
		"latest = false":           {m{"revisions|2|latest": false}, "revisions[2].latest", "true"},
		"no version":               {m{"revisions|0|version": ""}, "revisions[0].version", "at least 1"},
		"no label":                 {m{"revisions|0|version": "a b"}, "revisions[0].version", "label value"},
		"no revision's name":       {m{"revisions|1|revision": "Web-1"}, "revisions[1].revision", "DNS-1035"},
		"one tag twice":            {m{"revisions|1|tag": "stable"}, "revisions[1].tag", "the tag of revisions[0] too"},
		"no tag":                   {m{"revisions|0|tag": "1st"}, "revisions[0].tag", "DNS-1035"},
		"tag too long":             {m{"revisions|2|tag": strings.Repeat("a", 60)}, "revisions[2].tag", "64 characters"},
		"tag of the latest":        {m{"revisions|0|tag": "latest"}, "revisions[0].tag", "kept for latest = true"},
		"min_scale 0":              {m{"revisions|1|min_scale": 0}, "revisions[1].min_scale", "between 1"},
		"min_scale of the latest":  {m{"revisions|2|min_scale": 1}, "revisions[2].min_scale", "scaling.min"},
		"no match":                 {m{"rules|0|match": l{}}, "rules[0].match", "at least 1"},
		"empty match":              {m{"rules|0|match|1": m{}}, "rules[0].match[1]", "true of every request"},
		"two rules of a name":      {m{"rules|1|name": "one"}, "rules[1].name", "a name of its own"},
		"no rule's name":           {m{"rules|1|name": "a b"}, "rules[1].name", "no name for a rule"},
		"unknown target":           {m{"rules|1|target": "old"}, "rules[1].target", "Tags there: next, stable"},
		"no target":                {m{"rules|1|target": "Old"}, "rules[1].target", "DNS-1035"},
		"two ways":                 {m{"rules|0|match|0|headers|x-id|exact": "1"}, `rules[0].match[0].headers["x-id"]`, "one of exact, prefix, regex and present"},
		"no way":                   {m{"rules|0|match|0|headers|x-id": m{}}, `rules[0].match[0].headers["x-id"]`, "one of exact, prefix, regex and present"},
		"present = false":          {m{"rules|0|match|0|headers|x-any|present": false}, `rules[0].match[0].headers["x-any"].present`, "true"},
		"two ways of a path":       {m{"rules|0|match|0|path|exact": "/x"}, "rules[0].match[0].path", "one of exact"},
		"no way of a method":       {m{"rules|0|match|0|method": m{}}, "rules[0].match[0].method", "one of exact"},
		"two ways of a cookie":     {m{"rules|0|match|0|cookies|a|regex": "1"}, `rules[0].match[0].cookies["a"]`, "one of exact"},
		"two ways of a parameter":  {m{"rules|0|match|0|query|q|regex": "1"}, `rules[0].match[0].query["q"]`, "one of exact"},
		"two ways of no header":    {m{"rules|0|match|0|without_headers|x-no|regex": "1"}, `rules[0].match[0].without_headers["x-no"]`, "one of exact"},
		"two ways of no cookie":    {m{"rules|0|match|0|without_cookies|g|regex": "1"}, `rules[0].match[0].without_cookies["g"]`, "one of exact"},
		"one header twice":         {m{"rules|0|match|0|headers|x-tester": m{"exact": "no"}}, `rules[0].match[0].headers["x-tester"]`, "names don't differ by case"},
		"cookies as a header":      {m{"rules|0|match|0|headers|Cookie": m{"exact": "no"}}, `rules[0].match[0].headers["Cookie"]`, "use cookies"},
		"no regular expression":    {m{"rules|0|match|0|headers|x-id|regex": "("}, `rules[0].match[0].headers["x-id"].regex`, "no regular expression"},
		"relative path":            {m{"rules|0|match|0|path|prefix": "api"}, "rules[0].match[0].path.prefix", "begin with a slash"},
		"lower case method":        {m{"rules|0|match|0|method|exact": "post"}, "rules[0].match[0].method.exact", "capital letters"},
		"unreachable":              {m{"rules|1|match": l{m{"path": m{"exact": "/x"}, "method": m{"exact": "GET"}}}}, "rules[1]", `"one" before it`},
		"sticky without a cookie":  {m{"sticky": m{"ttl": "1h"}}, "sticky.cookie", "cookie that keeps it"},
		"sticky by a header":       {m{"sticky": m{"header": "x-id"}}, "sticky.suffix_digits", "how many of its last digits"},
		"id in two places":         {m{"sticky": m{"header": "x-id", "cookie": "id", "suffix_digits": 1}}, "sticky", "one of cookie and header"},
		"id in no place":           {m{"sticky": m{"suffix_digits": 1}}, "sticky", "one of cookie and header"},
		"ttl of an id":             {m{"sticky": m{"cookie": "id", "suffix_digits": 1, "ttl": "1h"}}, "sticky.ttl", "not the gateway's"},
		"domain of an id":          {m{"sticky": m{"cookie": "id", "suffix_digits": 1, "domain": "example.com"}}, "sticky.domain", "not the gateway's"},
		"too many digits":          {m{"sticky": m{"cookie": "id", "suffix_digits": 4}}, "sticky.suffix_digits", "between 1 and 3"},
		"percents of one digit":    {m{"sticky": m{"cookie": "id", "suffix_digits": 1}, "revisions|0|percent": 75, "revisions|1|percent": 15}, "sticky.suffix_digits", "10"},
		"no cookie's name":         {m{"sticky|cookie": "a b"}, "sticky.cookie", "HTTP header"},
		"no duration":              {m{"sticky|ttl": "soon"}, "sticky.ttl", "duration"},
		"no domain":                {m{"sticky|domain": "*.example.com"}, "sticky.domain", "DNS name"},
		"no header's name":         {m{"version_header": "a b"}, "version_header", "HTTP header"},
		"header with a meaning":    {m{"version_header": "Set-Cookie"}, "version_header", "meaning of its own"},
		"no drain":                 {m{"drain": "0s"}, "drain", "between 1s"},
		"no way with missing ones": {m{"missing_revision": "ignore"}, "missing_revision", "collapse"},
		"no way to end":            {m{"on_destroy": "drop"}, "on_destroy", "keep"},
		"probe without a header":   {m{"version_header": nil}, "probe", "version_header"},
		"probe of no address":      {m{"probe|url": "shop.example.com"}, "probe.url", "http://"},
		"probe of no host":         {m{"probe|host": "a b"}, "probe.host", "DNS name"},
		"probe of no status":       {m{"probe|status": 99}, "probe.status", "between 100"},
		"probe without time":       {m{"probe|timeout": "0s"}, "probe.timeout", "between 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			d := parse(t, everyAttribute)
			for at, value := range test.set {
				place(t, d, at, value)
			}
			found := validated(t, d)
			if text, ok := found[test.at]; !ok || !strings.Contains(text, test.says) {
				t.Errorf("not refused at %s with %q; the errors are: %v", test.at, test.says, found)
			}
		})
	}
}

// What is known after apply is not judged, and keeps nothing else from being.
func TestWhatIsNotKnownYetIsNotJudged(t *testing.T) {
	for _, at := range []string{
		"application", "namespace", "revisions", "revisions|0", "revisions|0|version", "revisions|0|percent", "revisions|0|tag", "revisions|1|min_scale",
		"rules", "rules|0|name", "rules|0|target", "rules|0|match", "rules|0|match|0", "rules|0|match|0|headers", "rules|0|match|0|headers|x-id", "rules|0|match|0|headers|x-id|regex",
		"sticky", "sticky|cookie", "version_header", "drain", "probe", "probe|url",
	} {
		d := parse(t, everyAttribute)
		place(t, d, at, unknownValue)
		if found := validated(t, d); len(found) > 0 {
			t.Errorf("%s is not known yet, but there are errors: %v", at, found)
		}
	}
	d := parse(t, everyAttribute)
	place(t, d, "rules|0|match", unknownValue)
	place(t, d, "rules|1|match|0|path|regex", "(")
	if found := validated(t, d); found["rules[1].match[0].path.regex"] == "" {
		t.Errorf("a rule after one that is not known is not judged: %v", found)
	}
}
