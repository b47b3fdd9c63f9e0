package external

import (
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

const (
	// createStamp is the annotation of a ServiceEntry whose creation is not
	// finished: the hash of what was wanted.
	createStamp = serving.Group + "/create"
	// mark is the annotation of the objects that belong to a service.
	mark = routing.ExternalServiceMark
)

var services = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "services"}, Name: "Service"}

// desired is what a configuration wants of the cluster.
type desired struct {
	place
	settings            *Settings
	labels, annotations map[string]string
}

// part is an object that belongs to a service, or would.
type part struct {
	kind   kube.Kind
	wanted bool
	spec   func(*desired) (map[string]any, error)
}

// parts are the objects of a service, in the order in which they are written: what
// others lead to comes first. All have the same name.
func (d *desired) parts() []part {
	_, byGateway := httpPort(d.settings)
	return []part{
		{routing.ServiceEntries, true, func(d *desired) (map[string]any, error) { return fields(expandEntry(d.settings)) }},
		{routing.DestinationRules, ruled(d.settings), func(d *desired) (map[string]any, error) { return fields(expandRule(d.settings)) }},
		{routing.VirtualServices, byGateway, func(d *desired) (map[string]any, error) { return fields(expandRoot(d.settings, d.place)) }},
		{services, byGateway, func(d *desired) (map[string]any, error) {
			return map[string]any{"type": "ExternalName", "externalName": d.ingress.LocalGatewayHost}, nil
		}},
	}
}

// ruled reports whether there is anything for a DestinationRule to say.
func ruled(s *Settings) bool {
	return s.TLS != nil || s.ConnectionPool != nil || s.OutlierDetection != nil
}

// object returns a part to apply.
func (d *desired) object(p part, stamp string) (*kube.Object, error) {
	spec, err := p.spec(d)
	if err != nil {
		return nil, err
	}
	annotations := map[string]string{mark: d.namespace + "/" + d.name}
	if stamp != "" && p.kind == routing.ServiceEntries {
		annotations[createStamp] = stamp
	}
	for key, value := range d.annotations {
		annotations[key] = value
	}
	return &kube.Object{Object: map[string]any{
		"apiVersion": p.kind.APIVersion(),
		"kind":       p.kind.Name,
		"metadata": map[string]any{
			"namespace":   d.namespace,
			"name":        d.name,
			"labels":      lifecycle.Unstructured(d.labels),
			"annotations": lifecycle.Unstructured(annotations),
		},
		"spec": spec,
	}}, nil
}

// hash stands for all that is wanted.
func (d *desired) hash() (string, error) {
	var all []*kube.Object
	for _, p := range d.parts() {
		if !p.wanted {
			continue
		}
		object, err := d.object(p, "")
		if err != nil {
			return "", err
		}
		all = append(all, object)
	}
	return lifecycle.Stamp(all)
}

// belongs reports whether an object was made for the service.
func belongs(object *kube.Object, at place) bool {
	return object.GetAnnotations()[mark] == at.namespace+"/"+at.name
}

// fields returns a spec as the API has it.
func fields(spec json.Marshaler) (map[string]any, error) {
	text, err := spec.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", spec, err)
	}
	var decoded map[string]any
	if err := utiljson.Unmarshal(text, &decoded); err != nil { // integers stay integers
		return nil, fmt.Errorf("encoding %T: %w", spec, err)
	}
	return decoded, nil
}

// decodeSpec reads an object's spec. A field that Istio's type lacks is an error.
func decodeSpec(object *kube.Object, into proto.Message) error {
	text, err := json.Marshal(object.Object["spec"])
	if err == nil {
		err = protojson.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("decoding %s %s/%s: %w", object.GetKind(), object.GetNamespace(), object.GetName(), err)
	}
	return nil
}
