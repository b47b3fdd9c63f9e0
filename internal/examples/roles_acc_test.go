package examples_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// owned is a configuration in which the provider does all that it can do for an
// owner of applications. Of what is read by one list from the second on, there
// are two.
const owned = `
locals { namespace = {{quote .namespace}} }

resource "sls_application" "web" {
  name      = "web"
  namespace = local.namespace
  version   = {{quote .version}}
  image     = {{quote .image}}
  rollout   = "manual"
  volumes   = { cache = { mount_path = "/cache", empty_dir = {} } }
  scaling   = { min = {{.min}} }
  timeouts  = { create = "3m", update = "3m" }

  revision_history_limit = 1
}

resource "sls_revision_traffic" "web" {
  application = sls_application.web.name
  namespace   = local.namespace
  revisions   = [{ version = {{quote .version}}, percent = 100, tag = "now", min_scale = 1 }]
  rules       = [{ name = "testers", match = [{ headers = { x-tester = { exact = "yes" } } }], target = "now" }]
}

resource "sls_domain" "public" {
  for_each  = toset(["a", "b"])
  host      = "${each.key}.${local.namespace}.example.com"
  namespace = local.namespace
  routes    = [{ application = sls_application.web.name, path_prefix = "/shop" }]
  tls       = { secret = "no-such-secret" }
  timeout   = {{quote .timeout}}
}

resource "sls_domain" "internal" {
  for_each  = toset(["a", "b"])
  host      = "${each.key}-inside.${local.namespace}.svc.cluster.local"
  namespace = local.namespace
  scope     = "internal"
  routes    = [{ application = sls_application.web.name }]
}

resource "sls_external_service" "soa" {
  for_each        = toset(["soa", "ledger"])
  name            = each.key
  namespace       = local.namespace
  host            = "${each.key}.example.com"
  ports           = [{ number = 8080, protocol = "http" }]
  timeout         = {{quote .timeout}}
  connection_pool = { max_connections = 10 }
}

data "sls_applications" "all" { namespace = local.namespace }
data "sls_revisions" "web" {
  namespace   = local.namespace
  application = "web"
  depends_on  = [sls_application.web]
}
`

// broken is an application that does not start: why, the provider finds out.
const broken = `
resource "sls_application" "broken" {
  name      = "broken"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
  env       = { CRASH = "true" }
}
`

// right is what a role grants, one by one.
type right struct{ verb, resource string }

// rights returns what rules grant.
func rights(rules []rbacv1.PolicyRule) map[right]bool {
	all := map[right]bool{}
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				name, subresource, isSub := strings.Cut(resource, "/")
				if group != "" {
					name += "." + group
				}
				if isSub {
					name += "/" + subresource
				}
				for _, verb := range rule.Verbs {
					all[right{verb, name}] = true
				}
			}
		}
	}
	return all
}

