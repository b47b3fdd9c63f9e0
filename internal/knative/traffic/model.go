package traffic

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Model is the shape of sls_revision_traffic in HCL. Nested attributes are
// lists and objects at this level, so that a plan in which one of them is not
// known yet can still be read; inside they are plain structs.
type Model struct {
	Application types.String `tfsdk:"application"`
	Namespace   types.String `tfsdk:"namespace"`

	Revisions     types.List   `tfsdk:"revisions"`
	Rules         types.List   `tfsdk:"rules"`
	Sticky        types.Object `tfsdk:"sticky"`
	VersionHeader types.String `tfsdk:"version_header"`

	// How the provider goes about it.
	Drain           types.String   `tfsdk:"drain"`
	MissingRevision types.String   `tfsdk:"missing_revision"`
	Probe           types.Object   `tfsdk:"probe"`
	OnDestroy       types.String   `tfsdk:"on_destroy"`
	Adopt           types.Bool     `tfsdk:"adopt"`
	ForceConflicts  types.Bool     `tfsdk:"force_conflicts"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`

	// What the platform made of it.
	Targets       types.List   `tfsdk:"targets"`
	RulesHosts    types.List   `tfsdk:"rules_hosts"`
	Ready         types.Bool   `tfsdk:"ready"`
	StatusMessage types.String `tfsdk:"status_message"`
	Drift         types.List   `tfsdk:"drift"`
}

// Revision is one entry of revisions: who gets how much.
type Revision struct {
	Version  types.String `tfsdk:"version"`
	Revision types.String `tfsdk:"revision"`
	Latest   types.Bool   `tfsdk:"latest"`
	Percent  types.Int64  `tfsdk:"percent"`
	Tag      types.String `tfsdk:"tag"`
	MinScale types.Int64  `tfsdk:"min_scale"`
}

// Rule sends the requests that match to one target.
type Rule struct {
	Name   types.String `tfsdk:"name"`
	Match  []Match      `tfsdk:"match"`
	Target types.String `tfsdk:"target"`
}

// Match is what a request must have, all of it.
type Match struct {
	Headers        map[string]StringMatch `tfsdk:"headers"`
	Cookies        map[string]StringMatch `tfsdk:"cookies"`
	Query          map[string]StringMatch `tfsdk:"query"`
	Path           *PathMatch             `tfsdk:"path"`
	Method         *MethodMatch           `tfsdk:"method"`
	WithoutHeaders map[string]StringMatch `tfsdk:"without_headers"`
	WithoutCookies map[string]StringMatch `tfsdk:"without_cookies"`
}

// StringMatch is one of four ways to look at a value.
type StringMatch struct {
	Exact   types.String `tfsdk:"exact"`
	Prefix  types.String `tfsdk:"prefix"`
	Regex   types.String `tfsdk:"regex"`
	Present types.Bool   `tfsdk:"present"`
}

// PathMatch is one of three ways to look at a path.
type PathMatch struct {
	Exact  types.String `tfsdk:"exact"`
	Prefix types.String `tfsdk:"prefix"`
	Regex  types.String `tfsdk:"regex"`
}

// MethodMatch is one of two ways to look at a method.
type MethodMatch struct {
	Exact types.String `tfsdk:"exact"`
	Regex types.String `tfsdk:"regex"`
}

// Sticky makes percents shares of users.
type Sticky struct {
	Cookie       types.String `tfsdk:"cookie"`
	TTL          types.String `tfsdk:"ttl"`
	Domain       types.String `tfsdk:"domain"`
	Header       types.String `tfsdk:"header"`
	SuffixDigits types.Int64  `tfsdk:"suffix_digits"`
}

// Probe is a request that proves the intent.
type Probe struct {
	URL     types.String      `tfsdk:"url"`
	Host    types.String      `tfsdk:"host"`
	Headers map[string]string `tfsdk:"headers"`
	Status  types.Int64       `tfsdk:"status"`
	Timeout types.String      `tfsdk:"timeout"`
}

// Target is what an entry of revisions came to.
type Target struct {
	Revision types.String `tfsdk:"revision"`
	Version  types.String `tfsdk:"version"`
	Percent  types.Int64  `tfsdk:"percent"`
	Tag      types.String `tfsdk:"tag"`
	URL      types.String `tfsdk:"url"`
}

const (
	missingError    = "error"
	missingCollapse = "collapse"

	destroyKeep   = "keep"
	destroyLatest = "latest"
)

// configuration is a model with its nested attributes decoded.
type configuration struct {
	*Model
	revisions []Revision
	rules     []Rule
	sticky    *Sticky
	probe     *Probe
	targets   []Target // of a state; nil of a plan
}

// decode decodes the nested attributes, which must be known; of the computed
// ones those that are.
func decode(ctx context.Context, m *Model, diags *diag.Diagnostics) *configuration {
	c := &configuration{Model: m}
	for name, part := range map[string]struct {
		from attr.Value
		into any
	}{
		"revisions": {m.Revisions, &c.revisions},
		"rules":     {m.Rules, &c.rules},
		"sticky":    {m.Sticky, &c.sticky},
		"probe":     {m.Probe, &c.probe},
		"targets":   {m.Targets, &c.targets},
	} {
		if part.from.IsNull() || part.from.IsUnknown() {
			continue
		}
		for _, problem := range tfsdk.ValueAs(ctx, part.from, part.into) {
			diags.Append(diag.WithPath(path.Root(name), problem))
		}
	}
	return c
}

// encode puts a decoded attribute into the model.
func encode(ctx context.Context, attribute string, from any, into any, diags *diag.Diagnostics) {
	diags.Append(tfsdk.ValueFrom(ctx, from, schemaOnce().Attributes[attribute].GetType(), into)...)
}
