package routing

import (
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1"
)

// PrefixMatches returns a root's conditions on the path for an application
// beneath the prefix, whole segments only: none for "/", and for "/shop" that
// path and those that begin with "/shop/".
//
// A root's route needs both in one list: of a delegate's route Istio merges each
// condition with those of the root's route that it fits, and drops the whole
// route if one of them fits none.
func PrefixMatches(prefix string) []*networking.HTTPMatchRequest {
	prefix = cleanPrefix(prefix)
	if prefix == "/" {
		return nil
	}
	return []*networking.HTTPMatchRequest{
		{Uri: StringMatch{Exact, prefix}.expand()},
		{Uri: StringMatch{Prefix, prefix + "/"}.expand()},
	}
}

// StripRewrite returns the rewrite that takes the prefix from the path, for both
// of PrefixMatches's conditions, or nil for "/".
func StripRewrite(prefix string) *networking.HTTPRewrite {
	prefix = cleanPrefix(prefix)
	if prefix == "/" {
		return nil
	}
	return &networking.HTTPRewrite{UriRegexRewrite: &networking.RegexRewrite{
		Match: "^" + regexp.QuoteMeta(prefix) + "/?(.*)$", Rewrite: `/\1`,
	}}
}

// RebaseError names the routes that don't fit under a prefix.
type RebaseError struct {
	Prefix string
	Routes []string
}

func (e *RebaseError) Error() string {
	return fmt.Sprintf("the path of %s is a regular expression, which Istio can't combine with the path prefix %s", strings.Join(e.Routes, ", "), e.Prefix)
}

// Rebase returns a delegate for a root that hands it only what is beneath the
// prefix: its conditions on paths are relative to that. It returns a
// *RebaseError if there is one that Istio would drop.
func Rebase(spec *networking.VirtualService, prefix string) (*networking.VirtualService, error) {
	spec = proto.CloneOf(spec)
	prefix = cleanPrefix(prefix)
	if prefix == "/" {
		return spec, nil
	}
	failed := &RebaseError{Prefix: prefix}
	for _, route := range spec.GetHttp() {
		var matches []*networking.HTTPMatchRequest
		for _, match := range route.GetMatch() {
			if match.GetUri().GetRegex() != "" {
				failed.Routes = append(failed.Routes, route.Name)
				break
			}
			matches = append(matches, rebaseMatch(match, prefix)...)
		}
		route.Match = matches
	}
	if len(failed.Routes) > 0 {
		return nil, failed
	}
	return spec, nil
}

// rebaseMatch returns the match under the prefix. The path "/" is two there: a
// prefix is the same with and without a slash at its end.
func rebaseMatch(match *networking.HTTPMatchRequest, prefix string) []*networking.HTTPMatchRequest {
	switch path := match.GetUri(); {
	case path.GetExact() == "/":
		bare := proto.CloneOf(match)
		bare.Uri = StringMatch{Exact, prefix}.expand()
		match.Uri = StringMatch{Exact, prefix + "/"}.expand()
		return []*networking.HTTPMatchRequest{bare, match}
	case path.GetPrefix() == "/":
		match.Uri = nil // all that the root hands over
	case path.GetExact() != "":
		match.Uri = StringMatch{Exact, prefix + path.GetExact()}.expand()
	case path.GetPrefix() != "":
		match.Uri = StringMatch{Prefix, prefix + path.GetPrefix()}.expand()
	}
	return []*networking.HTTPMatchRequest{match}
}
