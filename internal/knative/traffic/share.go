package traffic

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// share is one entry of a Service's spec.traffic.
type share struct {
	revision string // empty is the latest ready one, whichever that is
	percent  int64
	tag      string
}

const (
	// latestTag is the automatic tag of the latest ready revision.
	latestTag = "latest"
	// automaticLength is how long the longest automatic tag is.
	automaticLength = 7
)

// automaticTag returns the tag of a revision for which the user gave none. It
// depends on the revision alone, so that it never has to move to another one.
func automaticTag(revision string) string {
	if revision == "" {
		return latestTag
	}
	sum := sha256.Sum256([]byte(revision))
	return "r" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:automaticLength-1])
}

// sharesOf returns the traffic that a Service asks for. What the API reads into
// a Service without a word on it counts as said.
func sharesOf(service *kube.Object) []share {
	list, _, _ := unstructured.NestedSlice(service.Object, "spec", "traffic")
	if len(list) == 0 {
		return []share{{percent: 100}}
	}
	return decodeShares(list)
}

func decodeShares(list []any) (shares []share) {
	for _, element := range list {
		fields, _ := element.(map[string]any)
		s := share{}
		s.revision, _ = fields["revisionName"].(string)
		s.percent, _ = fields["percent"].(int64)
		s.tag, _ = fields["tag"].(string)
		shares = append(shares, s)
	}
	return shares
}

// encodeShares returns spec.traffic with what Knative would fill in, so that the
// live value is the one that was sent.
func encodeShares(shares []share) []any {
	list := make([]any, 0, len(shares))
	for _, s := range shares {
		fields := map[string]any{"latestRevision": s.revision == "", "percent": s.percent}
		if s.revision != "" {
			fields["revisionName"] = s.revision
		}
		if s.tag != "" {
			fields["tag"] = s.tag
		}
		list = append(list, fields)
	}
	return list
}

// followsLatest reports whether the traffic is what every Service begins with.
func followsLatest(shares []share) bool {
	return len(shares) == 1 && shares[0] == share{percent: 100}
}

// tagged returns the revision that a tag is on.
func tagged(shares []share, tag string) (revision string, ok bool) {
	at := slices.IndexFunc(shares, func(s share) bool { return s.tag == tag })
	if tag == "" || at < 0 {
		return "", false
	}
	return shares[at].revision, true
}

// routed reports whether the revision is among the targets at all.
func routed(shares []share, revision string) bool {
	return slices.ContainsFunc(shares, func(s share) bool { return s.revision == revision })
}

// target is what an entry of revisions stands for.
type target struct {
	share
	version  string // of the revision, if it has one
	minScale int64  // 0 is none of ours
}

// targets are the entries in their order.
type targets []target

// shares returns the traffic to ask for when the switch is over: an entry each,
// with a tag where the delegate needs one to send a share to.
func (ts targets) shares() []share {
	shares := make([]share, 0, len(ts))
	for i, t := range ts {
		s := t.share
		if s.tag == "" && s.percent > 0 && ts.tag(i) == automaticTag(s.revision) {
			if _, taken := tagged(shares, ts.tag(i)); !taken {
				s.tag = ts.tag(i)
			}
		}
		shares = append(shares, s)
	}
	return shares
}

// tag returns the tag that an entry is reached by: its own, another one's of the
// same revision, or an automatic one.
func (ts targets) tag(entry int) string {
	if own := ts[entry].tag; own != "" {
		return own
	}
	for _, t := range ts {
		if t.revision == ts[entry].revision && t.tag != "" {
			return t.tag
		}
	}
	return automaticTag(ts[entry].revision)
}

// reachable returns the traffic with the percents that are live, and with all
// tags beside them by which the delegate is going to send requests: nothing
// changes for anybody, but everything that the switch needs is there. A tag that
// moves to another revision stays where it is; until it has moved, the revision
// is reached by its automatic tag.
//
// Where every revision has its percent already, as when an application is made with its
// traffic, that is the traffic after the switch: Knative needs seconds for each change.
//
// latest is the latest ready revision. serves tells which revisions Knative routes to:
// one that is gone would keep it from looking at any of it.
func (ts targets) reachable(live []share, latest string, serves func(revision string) bool) []share {
	if ts.switched(live, latest) {
		return ts.withOldTags(live, serves)
	}
	var shares []share
	for _, s := range live {
		if s.revision != "" && !serves(s.revision) {
			if s.percent > 0 {
				return ts.withOldTags(live, serves) // there is no traffic left to preserve
			}
			continue
		}
		shares = append(shares, s)
	}
	for i, t := range ts {
		for _, tag := range []string{t.tag, ts.host(i, shares)} {
			if _, there := tagged(shares, tag); tag != "" && !there {
				shares = append(shares, share{revision: t.revision, tag: tag})
			}
		}
		if !routed(shares, t.revision) {
			shares = append(shares, share{revision: t.revision})
		}
	}
	return shares
}

// switched reports whether every revision has the percent that it is to have, and no tag
// leads elsewhere than it is to.
func (ts targets) switched(live []share, latest string) bool {
	percents := func(shares []share) map[string]int64 {
		of := map[string]int64{}
		for _, s := range shares {
			if s.percent > 0 {
				of[cmp.Or(s.revision, latest)] += s.percent
			}
		}
		return of
	}
	wanted := ts.shares()
	return maps.Equal(percents(live), percents(wanted)) && !slices.ContainsFunc(wanted, func(s share) bool {
		at, there := tagged(live, s.tag)
		return there && at != s.revision
	})
}

// host returns the tag by which an entry is reached during the switch; empty if
// the delegate does not send to it.
func (ts targets) host(entry int, live []share) string {
	if ts[entry].percent == 0 && ts[entry].tag == "" {
		return ""
	}
	tag := ts.tag(entry)
	if at, there := tagged(live, tag); there && at != ts[entry].revision {
		return automaticTag(ts[entry].revision)
	}
	return tag
}

// withOldTags returns the traffic after the switch, with the tags beside it that
// are live and go when the drain is over.
func (ts targets) withOldTags(live []share, serves func(revision string) bool) []share {
	shares := ts.shares()
	for _, s := range live {
		if _, there := tagged(shares, s.tag); s.tag != "" && !there && (s.revision == "" || serves(s.revision)) {
			shares = append(shares, share{revision: s.revision, tag: s.tag})
		}
	}
	return shares
}
