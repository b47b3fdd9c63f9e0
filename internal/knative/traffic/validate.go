package traffic

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// maxLabel is how long one part of a host name may be.
const maxLabel = 63

// ValidateConfig refuses at plan what Knative or Istio would refuse at apply, or
// drop without a word.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validateModel(ctx, &m, &resp.Diagnostics)
}

func validateModel(ctx context.Context, m *Model, diags *diag.Diagnostics) {
	entries, complete := knownEntries[Revision](ctx, m.Revisions.Elements(), diags)
	if !m.Revisions.IsUnknown() {
		validateRevisions(m, entries, complete, diags)
	}
	validateRules(ctx, m, entries, complete && !m.Revisions.IsUnknown(), diags)
	validateSticky(ctx, m, entries, complete && !m.Revisions.IsUnknown(), diags)
	if !m.Probe.IsNull() && m.VersionHeader.IsNull() {
		diags.AddAttributeError(path.Root("probe"), "A probe needs version_header",
			"Without it an answer does not tell which version it is from. Set version_header, such as \"x-version\".")
	}
	if !m.VersionHeader.IsNull() && !m.VersionHeader.IsUnknown() {
		addProblems(diags, routing.ValidateVersionHeader(m.VersionHeader.ValueString()), nil)
	}
}

// knownEntries decodes the elements of a list that are known, each with its
// index; complete says that all are.
func knownEntries[T any](ctx context.Context, elements []attr.Value, diags *diag.Diagnostics) (entries map[int]T, complete bool) {
	entries, complete = map[int]T{}, true
	for i, element := range elements {
		if element.IsUnknown() || element.IsNull() {
			complete = false
			continue
		}
		var entry T
		diags.Append(tfsdk.ValueAs(ctx, element, &entry)...)
		entries[i] = entry
	}
	return entries, complete
}

func validateRevisions(m *Model, entries map[int]Revision, complete bool, diags *diag.Diagnostics) {
	sum, name := int64(0), m.Application.ValueString()
	tags := map[string]int{}
	for _, i := range sorted(entries) {
		entry, at := entries[i], path.Root("revisions").AtListIndex(i)
		given, unknown := 0, false
		for _, value := range []attr.Value{entry.Version, entry.Revision, entry.Latest} {
			unknown = unknown || value.IsUnknown()
			if !value.IsNull() {
				given++
			}
		}
		if given > 1 && !unknown || given == 0 {
			diags.AddAttributeError(at, "An entry stands for one thing",
				"Set one of version, revision and latest: the newest ready revision of a version, a revision by its name, or whatever is the newest ready one.")
		}
		if entry.Percent.IsUnknown() {
			complete = false
		}
		sum += entry.Percent.ValueInt64()
		if !entry.MinScale.IsNull() && entry.Latest.ValueBool() {
			diags.AddAttributeError(at.AtName("min_scale"), "The latest revision has the application's own minimum",
				"min_scale is of one revision, and latest = true is another one with the next deployment. Set scaling.min of sls_application.")
		}
		if entry.Tag.IsNull() || entry.Tag.IsUnknown() {
			continue
		}
		tag := entry.Tag.ValueString()
		if before, twice := tags[tag]; twice {
			diags.AddAttributeError(at.AtName("tag"), "Two entries have one tag",
				fmt.Sprintf("%q is the tag of revisions[%d] too, and a tag is the name of one revision's host. Give each its own.", tag, before))
		}
		tags[tag] = i
		if host := tag + "-" + name; !m.Application.IsUnknown() && len(host) > maxLabel {
			diags.AddAttributeError(at.AtName("tag"), "The tag is too long",
				fmt.Sprintf("The host %s would begin with %d characters before its first dot, and DNS allows %d. A tag of this application may have %d.",
					host, len(host), maxLabel, maxLabel-1-len(name)))
		}
		if tag == latestTag && !entry.Latest.ValueBool() && !entry.Latest.IsUnknown() {
			diags.AddAttributeError(at.AtName("tag"), "The tag is kept for latest = true",
				"An entry with latest = true is reached by the tag latest. Choose another one.")
		}
	}
	if complete && sum != 100 {
		diags.AddAttributeError(path.Root("revisions"), "The percents do not make 100",
			fmt.Sprintf("They make %d. Entries without percent have 0.", sum))
	}
}

