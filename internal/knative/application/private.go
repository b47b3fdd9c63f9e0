package application

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

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
	// writtenKey has the revision that was written last, and unknownKey the one
	// that is in the template now, if that is of a write of ours that was killed
	// before the state learned of it. What such a write has added no attribute
	// shows.
	writtenKey = "written"
	unknownKey = "unknown"
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
func saveOthers(ctx context.Context, private privateWriter, service *kube.Object, manager string, predecessors ...string) diag.Diagnostics {
	if theirs := othersOf(service, manager); !theirs.none() {
		theirs.Inheritable = theirs.inheritable(service, manager, predecessors...)
		return save(ctx, private, othersKey, theirs)
	}
	return private.SetKey(ctx, othersKey, nil)
}

func loadOthers(ctx context.Context, private privateReader, diags *diag.Diagnostics) others {
	return load[others](ctx, private, othersKey, diags)
}

// saveWritten keeps the revision that a write has left in a Service's template.
func saveWritten(ctx context.Context, private privateWriter, service *kube.Object, manager string) diag.Diagnostics {
	diags := save(ctx, private, writtenKey, ownName(service, manager))
	diags.Append(private.SetKey(ctx, unknownKey, nil)...)
	return diags
}

// noteUnknown notes down whether a Service's template is of a write that the
// state does not know.
func noteUnknown(ctx context.Context, read privateReader, private privateWriter, service *kube.Object, manager string, diags *diag.Diagnostics) {
	if !isUnknown(ctx, read, service, manager, diags) {
		diags.Append(private.SetKey(ctx, unknownKey, nil)...)
		return
	}
	diags.Append(save(ctx, private, unknownKey, ownName(service, manager))...)
}

// isUnknown reports whether a Service's template is of such a write.
func isUnknown(ctx context.Context, read privateReader, service *kube.Object, manager string, diags *diag.Diagnostics) bool {
	written, now := load[string](ctx, read, writtenKey, diags), ownName(service, manager)
	return written != "" && now != "" && now != written
}

// ownName returns the name that a Service's template has from the manager. From
// somebody else it is no sign of ours.
func ownName(service *kube.Object, manager string) string {
	name, _, _ := unstructured.NestedString(kube.Owned(service, manager), "spec", "template", "metadata", "name")
	return name
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
