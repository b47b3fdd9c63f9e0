package routing

import (
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1"
	jsonnumbers "k8s.io/apimachinery/pkg/util/json"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Fields returns a VirtualService's spec as an object's fields.
func Fields(spec *networking.VirtualService) (map[string]any, error) {
	text, err := spec.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encoding a VirtualService: %w", err)
	}
	fields := map[string]any{}
	if err := jsonnumbers.Unmarshal(text, &fields); err != nil { // integers stay integers
		return nil, fmt.Errorf("encoding a VirtualService: %w", err)
	}
	return fields, nil
}

// Decode returns the spec of a VirtualService. A field that Istio's type lacks is
// an error: it would be lost without a word.
func Decode(object *kube.Object) (*networking.VirtualService, error) {
	text, err := json.Marshal(object.Object["spec"])
	spec := &networking.VirtualService{}
	if err == nil {
		err = protojson.Unmarshal(text, spec)
	}
	if err != nil {
		return nil, fmt.Errorf("decoding VirtualService %s/%s: %w", object.GetNamespace(), object.GetName(), err)
	}
	return spec, nil
}

// Equal reports whether two specs mean the same.
func Equal(a, b *networking.VirtualService) bool {
	return proto.Equal(normal(a), normal(b))
}

// normal returns a spec in which what means nothing is left out: the weight of a
// destination that is alone.
func normal(spec *networking.VirtualService) *networking.VirtualService {
	spec = proto.CloneOf(spec)
	for _, route := range spec.GetHttp() {
		if len(route.GetRoute()) == 1 {
			route.Route[0].Weight = 0
		}
	}
	return spec
}

func equalRoutes(a, b *networking.HTTPRoute) bool {
	return Equal(&networking.VirtualService{Http: []*networking.HTTPRoute{a}}, &networking.VirtualService{Http: []*networking.HTTPRoute{b}})
}
