package manifest

import (
	"slices"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// What the API server calls because of an object, and what it does if nobody
// answers.
func TestCalls(t *testing.T) {
	for name, test := range map[string]struct {
		text      string
		calls     []Call
		untrusted []string
	}{
		"webhooks": {`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
webhooks:
- {name: a, failurePolicy: Fail, clientConfig: {service: {namespace: ns, name: s}}}
- {name: b, failurePolicy: Ignore, clientConfig: {caBundle: Zm9v, service: {namespace: ns, name: s}}}
- {name: c, clientConfig: {service: {namespace: ns, name: other}}}
- {name: d, clientConfig: {url: "https://elsewhere"}}
`, []Call{{"a", "ns", "s", false, false}, {"b", "ns", "s", true, true}, {"c", "ns", "other", false, false}}, []string{"a", "c"}},
		"an aggregated API": {`
apiVersion: apiregistration.k8s.io/v1
kind: APIService
spec: {service: {namespace: ns, name: s}}
`, []Call{{"", "ns", "s", true, false}}, nil},
		"an API of the API server's own": {"apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nspec: {}\n", nil, nil},
		"anything else":                  {"apiVersion: v1\nkind: Service\nspec: {}\n", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			object := &kube.Object{}
			if err := yaml.Unmarshal([]byte(test.text), &object.Object); err != nil {
				t.Fatal(err)
			}
			if got := Calls(object); !slices.Equal(got, test.calls) {
				t.Errorf("the calls are %+v", got)
			}
			if got := Untrusted(object); !slices.Equal(got, test.untrusted) {
				t.Errorf("without a certificate authority are %v", got)
			}
		})
	}
}
