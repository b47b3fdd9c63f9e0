package component

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

var (
	services       = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "services"}, Name: "Service"}
	endpointSlices = kube.Kind{GroupVersionResource: schema.GroupVersionResource{
		Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices",
	}, Name: "EndpointSlice"}
)

// endpointsGrace is how long a Service may go without an endpoint once all
// workloads run: longer, and no pod is what it selects.
const endpointsGrace = 30 * time.Second

// awaitEndpoints waits until the Services that the API server would call have
// ready endpoints. A webhook without one blocks the writes that it is asked
// about, those of its own repair too. One that blocks nothing, and whose Service
// is not there at all, is for a component that comes later: it lies dormant.
func (c *change) awaitEndpoints(ctx context.Context, gates []*manifest.Object) error {
	began := time.Now()
	found := map[string]bool{} // whether there is one
	for _, gate := range gates {
		for _, call := range manifest.Calls(&gate.Object) {
			name := call.Namespace + "/" + call.Service
			there, known := found[name]
			if !known {
				var err error
				if there, err = c.awaitEndpoint(ctx, gate, call, began); err != nil {
					return err
				}
				found[name] = there
			}
			switch {
			case there:
			case call.Ignorable:
				c.dormant = append(c.dormant, dormant{gate.ID, call.Webhook})
			default:
				return &noEndpoint{gate: gate.ID, call: call, why: "There is no such Service, neither in the manifest nor on the cluster."}
			}
		}
	}
	return nil
}

// dormant is a webhook whose Service is not there yet.
type dormant struct {
	gate    manifest.ID
	webhook string
}

// awaitEndpoint waits until a Service has a ready endpoint, and reports whether
// there is such a Service.
func (c *change) awaitEndpoint(ctx context.Context, gate *manifest.Object, call manifest.Call, began time.Time) (there bool, err error) {
	id := manifest.ID{Kind: services.Name, Namespace: call.Namespace, Name: call.Service}
	for {
		service, err := c.cluster.Find(ctx, services, call.Namespace, call.Service)
		if err != nil && ctx.Err() == nil {
			return false, &objectError{gate.ID, fmt.Errorf("reading the Service %s/%s, which it calls: %w", call.Namespace, call.Service, err)}
		}
		if err == nil && service == nil {
			return false, nil
		}
		endpoints, err := c.cluster.List(ctx, endpointSlices, call.Namespace, map[string]string{"kubernetes.io/service-name": call.Service})
		if err != nil && ctx.Err() == nil {
			return false, &objectError{gate.ID, fmt.Errorf("reading the endpoints of the %s, which it calls: %w", id, err)}
		}
		if anyReady(endpoints) {
			return true, nil
		}
		late := c.wait && time.Since(began) > endpointsGrace
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			late = true
		}
		if late {
			return true, &noEndpoint{gate: gate.ID, call: call, why: c.explainEndpoints(context.WithoutCancel(ctx), service)}
		}
	}
}

func anyReady(all []kube.Object) bool {
	for _, slice := range all {
		endpoints, _, _ := unstructured.NestedSlice(slice.Object, "endpoints")
		for _, endpoint := range endpoints {
			fields, _ := endpoint.(map[string]any)
			ready, said, _ := unstructured.NestedBool(fields, "conditions", "ready")
			if ready || !said {
				return true
			}
		}
	}
	return false
}

// explainEndpoints tells why a Service has no endpoint.
func (e *engine) explainEndpoints(ctx context.Context, service *kube.Object) string {
	if service == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, afterwards)
	defer cancel()
	selector, _, _ := unstructured.NestedStringMap(service.Object, "spec", "selector")
	if len(selector) == 0 {
		return "The Service selects no pods."
	}
	var pairs []string
	for key, value := range selector {
		pairs = append(pairs, key+"="+value)
	}
	list, err := e.cluster.List(ctx, kube.Pods, service.GetNamespace(), selector)
	if err != nil {
		return ""
	}
	pod := kube.NewestPod(list, func(map[string]string) bool { return true })
	if pod == nil {
		return fmt.Sprintf("No pod has the labels that the Service selects: %s.", strings.Join(pairs, ", "))
	}
	var facts kube.Facts
	facts.Say("The pod %s, which the Service selects, is not ready.", pod.Name)
	e.cluster.ExplainPod(ctx, pod, facts.Say)
	return facts.String()
}

// noEndpoint says that a Service which the API server would call has no ready
// endpoint.
type noEndpoint struct {
	gate manifest.ID
	call manifest.Call
	why  string
}

func (e *noEndpoint) Error() string {
	return fmt.Sprintf("%s calls the Service %s/%s, which has no ready endpoint", e.gate, e.call.Namespace, e.call.Service)
}

func (e *noEndpoint) in() (kube.Problem, string) {
	who := "It"
	if e.call.Webhook != "" {
		who = "Its webhook " + e.call.Webhook
	}
	return kube.Problem{
		Summary: fmt.Sprintf("%s would call a Service that does not answer", e.gate),
		Detail: fmt.Sprintf("%s calls the Service %s/%s, which has no ready endpoint. %s\n\n"+
			"It was not set up: the API server would refuse the writes that it is asked about. See that the Service's pods run, and apply again.",
			who, e.call.Namespace, e.call.Service, strings.TrimSpace(e.why)),
	}, ""
}

// awaitTrust waits until every webhook that calls a Service has a certificate
// authority to verify it with: what runs behind the webhook writes it.
func (c *change) awaitTrust(ctx context.Context, gates []*manifest.Object) error {
	untrusted := func(live *kube.Object, gate manifest.ID) []string {
		return slices.DeleteFunc(manifest.Untrusted(live), func(webhook string) bool { return slices.Contains(c.dormant, dormant{gate, webhook}) })
	}
	return parallel(ctx, gates, func(ctx context.Context, gate *manifest.Object) error {
		if live := c.live[gate.ID]; live != nil && len(untrusted(live, gate.ID)) == 0 {
			return nil
		}
		state := ""
		_, err := c.follow(ctx, place{gate.ID, gate.Resource}, func(live *kube.Object) (bool, time.Duration, error) {
			if live == nil {
				return false, 0, &notReady{what: gate.String(), state: "Somebody has deleted it meanwhile."}
			}
			without := untrusted(live, gate.ID)
			state = fmt.Sprintf("Nothing has given a certificate authority (caBundle) to its webhook %s. What runs behind the webhook's Service, or cert-manager, does that: look at its log.",
				strings.Join(without, ", "))
			return len(without) == 0, 0, nil
		})
		return ended(ctx, err, gate.String(), state)
	})
}
