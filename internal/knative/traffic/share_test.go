package traffic

import (
	"slices"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

func rev(revision string, percent int64, tag string) share { return share{revision, percent, tag} }

func of(shares ...share) (ts targets) {
	for _, s := range shares {
		ts = append(ts, target{share: s})
	}
	return ts
}

// The automatic tag of a revision must never change: the delegate that is there
// would send to a tag that goes.
func TestAutomaticTag(t *testing.T) {
	for revision, want := range map[string]string{"": "latest", "web-1-0-abcdefgh": "rcm4w7m", "web-00001": "rn3fgxm"} {
		if got := automaticTag(revision); got != want {
			t.Errorf("the tag of %q is %q, want %q", revision, got, want)
		}
	}
}

func TestSharesComeBackAsTheyWereSent(t *testing.T) {
	sent := []share{rev("a", 70, "stable"), rev("b", 30, ""), rev("", 0, "latest")}
	service := &kube.Object{Object: map[string]any{"spec": map[string]any{"traffic": encodeShares(sent)}}}
	if got := sharesOf(service); !slices.Equal(got, sent) {
		t.Errorf("got %v, want %v", got, sent)
	}
	for _, element := range encodeShares(sent) {
		fields, _ := element.(map[string]any)
		_, latest := fields["latestRevision"]
		_, percent := fields["percent"]
		if !latest || !percent {
			t.Errorf("Knative would add to %v, and the live value would be another one", fields)
		}
	}
	if got := sharesOf(&kube.Object{Object: map[string]any{}}); !followsLatest(got) {
		t.Errorf("without a word on it, the traffic is %v", got)
	}
}

func TestFinalShares(t *testing.T) {
	a, b := automaticTag("a"), automaticTag("b")
	for name, test := range map[string]struct {
		entries targets
		want    []share
	}{
		"tags of the user":                {of(rev("a", 90, "stable"), rev("b", 10, "next")), []share{rev("a", 90, "stable"), rev("b", 10, "next")}},
		"automatic ones":                  {of(rev("a", 90, ""), rev("b", 10, "")), []share{rev("a", 90, a), rev("b", 10, b)}},
		"none without a percent":          {of(rev("a", 100, ""), rev("b", 0, "")), []share{rev("a", 100, a), rev("b", 0, "")}},
		"of the latest":                   {of(rev("", 100, "")), []share{rev("", 100, "latest")}},
		"another entry's":                 {of(rev("a", 100, ""), rev("a", 0, "stable")), []share{rev("a", 100, ""), rev("a", 0, "stable")}},
		"one for two entries":             {of(rev("a", 60, ""), rev("a", 40, "")), []share{rev("a", 60, a), rev("a", 40, "")}},
		"two of the user's on a revision": {of(rev("a", 100, "x"), rev("a", 0, "y")), []share{rev("a", 100, "x"), rev("a", 0, "y")}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.entries.shares(); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// What a transition asks for on its way: first everything can be reached, then
// the percents switch, then old tags go.
func TestSharesOnTheWay(t *testing.T) {
	a, b := automaticTag("a"), automaticTag("b")
	for name, test := range map[string]struct {
		live      []share
		entries   targets
		gone      string // a revision that does not exist
		reachable []share
		switched  []share
		hosts     []string // by which the delegate reaches each entry before the switch
	}{
		"nothing to do": {
			[]share{rev("a", 100, "stable")},
			of(rev("a", 100, "stable")), "",
			[]share{rev("a", 100, "stable")},
			[]share{rev("a", 100, "stable")},
			[]string{"stable"},
		},
		"from what every Service begins with": {
			[]share{rev("", 100, "")},
			of(rev("b", 100, "stable")), "",
			[]share{rev("", 100, ""), rev("b", 0, "stable")},
			[]share{rev("b", 100, "stable")},
			[]string{"stable"},
		},
		"to what every Service begins with, by name": {
			[]share{rev("", 100, "")},
			of(rev("a", 100, "stable"), rev("b", 0, "next")), "",
			[]share{rev("a", 100, "stable"), rev("b", 0, "next")},
			[]share{rev("a", 100, "stable"), rev("b", 0, "next")},
			[]string{"stable", "next"},
		},
		"back to the latest": {
			[]share{rev("a", 90, "stable"), rev("a", 10, "next")},
			of(rev("", 100, "")), "",
			[]share{rev("", 100, latestTag), rev("a", 0, "stable"), rev("a", 0, "next")},
			[]share{rev("", 100, latestTag), rev("a", 0, "stable"), rev("a", 0, "next")},
			[]string{latestTag},
		},
		"a new tag": {
			[]share{rev("a", 100, "stable")},
			of(rev("a", 90, "stable"), rev("b", 10, "next")), "",
			[]share{rev("a", 100, "stable"), rev("b", 0, "next")},
			[]share{rev("a", 90, "stable"), rev("b", 10, "next")},
			[]string{"stable", "next"},
		},
		"an old tag": {
			[]share{rev("a", 90, "stable"), rev("b", 10, "next")},
			of(rev("a", 100, "stable")), "",
			[]share{rev("a", 90, "stable"), rev("b", 10, "next")},
			[]share{rev("a", 100, "stable"), rev("b", 0, "next")},
			[]string{"stable"},
		},
		"a tag that moves": {
			[]share{rev("a", 100, "stable")},
			of(rev("b", 100, "stable")), "",
			[]share{rev("a", 100, "stable"), rev("b", 0, b)},
			[]share{rev("b", 100, "stable"), rev("b", 0, b)},
			[]string{b},
		},
		"tags that change places": {
			[]share{rev("a", 90, "x"), rev("b", 10, "y")},
			of(rev("b", 90, "x"), rev("a", 10, "y")), "",
			[]share{rev("a", 90, "x"), rev("b", 10, "y"), rev("b", 0, b), rev("a", 0, a)},
			[]share{rev("b", 90, "x"), rev("a", 10, "y"), rev("b", 0, b), rev("a", 0, a)},
			[]string{b, a},
		},
		"a tag for rules only that moves": {
			[]share{rev("a", 100, "x"), rev("a", 0, "y")},
			of(rev("a", 100, "x"), rev("b", 0, "y")), "",
			[]share{rev("a", 100, "x"), rev("a", 0, "y"), rev("b", 0, b)},
			[]share{rev("a", 100, "x"), rev("b", 0, "y"), rev("b", 0, b)},
			[]string{"x", b},
		},
		"a revision without tag or percent": {
			[]share{rev("a", 100, "x")},
			of(rev("a", 100, "x"), rev("b", 0, "")), "",
			[]share{rev("a", 100, "x"), rev("b", 0, "")},
			[]share{rev("a", 100, "x"), rev("b", 0, "")},
			[]string{"x", ""},
		},
		"an old tag of a revision that is gone": {
			[]share{rev("a", 100, "x"), rev("b", 0, "y")},
			of(rev("a", 100, "x")), "b",
			[]share{rev("a", 100, "x")},
			[]share{rev("a", 100, "x")},
			[]string{"x"},
		},
		"an old share of a revision that is gone": {
			[]share{rev("b", 100, "x"), rev("a", 0, "old")},
			of(rev("a", 100, "x")), "b",
			[]share{rev("a", 100, "x"), rev("a", 0, "old")},
			[]share{rev("a", 100, "x"), rev("a", 0, "old")},
			[]string{"x"},
		},
		"killed before the old tags went": {
			[]share{rev("b", 100, "x"), rev("b", 0, b)},
			of(rev("b", 100, "x")), "",
			[]share{rev("b", 100, "x"), rev("b", 0, b)},
			[]share{rev("b", 100, "x"), rev("b", 0, b)},
			[]string{"x"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			exists := func(revision string) bool { return revision != test.gone }
			reachable := test.entries.reachable(test.live, "a", exists)
			if !slices.Equal(reachable, test.reachable) {
				t.Errorf("first %v, want %v", reachable, test.reachable)
			}
			if again := test.entries.reachable(reachable, "a", exists); !slices.Equal(again, reachable) {
				t.Errorf("taken up again it is %v", again)
			}
			switched := test.entries.withOldTags(reachable, exists)
			if !slices.Equal(switched, test.switched) {
				t.Errorf("then %v, want %v", switched, test.switched)
			}
			for i := range test.entries {
				if host := test.entries.host(i, reachable); host != test.hosts[i] {
					t.Errorf("entry %d is reached by %q, want %q", i, host, test.hosts[i])
				} else if at, there := tagged(reachable, host); host != "" && (!there || at != test.entries[i].revision) {
					t.Errorf("the tag %s of entry %d leads to %q", host, i, at)
				}
			}
			for _, shares := range [][]share{reachable, switched, test.entries.shares()} {
				checkShares(t, shares)
			}
		})
	}
}

// checkShares checks what Knative's webhook checks.
func checkShares(t *testing.T, shares []share) {
	t.Helper()
	sum, tags := int64(0), map[string]bool{}
	for _, s := range shares {
		if sum += s.percent; s.tag != "" && tags[s.tag] {
			t.Errorf("the tag %s is there twice: %v", s.tag, shares)
		}
		tags[s.tag] = true
	}
	if sum != 100 {
		t.Errorf("the percents make %d: %v", sum, shares)
	}
}
