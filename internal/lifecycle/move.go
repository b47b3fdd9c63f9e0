package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Movable says which objects a resource takes over by a moved block from the
// resources of other providers that manage objects of any kind.
type Movable struct {
	// To is the resource, such as "sls_application".
	To string
	// Kind is what its objects are; nil if there is no one object that stands for
	// it. Versions don't matter: each of them shows the same object.
	Kind *kube.Kind
	// Attribute is where the resource has the object's name.
	Attribute string
	// Otherwise tells the way for objects of other kinds, in a sentence, if there
	// is a better one than an import.
	Otherwise string
}

// Movers returns what a resource's MoveState returns. One function takes every
// source, so that what it refuses is told with a way out, and not by the framework,
// which speaks to the provider's authors.
//
// Terraform asks a provider that it has not configured. So the state has no more than
// an import gives, and the read that follows fills it in, from the object as it is: a
// move writes nothing.
func (m Movable) Movers() []resource.StateMover {
	return []resource.StateMover{{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		m.move(ctx, req, resp, func(key string, value []byte) diag.Diagnostics { return resp.TargetPrivate.SetKey(ctx, key, value) })
	}}}
}

func (m Movable) move(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse, keep func(key string, value []byte) diag.Diagnostics) {
	read, known := sources[source{providerOf(req.SourceProviderAddress), req.SourceTypeName}]
	if !known || m.Kind == nil {
		m.refuse(&resp.Diagnostics, req.SourceTypeName, m.takes(req))
		return
	}
	var state map[string]any
	if req.SourceRawState == nil || json.Unmarshal(req.SourceRawState.JSON, &state) != nil {
		m.refuse(&resp.Diagnostics, req.SourceTypeName, "Its state can't be read.")
		return
	}
	object := read(state)
	switch {
	case object.kind == "":
		m.refuse(&resp.Diagnostics, req.SourceTypeName, "Its state does not tell what it is.")
		return
	case object.group() != m.Kind.Group || object.kind != m.Kind.Name:
		what := fmt.Sprintf("It is the %s of %s, and an %s is a %s of %s.", object, object.apiVersion, m.To, m.Kind.Name, m.Kind.APIVersion())
		m.refuse(&resp.Diagnostics, req.SourceTypeName, strings.TrimSpace(what+" "+m.Otherwise))
		return
	case object.namespace == "" || object.name == "":
		m.refuse(&resp.Diagnostics, req.SourceTypeName, "Its state does not tell the object's namespace and name.")
		return
	}
	resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("namespace"), object.namespace)...)
	resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(m.Attribute), object.name)...)
	if resp.TargetIdentity != nil { // the next read sets the cluster
		resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, Identity{
			Namespace: types.StringValue(object.namespace), Name: types.StringValue(object.name),
		})...)
	}
	encoded, err := json.Marshal(Moved{From: req.SourceTypeName, Managers: object.managers})
	if err != nil {
		return // strings can be encoded
	}
	resp.Diagnostics.Append(keep(movedKey, encoded)...)
}

// takes says what can be moved.
func (m Movable) takes(req resource.MoveStateRequest) string {
	if m.Kind == nil {
		return strings.TrimSpace("No one object stands for an " + m.To + ". " + m.Otherwise)
	}
	return fmt.Sprintf("An %s takes over a %s from the kubernetes_manifest of hashicorp/kubernetes and from the kubectl_manifest of gavinbunney/kubectl "+
		"and alekc/kubectl, not from the %s of %s.", m.To, m.Kind.Name, req.SourceTypeName, providerOf(req.SourceProviderAddress))
}

// refuse adds an error with the way that always leads there.
func (m Movable) refuse(diags *diag.Diagnostics, from, why string) {
	diags.AddError(fmt.Sprintf("Can't move the %s to an %s", from, m.To),
		fmt.Sprintf("%s\n\nInstead of the moved block, have Terraform forget the one and import the other. Neither touches what runs:\n\n"+
			"removed {\n  from = %s.<name>\n  lifecycle {\n    destroy = false\n  }\n}\n\nimport {\n  to = %s.<name>\n  id = \"<namespace>/<name>\"\n}", why, from, m.To))
}

