package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// ID names an object of a manifest, whatever version of its kind it is of.
type ID struct {
	Group, Kind, Namespace, Name string
}

// IDOf returns an object's ID.
func IDOf(object *kube.Object) ID {
	return ID{object.GroupVersionKind().Group, object.GetKind(), object.GetNamespace(), object.GetName()}
}

// String writes the ID as people read it: "apps/Deployment shop/web", and
// without a namespace "Namespace shop".
func (id ID) String() string {
	kind, name := id.Kind, id.Name
	if id.Group != "" {
		kind = id.Group + "/" + kind
	}
	if id.Namespace != "" {
		name = id.Namespace + "/" + name
	}
	return kind + " " + name
}

// Object is what a cluster is to have of one object.
type Object struct {
	ID
	kube.Object
	Resource kube.Kind // its Resource is empty where only the cluster knows it
	Stage    Stage
	Digest   string // of the object as it is sent
	Origin   string // where in the manifest it was read
}

// String names the object.
func (o *Object) String() string { return o.ID.String() }

// content returns a digest of a value, short enough that a state with hundreds
// of them stays readable.
func content(value any) (string, error) {
	const bytes = 8
	encoded, err := json.Marshal(value) // with keys in order
	if err != nil {
		return "", fmt.Errorf("encoding an object: %w", err)
	}
	sum := sha256.Sum256(encoded)
	return "sha256:" + hex.EncodeToString(sum[:bytes]), nil
}

// suffix is content as the end of a name.
func suffix(value any) (string, error) {
	digest, err := content(value)
	return strings.TrimPrefix(digest, "sha256:"), err
}
