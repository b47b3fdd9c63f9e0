package chaos_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// subject is a resource that faults strike. It has a namespace, and what it needs
// there, of its own.
type subject struct {
	typ    string
	config string // with {{.namespace}}, {{.image}}, and {{.version}}: one or two
	id     func(namespace string) string
	admin  bool   // it needs more than an application's owner has
	before string // another configuration of Terraform's that is applied first, without faults
	// prepare makes what the resource needs and does not make.
	prepare func(*testing.T, place)
	// live returns what tells on the cluster which version there is: something
	// with "one" or "two" in it.
	live func(*testing.T, place) string
	// owns are the kinds of which a destroy leaves none in the namespace.
	owns []schema.GroupVersionResource
}

var (
	ksvcs     = schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "services"}
	virtuals  = schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: "virtualservices"}
	rules     = schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: "destinationrules"}
	entries   = schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: "serviceentries"}
	services  = schema.GroupVersionResource{Version: "v1", Resource: "services"}
	settings  = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	workloads = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

	// all are what the provider makes for applications and for the platform.
	all = []schema.GroupVersionResource{ksvcs, virtuals, rules, entries, services, settings, workloads}
)

const web = `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
  version   = "{{.version}}"
  rollout   = "manual"
  scaling   = { initial = 0 }
}
`

var subjects = []subject{
	{
		typ:  "sls_application",
		owns: all,
		config: `
resource "sls_application" "it" {
  name      = "it"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
  env       = { TARGET = "{{.version}}" }
  scaling   = { initial = 0 }
  timeouts  = { create = "90s", update = "90s", delete = "90s" }
}
`,
		id: func(namespace string) string { return namespace + "/it" },
		live: func(t *testing.T, p place) string {
			return p.field(t, ksvcs, "it", "spec", "template", "spec", "containers")
		},
	},
	{
		typ:    "sls_revision_traffic",
		owns:   all,
		before: web,
		config: `
resource "sls_revision_traffic" "it" {
  application = "web"
  namespace   = {{quote .namespace}}
  drain       = "1s"
  revisions   = [
    { version = "one", percent = {{if eq .version "one"}}90{{else}}40{{end}}, tag = "stable" },
    { version = "two", percent = {{if eq .version "one"}}10{{else}}60{{end}}, tag = "next-{{.version}}" },
  ]
  rules    = [{ name = "staff", match = [{ headers = { "x-staff" = { exact = "{{.version}}" } } }], target = "next-{{.version}}" }]
  timeouts = { create = "90s", update = "90s", delete = "90s" }
}
`,
		id: func(namespace string) string { return namespace + "/web" },
		live: func(t *testing.T, p place) string {
			return p.field(t, virtuals, "sls-traffic-web", "spec") + p.field(t, ksvcs, "web", "spec", "traffic")
		},
	},
	{
		typ:    "sls_domain",
		owns:   all,
		before: web,
		config: `
resource "sls_domain" "it" {
  host      = "chaos.{{.namespace}}.example.com"
  namespace = {{quote .namespace}}
  routes    = [{ application = "web" }]
  headers   = { response = { set = { x-version = "{{.version}}" } } }
  timeouts  = { create = "90s", update = "90s", delete = "90s" }
}
`,
		id: func(namespace string) string { return namespace + "/chaos." + namespace + ".example.com" },
		live: func(t *testing.T, p place) string {
			return p.field(t, virtuals, "chaos."+p.namespace+".example.com", "spec")
		},
	},
	{
		typ:  "sls_external_service",
		owns: all,
		config: `
resource "sls_external_service" "it" {
  name      = "soa"
  namespace = {{quote .namespace}}
  host      = "soa-{{.version}}.example.com"
  ports     = [{ number = 443, protocol = "https" }]
  timeout   = "3s"

  tls             = { mode = "simple", insecure_skip_verify = true }
  connection_pool = { max_connections = 100 }
  timeouts        = { create = "90s", update = "90s", delete = "90s" }
}
`,
		id: func(namespace string) string { return namespace + "/soa" },
		live: func(t *testing.T, p place) string {
			return p.objects(t, entries) + p.objects(t, rules) + p.objects(t, virtuals)
		},
	},
	{
		typ:   "sls_platform_config",
		owns:  all,
		admin: true,
		config: `
resource "sls_platform_config" "it" {
  namespace  = {{quote .namespace}}
  domain     = { "{{.version}}.example.com" = {} }
  gc         = { max_non_active_revisions = 40 }
  autoscaler = { stable_window = {{if eq .version "one"}}"90s"{{else}}"80s"{{end}} }
  timeouts   = { create = "90s", update = "90s", delete = "90s" }
}
`,
		id:      func(namespace string) string { return namespace },
		prepare: copySettings,
		live: func(t *testing.T, p place) string {
			return p.field(t, settings, "config-domain", "data")
		},
	},
	{
		typ:   "sls_platform_component",
		owns:  all,
		admin: true,
		config: `
resource "sls_platform_component" "it" {
  name     = {{quote .namespace}}
  manifest = <<-EOT
    apiVersion: v1
    kind: ConfigMap
    metadata: { name: it, namespace: {{.namespace}} }
    data: { version: "{{.version}}" }
    ---
    apiVersion: v1
    kind: Service
    metadata: { name: it, namespace: {{.namespace}} }
    spec: { selector: { app: it }, ports: [{ port: 80 }] }
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: it, namespace: {{.namespace}} }
    spec:
      replicas: 0
      selector: { matchLabels: { app: it } }
      template:
        metadata: { labels: { app: it }, annotations: { version: "{{.version}}" } }
        spec: { containers: [{ name: it, image: {{.image}} }] }
    EOT
  timeouts = { create = "90s", update = "90s", delete = "90s" }
}
`,
		id: func(namespace string) string { return namespace },
		live: func(t *testing.T, p place) string {
			return p.field(t, settings, "it", "data") + p.field(t, workloads, "it", "spec", "template", "metadata")
		},
	},
}