// Moved is kept beside a state that a moved block has brought from another
// provider.
type Moved struct {
	From string `json:"from"` // the type of the resource that it was
	// Managers are the field managers that the other provider has written under.
	Managers []string `json:"managers,omitempty"`
}

const movedKey = "moved"

// LoadMoved returns nil for a state that no moved block has brought.
func LoadMoved(ctx context.Context, private interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}, diags *diag.Diagnostics,
) *Moved {
	encoded, problems := private.GetKey(ctx, movedKey)
	diags.Append(problems...)
	m := &Moved{}
	if len(encoded) == 0 || json.Unmarshal(encoded, m) != nil {
		return nil
	}
	return m
}

// Predecessors are the managers that the resource succeeds by the move, besides those
// that it knows by name. There are none without one.
func (m *Moved) Predecessors() []string {
	if m == nil {
		return nil
	}
	return m.Managers
}

// AddNotThere warns that what was moved is not on the cluster, where the plan makes
// it anew: the other provider may have been connected to another one.
func (m *Moved) AddNotThere(diags *diag.Diagnostics, object string) {
	if m == nil {
		return
	}
	diags.AddWarning("There is nothing to take over from the "+m.From,
		fmt.Sprintf("The state has it as %s, which is not on this cluster, so the plan creates it. If it should be there, check that this provider "+
			"is connected to the same cluster as the provider before: config_path, config_context and host.", object))
}

// source is a resource of a provider, without the registry's host: mirrors have
// others.
type source struct{ provider, resource string }

// sources are what can be moved, and how their states tell the object.
var sources = map[source]func(state map[string]any) movedObject{
	{"hashicorp/kubernetes", "kubernetes_manifest"}: readManifest,
	{"gavinbunney/kubectl", "kubectl_manifest"}:     readKubectlManifest,
	{"alekc/kubectl", "kubectl_manifest"}:           readKubectlManifest,
}

func providerOf(address string) string {
	parts := strings.Split(address, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

// movedObject is the object that a state is about.
type movedObject struct {
	apiVersion, kind, namespace, name string
	managers                          []string
}

func (o movedObject) group() string {
	group, _, grouped := strings.Cut(o.apiVersion, "/")
	if !grouped {
		return ""
	}
	return group
}

func (o movedObject) String() string {
	if o.namespace == "" {
		return o.kind + " " + o.name
	}
	return o.kind + " " + o.namespace + "/" + o.name
}

// readManifest reads the state of a kubernetes_manifest: object is what the API
// server has made of manifest, and is null as long as it has not.
func readManifest(state map[string]any) movedObject {
	var o movedObject
	for _, attribute := range []string{"object", "manifest"} {
		// A value of any type goes with its type.
		typed, _ := state[attribute].(map[string]any)
		value, _ := typed["value"].(map[string]any)
		metadata, _ := value["metadata"].(map[string]any)
		o.apiVersion, o.kind = first(o.apiVersion, value["apiVersion"]), first(o.kind, value["kind"])
		o.namespace, o.name = first(o.namespace, metadata["namespace"]), first(o.name, metadata["name"])
	}
	blocks, _ := state["field_manager"].([]any)
	for _, block := range blocks {
		settings, _ := block.(map[string]any)
		o.managers = appendText(o.managers, settings["name"])
	}
	return o
}

// readKubectlManifest reads the state of a kubectl_manifest. Its namespace is the
// manifest's, which may go without, and means the provider's default then; the id,
// such as /apis/serving.knative.dev/v1/namespaces/shop/services/web, has the real one.
func readKubectlManifest(state map[string]any) movedObject {
	o := movedObject{
		apiVersion: first("", state["api_version"]), kind: first("", state["kind"]),
		namespace: first("", state["namespace"]), name: first("", state["name"]),
	}
	if steps := strings.Split(first("", state["id"]), "/"); o.namespace == "" {
		if i := slices.Index(steps, "namespaces"); i >= 0 && i+1 < len(steps) {
			o.namespace = steps[i+1]
		}
	}
	o.managers = appendText(nil, state["field_manager"])
	return o
}

func first(known string, value any) string {
	if known != "" {
		return known
	}
	text, _ := value.(string)
	return text
}

func appendText(to []string, value any) []string {
	if text, _ := value.(string); text != "" {
		return append(to, text)
	}
	return to
}
