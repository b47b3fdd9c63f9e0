package component

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

const (
	inventoryNamespace = "kube-system"
	inventoryPrefix    = "sls-component-"
)

var configMaps = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, Name: "ConfigMap"}

// phase is how far an inventory's component is.
type phase string

const (
	// creating: the component was never complete.
	creating phase = "creating"
	// applying: an apply has begun, and was not finished or is under way.
	applying phase = "applying"
	// complete: what the inventory lists is what is there.
	complete phase = "complete"
)

// inventory notes on the cluster what a component is made of. It is written
// before the first write of an apply, so that nothing is ever left that nobody
// knows of, and after the last.
type inventory struct {
	component string
	phase     phase
	about     about
	entries   []entry
	fields    map[string][]byte // what we set of each object, as managedFields has it
	live      *kube.Object      // the ConfigMap as it was read or written
}

// about is what an inventory tells of its component as a whole: to people, to
// an import, and to a plan that would rather not download the manifest.
type about struct {
	Version  string           `json:"version,omitempty"`  // by the objects' label app.kubernetes.io/version
	Digest   string           `json:"digest,omitempty"`   // of the source
	Inputs   string           `json:"inputs,omitempty"`   // a digest of all that decides what the objects are
	Settings json.RawMessage  `json:"settings,omitempty"` // for an import
	Ignored  manifest.Ignored `json:"ignored,omitempty"`
}

// entry is an object of a component.
type entry struct {
	manifest.ID
	Version  string `json:",omitempty"`
	Resource string
	Digest   string `json:",omitempty"` // of what the object should be
	Fields   string `json:",omitempty"` // a digest of what we set, as managedFields has it
	// Pending says that it is being written.
	Pending bool `json:",omitempty"`
	// Adopted says that it was there before the component, which a create that
	// is rolled back must leave.
	Adopted bool `json:",omitempty"`
	// Done says that it is a Job that has ended, and may be gone.
	Done bool `json:",omitempty"`
}

func (e *entry) kind() kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: e.Group, Version: e.Version, Resource: e.Resource}, Name: e.Kind}
}

func (e *entry) stage() manifest.Stage { return manifest.StageOf(e.ID) }

// entry returns the entry of an object, or nil.
func (i *inventory) entry(id manifest.ID) *entry {
	if i == nil {
		return nil
	}
	at := slices.IndexFunc(i.entries, func(e entry) bool { return e.ID == id })
	if at < 0 {
		return nil
	}
	return &i.entries[at]
}

// note notes down an object that was written.
func (i *inventory) note(object *manifest.Object, fields []byte) {
	e := i.entry(object.ID)
	e.Version, e.Resource = object.Resource.Version, object.Resource.Resource
	e.Digest, e.Pending, e.Done = object.Digest, false, false
	e.Fields = fieldsDigest(fields)
	i.fields[object.String()] = fields
}

// inventoryName returns the name of a component's ConfigMap.
func inventoryName(component string) string { return inventoryPrefix + component }

// reader reads an object: past every cache, or for a refresh.
type reader func(ctx context.Context, kind kube.Kind, namespace, name string) (*kube.Object, error)

// readInventory returns what is noted of a component, or nil.
func readInventory(ctx context.Context, read reader, component string) (*inventory, error) {
	object, err := read(ctx, configMaps, inventoryNamespace, inventoryName(component))
	if err != nil || object == nil || object.GetDeletionTimestamp() != nil {
		return nil, err
	}
	return decodeInventory(component, object)
}

func decodeInventory(component string, object *kube.Object) (*inventory, error) {
	data, _, _ := unstructured.NestedStringMap(object.Object, "data")
	i := &inventory{component: component, phase: phase(data["phase"]), live: object, fields: map[string][]byte{}}
	for key, into := range map[string]any{"objects": &i.entries, "about": &i.about} {
		if err := json.Unmarshal([]byte(data[key]), into); err != nil {
			return nil, &brokenInventory{component, fmt.Errorf("its %s: %w", key, err)}
		}
	}
	packed, _, _ := unstructured.NestedString(object.Object, "binaryData", "fields")
	if err := unpack(packed, &i.fields); err != nil {
		return nil, &brokenInventory{component, fmt.Errorf("its fields: %w", err)}
	}
	return i, nil
}

// encode returns the ConfigMap of an inventory. ready and message are as the
// last apply left them.
func (i *inventory) encode(message string) (*kube.Object, error) {
	slices.SortFunc(i.entries, func(a, b entry) int { return compareIDs(a.ID, b.ID) })
	objects, err := json.Marshal(i.entries)
	if err != nil {
		return nil, err
	}
	describe, err := json.Marshal(i.about)
	if err != nil {
		return nil, err
	}
	fields, err := pack(i.fields)
	if err != nil {
		return nil, err
	}
	return &kube.Object{Object: map[string]any{
		"apiVersion": "v1", "kind": configMaps.Name,
		"metadata": map[string]any{
			"namespace": inventoryNamespace, "name": inventoryName(i.component),
			"labels": map[string]any{manifest.Label: i.component},
		},
		"data": map[string]any{
			"component": i.component, "phase": string(i.phase), "version": i.about.Version, "message": message,
			"about": string(describe), "objects": string(objects),
		},
		"binaryData": map[string]any{"fields": fields},
	}}, nil
}

// save writes an inventory. It fails if somebody else has written it since it
// was read: two applies of one component at the same time would undo each
// other's work.
func (e *engine) save(ctx context.Context, i *inventory, message string) error {
	object, err := i.encode(message)
	if err != nil {
		return fmt.Errorf("noting down the component's objects: %w", err)
	}
	if i.live != nil {
		object.SetResourceVersion(i.live.GetResourceVersion())
	}
	applied, err := e.cluster.Apply(ctx, configMaps, object, kube.ApplyOptions{Manager: e.manager, Force: true})
	if kube.IsStale(err) {
		return &concurrentApply{e.component}
	}
	if err != nil {
		return fmt.Errorf("noting down the component's objects in the ConfigMap %s/%s: %w", inventoryNamespace, inventoryName(i.component), err)
	}
	i.live = applied
	return nil
}

// pack compresses: a definition has thousands of fields, which repeat one
// another.
func pack(value any) (string, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(packed.Bytes()), nil
}

func unpack(text string, into any) error {
	if text == "" {
		return nil
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	r, err := gzip.NewReader(bytes.NewReader(decoded))
	if err != nil {
		return err
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}