func sorted[T any](of map[int]T) []int {
	var keys []int
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// validateRules judges those rules that are known; complete says that all tags
// may be.
func validateRules(ctx context.Context, m *Model, entries map[int]Revision, complete bool, diags *diag.Diagnostics) {
	tags := map[string]bool{}
	for _, entry := range entries {
		complete = complete && !entry.Tag.IsUnknown()
		tags[entry.Tag.ValueString()] = !entry.Tag.IsNull()
	}
	var rules []routing.Rule
	var index []int // in the configuration, of each of rules
	for i, element := range m.Rules.Elements() {
		at := path.Root("rules").AtListIndex(i)
		if !isKnown(ctx, element) {
			continue
		}
		var rule Rule
		if problems := tfsdk.ValueAs(ctx, element, &rule); problems.HasError() {
			diags.Append(problems...)
			continue
		}
		if complete && !tags[rule.Target.ValueString()] {
			diags.AddAttributeError(at.AtName("target"), "There is no such tag",
				fmt.Sprintf("No entry of revisions has the tag %q. Tags there: %s.", rule.Target.ValueString(), listed(tags)))
		}
		if validateWays(rule, at, diags) {
			rules, index = append(rules, expandRules([]Rule{rule})...), append(index, i)
		}
	}
	addProblems(diags, routing.ValidateRules(rules), index)
}

func listed(tags map[string]bool) string {
	var given []string
	for tag, set := range tags {
		if set {
			given = append(given, tag)
		}
	}
	if len(given) == 0 {
		return "none"
	}
	slices.Sort(given)
	return strings.Join(given, ", ")
}

// validateWays refuses values that are looked at in no way, or in several.
func validateWays(rule Rule, at path.Path, diags *diag.Diagnostics) bool {
	before := len(diags.Errors())
	one := func(at path.Path, ways ...attr.Value) {
		given := 0
		for _, way := range ways {
			if !way.IsNull() {
				given++
			}
		}
		if given != 1 {
			diags.AddAttributeError(at, "A value is looked at in one way", "Set one of exact, prefix, regex and present, as far as there are.")
		}
	}
	for i, match := range rule.Match {
		at := at.AtName("match").AtListIndex(i)
		for name, values := range map[string]map[string]StringMatch{
			"headers": match.Headers, "cookies": match.Cookies, "query": match.Query,
			"without_headers": match.WithoutHeaders, "without_cookies": match.WithoutCookies,
		} {
			for key, s := range values {
				one(at.AtName(name).AtMapKey(key), s.Exact, s.Prefix, s.Regex, s.Present)
			}
		}
		if match.Path != nil {
			one(at.AtName("path"), match.Path.Exact, match.Path.Prefix, match.Path.Regex)
		}
		if match.Method != nil {
			one(at.AtName("method"), match.Method.Exact, match.Method.Regex)
		}
	}
	return len(diags.Errors()) == before
}

// validateSticky judges sticky; complete says that all entries are known.
func validateSticky(ctx context.Context, m *Model, entries map[int]Revision, complete bool, diags *diag.Diagnostics) {
	if m.Sticky.IsNull() || !isKnown(ctx, m.Sticky) {
		return
	}
	var sticky *Sticky
	diags.Append(tfsdk.ValueAs(ctx, m.Sticky, &sticky)...)
	if diags.HasError() || sticky == nil {
		return
	}
	at := path.Root("sticky")
	suffix := !sticky.SuffixDigits.IsNull()
	for name, value := range map[string]attr.Value{"ttl": sticky.TTL, "domain": sticky.Domain} {
		if suffix && !value.IsNull() {
			diags.AddAttributeError(at.AtName(name), "The id is not the gateway's to keep",
				"With suffix_digits the id is one that requests carry already; ttl and domain are of a cookie that the gateway sets.")
			return
		}
	}
	switch {
	case suffix && sticky.Cookie.IsNull() == sticky.Header.IsNull():
		diags.AddAttributeError(at, "An id is in one place", "With suffix_digits, set one of cookie and header: where requests carry the id.")
		return
	case !suffix && !sticky.Header.IsNull():
		diags.AddAttributeError(at.AtName("suffix_digits"), "How many digits decide?", "An id in a header needs suffix_digits: how many of its last digits decide.")
		return
	case !suffix && sticky.Cookie.IsNull():
		diags.AddAttributeError(at.AtName("cookie"), "The random id needs a cookie", "Set cookie to the name of the cookie that keeps it.")
		return
	}
	var percents []int
	for _, i := range sorted(entries) {
		complete = complete && !entries[i].Percent.IsUnknown()
		percents = append(percents, int(entries[i].Percent.ValueInt64()))
	}
	if !complete {
		percents = []int{100}
	}
	addProblems(diags, routing.ValidateSticky(*expandSticky(sticky), percents), nil)
}

// addProblems adds what is wrong with the routing, at its attribute. index says
// where in the configuration each rule is that was judged.
func addProblems(diags *diag.Diagnostics, problems []routing.Problem, index []int) {
	for _, p := range problems {
		at := path.Empty()
		for i, step := range p.Path {
			switch step := step.(type) {
			case string:
				at = at.AtName(step)
			case int:
				if i == 1 && p.Path[0] == "rules" && step < len(index) {
					step = index[step]
				}
				at = at.AtListIndex(step)
			case routing.Key:
				at = at.AtMapKey(string(step))
			}
		}
		diags.AddAttributeError(at, "This can't be routed by", p.Text)
	}
}

// httpURL accepts where a probe may be sent to.
func httpURL() validator.String {
	return validate.Text("an address", func(value string) []string {
		address, err := url.Parse(value)
		if err != nil || (address.Scheme != "http" && address.Scheme != "https") || address.Host == "" {
			return []string{"write it as http://shop.example.com/healthz"}
		}
		return nil
	})
}