// field returns what an object has in a field, as text; "gone" where there is no
// object.
func (p place) field(t *testing.T, kind schema.GroupVersionResource, name string, within ...string) string {
	t.Helper()
	found, err := p.Dynamic.Resource(kind).Namespace(p.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range found.Items {
		if object.GetName() != name {
			continue
		}
		var at any = object.Object
		for _, key := range within {
			inner, _ := at.(map[string]any)
			at = inner[key]
		}
		return fmt.Sprint(at)
	}
	return "gone"
}

// objects returns all objects of a kind, as text.
func (p place) objects(t *testing.T, kind schema.GroupVersionResource) string {
	t.Helper()
	found, err := p.Dynamic.Resource(kind).Namespace(p.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, object := range found.Items {
		fmt.Fprintln(&text, object.Object["spec"])
	}
	return text.String()
}

// copySettings makes the namespace a place with Knative's ConfigMaps, which nobody
// reads: the cluster stays as it is.
func copySettings(t *testing.T, p place) {
	t.Helper()
	found, err := p.Core.ConfigMaps("knative-serving").List(t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=knative-serving"})
	if err != nil || len(found.Items) == 0 {
		t.Fatalf("Knative's ConfigMaps: %d, %v", len(found.Items), err)
	}
	for _, has := range found.Items {
		if !strings.HasPrefix(has.Name, "config-") {
			continue
		}
		has.Data = map[string]string{"_example": has.Data["_example"]}
		if has.Name == "config-deployment" {
			has.Data["queue-sidecar-image"] = "example.com/queue"
		}
		_, err := p.Core.ConfigMaps(p.namespace).Create(t.Context(), &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: has.Name, Labels: has.Labels}, Data: has.Data,
		}, metav1.CreateOptions{FieldManager: "release"})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// owned lists the objects of a namespace that the provider has fields of, or a
// stamp on: what a destroy that was complete leaves none of.
func owned(t *testing.T, p place, kinds []schema.GroupVersionResource) []string {
	t.Helper()
	found := map[string]bool{}
	for _, kind := range kinds {
		list, err := p.Dynamic.Resource(kind).Namespace(p.namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range list.Items {
			if object.GetDeletionTimestamp() != nil {
				continue
			}
			for _, manager := range object.GetManagedFields() {
				// The traffic stays with the application, by on_destroy.
				if strings.HasPrefix(manager.Manager, "sls-") && manager.Manager != "sls-revision-traffic" {
					found[kind.Resource+" "+object.GetName()+" of "+manager.Manager] = true
				}
			}
			for annotation := range object.GetAnnotations() {
				// Knative copies an application's annotations to the Service of its route.
				if kind != services && strings.HasPrefix(annotation, "sls-platform.github.io/create") {
					found[kind.Resource+" "+object.GetName()+" has a stamp"] = true
				}
			}
		}
	}
	inventories, err := p.Core.ConfigMaps(metav1.NamespaceSystem).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, inventory := range inventories.Items {
		if strings.Contains(inventory.Name, p.namespace) {
			found["the inventory "+inventory.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}
