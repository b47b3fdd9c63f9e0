package component

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// plannedKey has beside the state what the objects should be: the state shows
// drift in its place.
const plannedKey = "planned"

// planned is what a manifest came to when it was applied last.
type planned struct {
	Inputs  string            // a digest of all that decides it
	Digest  string            // of the source
	Objects map[string]string // digests by name
}

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// digests returns what each object should be.
func (i *inventory) digests() map[string]string {
	digests := make(map[string]string, len(i.entries))
	for _, e := range i.entries {
		digests[e.String()] = e.Digest
	}
	return digests
}

// savePlanned keeps what the objects should be. Of an apply that was not
// finished that is not known.
func savePlanned(ctx context.Context, private privateWriter, noted *inventory) (diags diag.Diagnostics) {
	if noted.phase != complete {
		return private.SetKey(ctx, plannedKey, nil)
	}
	encoded, err := json.Marshal(planned{noted.about.Inputs, noted.about.Digest, noted.digests()})
	if err != nil {
		diags.AddError("Can't keep what was applied", err.Error())
		return diags
	}
	return private.SetKey(ctx, plannedKey, encoded)
}

// recallPlanned returns what the objects should be, if that is known of a source
// with a checksum, or nil.
func recallPlanned(ctx context.Context, private privateReader, sha256 string, options manifest.Options, diags *diag.Diagnostics) *planned {
	if sha256 == "" || private == nil {
		return nil
	}
	encoded, problems := private.GetKey(ctx, plannedKey)
	diags.Append(problems...)
	known := &planned{}
	if len(encoded) == 0 || json.Unmarshal(encoded, known) != nil {
		return nil
	}
	wanted, err := inputsOf(strings.ToLower(sha256), options)
	if err != nil || known.Inputs != wanted {
		return nil
	}
	return known
}

// settings are the attributes that an import reads from the inventory. An
// inline manifest is not among them: it is too large to be kept twice.
type settings struct {
	Source      string                       `json:"source,omitempty"`
	SHA256      string                       `json:"sha256,omitempty"`
	Namespace   string                       `json:"namespace,omitempty"`
	Images      map[string]string            `json:"images,omitempty"`
	Env         map[string]map[string]string `json:"env,omitempty"`
	Labels      map[string]string            `json:"labels,omitempty"`
	Annotations map[string]string            `json:"annotations,omitempty"`
	Ignore      []manifest.Rule              `json:"ignore_fields,omitempty"`
	RequiredBy  []string                     `json:"required_by,omitempty"`
}

func settingsOf(m *Model, options manifest.Options) settings {
	return settings{
		Source: m.Source.ValueString(), SHA256: m.SHA256.ValueString(), Namespace: m.Namespace.ValueString(),
		Images: options.Images, Env: options.Env, Labels: lifecycle.Strings(m.Labels), Annotations: lifecycle.Strings(m.Annotations), Ignore: options.Ignore,
		RequiredBy: stringsOf(m.RequiredBy),
	}
}

// recall puts into the model what an inventory tells of the configuration.
func recall(ctx context.Context, noted *inventory, m *Model, diags *diag.Diagnostics) {
	var s settings
	if err := json.Unmarshal(noted.about.Settings, &s); err != nil {
		return // an import does without
	}
	m.Source, m.SHA256, m.Namespace = lifecycle.NullIfEmpty(s.Source), lifecycle.NullIfEmpty(s.SHA256), lifecycle.NullIfEmpty(s.Namespace)
	m.Images, m.Env = nullIfNone(s.Images), envOf(s.Env)
	m.Labels, m.Annotations = nullIfNone(s.Labels), nullIfNone(s.Annotations)
	m.RequiredBy = types.SetNull(types.StringType)
	if len(s.RequiredBy) > 0 {
		set, problems := types.SetValueFrom(ctx, types.StringType, s.RequiredBy)
		diags.Append(problems...)
		m.RequiredBy = set
	}
	if m.Timeouts.IsNull() {
		m.Timeouts = timeouts.Value{Object: types.ObjectNull(m.Timeouts.AttributeTypes(ctx))}
	}
	element, ok := schemaOnce().Attributes["ignore_fields"].GetType().(attr.TypeWithElementType)
	if !ok {
		return
	}
	m.IgnoreFields = types.ListNull(element.ElementType())
	if len(s.Ignore) == 0 {
		return
	}
	var rules []IgnoreFields
	for _, rule := range s.Ignore {
		paths, problems := types.ListValueFrom(ctx, types.StringType, rule.Paths)
		diags.Append(problems...)
		rules = append(rules, IgnoreFields{
			Kind: types.StringValue(rule.Kind), APIGroup: types.StringPointerValue(rule.Group),
			Namespace: lifecycle.NullIfEmpty(rule.Namespace), Name: lifecycle.NullIfEmpty(rule.Name), Paths: paths,
		})
	}
	list, problems := types.ListValueFrom(ctx, element.ElementType(), rules)
	diags.Append(problems...)
	m.IgnoreFields = list
}
