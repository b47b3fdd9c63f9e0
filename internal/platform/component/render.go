package component

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// rendered is what a configuration wants of the cluster.
type rendered struct {
	set   *manifest.Set
	about about
}

// render reads the manifest and makes the objects of it, or returns nil and the
// errors in diags.
func (r *Resource) render(ctx context.Context, m *Model, options manifest.Options, diags *diag.Diagnostics) *rendered {
	content := manifest.Inline(m.Manifest.ValueString())
	var err error
	if m.Manifest.IsNull() {
		content, err = manifest.Load(ctx, m.Source.ValueString())
	}
	if err == nil {
		err = content.Verify(m.SHA256.ValueString())
	}
	var set *manifest.Set
	if err == nil {
		set, err = manifest.Render(content, options)
	}
	var of about
	if err == nil {
		of, err = aboutOf(set, m, content.Digest, options)
	}
	if err != nil {
		addRenderError(diags, m, err)
		return nil
	}
	for _, key := range set.UnusedImages {
		diags.AddAttributeWarning(path.Root("images").AtMapKey(key), "No image begins so",
			fmt.Sprintf("The manifest has no image that is %q or in a path below it: nothing is rewritten by this key. Has a new version another registry?", key))
	}
	return &rendered{set, of}
}

func addRenderError(diags *diag.Diagnostics, m *Model, err error) {
	p, attribute := inWords(err)
	if attribute == "" {
		diags.AddError(p.Summary, p.Detail)
		return
	}
	diags.AddAttributeError(m.at(attribute), p.Summary, p.Detail)
}

// renderForApply is render for a plan that is being applied: what was planned
// must be what is applied.
func (r *Resource) renderForApply(ctx context.Context, plan *Model, diags *diag.Diagnostics) *rendered {
	options := r.options(ctx, plan, diags)
	if diags.HasError() {
		return nil
	}
	var problems diag.Diagnostics
	of := r.render(ctx, plan, options, &problems)
	diags.Append(problems.Errors()...) // the plan has shown the warnings
	if of == nil {
		return nil
	}
	if !plan.SourceDigest.IsUnknown() && plan.SourceDigest.ValueString() != of.about.Digest {
		diags.AddAttributeError(path.Root("source"), "The manifest has changed since the plan",
			fmt.Sprintf("When the plan was made, %s had the SHA-256 %s; now it has %s. Nothing was applied: plan again, and set sha256 so that it can't change.",
				plan.Source.ValueString(), plan.SourceDigest.ValueString(), of.about.Digest))
		return nil
	}
	return of
}

// form is the form of the objects that this provider makes of the same inputs.
// Whoever changes what Render makes of a manifest counts it up: what is known of
// a manifest without reading it is then not believed.
const form = 1

// inputsOf returns a digest of all that decides what the objects are.
func inputsOf(digest string, options manifest.Options) (string, error) {
	encoded, err := json.Marshal([]any{form, strings.ToLower(digest), options})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:]), nil
}