// The example's roles for owners of applications grant what the provider asks
// for, in a namespace and on the platform, and nothing besides.
func TestAccApplicationOwnerRights(t *testing.T) {
	t.Parallel()
	roles, err := acctest.ExampleRoles("application-owner.yaml")
	if err != nil {
		t.Fatal(err)
	}
	inNamespace, onPlatform := roles["sls-application-owner"], roles["sls-application-owner-platform"]
	namespace := acctest.Namespace(t)
	audit := acctest.NewAuditWithoutRights(t)
	audit.Allow(t, namespace, inNamespace.Rules...)
	audit.Allow(t, "", onPlatform.Rules...)

	tf := acctest.NewTerraform(t)
	configure := func(text string, values acctest.Values) {
		values["namespace"], values["image"] = namespace, acctest.Image(t, "HELLO_V1")
		tf.Configure(t, acctest.ProviderBlockFor(audit.Kubeconfig)+acctest.Render(t, text, values))
	}
	configure(broken, acctest.Values{})
	if result := tf.Run(t, "apply", "-auto-approve", "-no-color"); result.ExitCode == 0 || !strings.Contains(result.Output, "The last lines of container") {
		t.Errorf("of an application that crashes, it is said\n%s", result.Output)
	}
	// From the fourth version on, the first is one more than are kept.
	for i, version := range []string{"1", "2", "3", "4"} {
		configure(owned, acctest.Values{"version": version, "min": 1 + i%2, "timeout": fmt.Sprintf("%ds", i+1)})
		tf.Apply(t)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	tf.Destroy(t)

	compare(t, audit.Requests(t), map[string]*rbacv1.ClusterRole{namespace: inNamespace, "": onPlatform})
}

// compare compares requests with the roles that they were sent under: in a
// namespace, or elsewhere for the empty one.
func compare(t *testing.T, requests acctest.Requests, roles map[string]*rbacv1.ClusterRole) {
	t.Helper()
	t.Log(requests)
	used := map[string]map[right]bool{}
	for place := range roles {
		used[place] = map[right]bool{}
	}
	for _, request := range requests {
		asked := right{request.Verb, request.Resource}
		if request.Code == http.StatusForbidden && tolerated[asked] == "" {
			t.Errorf("it may not %s %s in the namespace %q (%s): a role lacks it", request.Verb, request.Resource, request.Namespace, request.Name)
		}
		place := request.Namespace
		if roles[place] == nil || request.Resource == "namespaces" { // which is said to be in itself
			place = ""
		}
		used[place][asked] = true
		if request.Verb == "patch" && request.Code == http.StatusCreated { // server-side apply of what was not there
			used[place][right{"create", request.Resource}] = true
		}
	}
	for place, role := range roles {
		for r := range rights(role.Rules) {
			if !used[place][r] {
				t.Errorf("%s grants %s on %s, which the provider never asked for", role.Name, r.verb, r.resource)
			}
		}
	}
}

// tolerated are the rights that the provider asks for and does without, with
// the reason why the roles do not grant them.
var tolerated = map[right]string{
	{"get", "secrets"}:   "The gateway's private keys: without it, certificate_status is null.",
	{"list", "secrets"}:  "The same, of several domains.",
	{"list", "services"}: "The gateway's Service is then read by its name.",
}

const platform = `
data "sls_platform" "this" {}

resource "sls_platform_config" "this" {
  namespace = {{quote .namespace}}
  gc        = { min_non_active_revisions = {{.kept}} }
  network   = { rollout_duration = "1m" }
}
`

// So do the roles for the platform's team.
func TestAccPlatformTeamRights(t *testing.T) {
	t.Parallel()
	roles, err := acctest.ExampleRoles("platform-team.yaml")
	if err != nil {
		t.Fatal(err)
	}
	viewer, inventories, config := roles["sls-platform-viewer"], roles["sls-platform-inventories"], roles["sls-platform-config"]
	namespace := acctest.Namespace(t)
	for _, name := range []string{"config-gc", "config-network"} {
		_, err := acctest.OnCluster(t).Core.ConfigMaps(namespace).Create(t.Context(),
			&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	audit := acctest.NewAuditWithoutRights(t)
	audit.Allow(t, namespace, config.Rules...)
	audit.Allow(t, "", viewer.Rules...)
	audit.Allow(t, metav1.NamespaceSystem, inventories.Rules...)

	tf := acctest.NewTerraform(t)
	for kept := range 2 {
		tf.Configure(t, acctest.ProviderBlockFor(audit.Kubeconfig)+acctest.Render(t, platform, acctest.Values{"namespace": namespace, "kept": kept + 1}))
		tf.Apply(t)
	}
	problems := fmt.Sprint(tf.State(t, "data.sls_platform.this").Attributes["problems"])
	if strings.Contains(problems, "permission") {
		t.Errorf("the roles hide something of the platform: %s", problems)
	}
	tf.Destroy(t)
	compare(t, audit.Requests(t), map[string]*rbacv1.ClusterRole{namespace: config, metav1.NamespaceSystem: inventories, "": viewer})
}
