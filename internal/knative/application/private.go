package application

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// What is kept beside the state.
const (
	// appliedKey has the template that was applied last: it tells a value that
	// somebody else has changed from one that the configuration changes.
	appliedKey = "applied"
	// othersKey has what others have in the live template: a revision that is
	// made beside that has another content, and another name.
	othersKey = "others"
)

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func saveApplied(ctx context.Context, private privateWriter, want *desired) diag.Diagnostics {
	return save(ctx, private, appliedKey, want.template)
}

// loadApplied returns nil where it is not known.
func loadApplied(ctx context.Context, private privateReader, diags *diag.Diagnostics) map[string]any {
	return load[map[string]any](ctx, private, appliedKey, diags)
}

// saveOthers keeps what others than the manager have in a Service's template;
// where there is nothing, as mostly, it keeps nothing.
func saveOthers(ctx context.Context, private privateWriter, service *kube.Object, manager string) diag.Diagnostics {
	if theirs := othersOf(service, manager); !theirs.none() {
		return save(ctx, private, othersKey, theirs)
	}
	return private.SetKey(ctx, othersKey, nil)
}

func loadOthers(ctx context.Context, private privateReader, diags *diag.Diagnostics) others {
	return load[others](ctx, private, othersKey, diags)
}

func save(ctx context.Context, private privateWriter, key string, value any) (diags diag.Diagnostics) {
	encoded, err := json.Marshal(value)
	if err != nil {
		diags.AddError("Can't keep what was applied", err.Error())
		return diags
	}
	return private.SetKey(ctx, key, encoded)
}

func load[T any](ctx context.Context, private privateReader, key string, diags *diag.Diagnostics) (value T) {
	encoded, problems := private.GetKey(ctx, key)
	diags.Append(problems...)
	if len(encoded) > 0 && json.Unmarshal(encoded, &value) != nil {
		value = *new(T)
	}
	return value
}
