package examples_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

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

// rights returns what rules grant, with those of names.
func rights(rules []rbacv1.PolicyRule) map[right][]string {
	all := map[right][]string{}
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
					all[right{verb, name}] = rule.ResourceNames
				}
			}
		}
	}
	return all
}

// unused are the rights that the test has no use for, with the reason why the
// role has them.
var unused = map[right]string{}

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
	for i, version := range []string{"1", "2", "3", "4"} /* the last one makes the first too old */ {
		configure(owned, acctest.Values{"version": version, "min": 1 + i%2, "timeout": fmt.Sprintf("%ds", i+1)})
		tf.Apply(t)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	tf.Destroy(t)

	granted := map[string]map[right][]string{namespace: rights(inNamespace.Rules), "": rights(onPlatform.Rules)}
	used := map[string]map[right]bool{namespace: {}, "": {}}
	requests := audit.Requests(t)
	t.Log(requests)
	for _, request := range requests {
		if request.Code == 403 && tolerated[right{request.Verb, request.Resource}] == "" {
			t.Errorf("it may not %s %s %s/%s, and the example's roles should say so", request.Verb, request.Resource, request.Namespace, request.Name)
		}
		place := ""
		if request.Namespace == namespace {
			place = namespace
		}
		used[place][right{request.Verb, request.Resource}] = true
		if request.Verb == "patch" && request.Code == 201 { // server-side apply of what was not there
			used[place][right{"create", request.Resource}] = true
		}
	}
	for place, all := range granted {
		role := inNamespace.Name
		if place == "" {
			role = onPlatform.Name
		}
		for _, r := range slices.SortedFunc(maps.Keys(all), func(a, b right) int { return strings.Compare(a.resource+a.verb, b.resource+b.verb) }) {
			switch reason, listed := unused[r]; {
			case used[place][r] && listed:
				t.Errorf("%s grants %s on %s, which is used: it needs no reason", role, r.verb, r.resource)
			case !used[place][r] && !listed:
				t.Errorf("%s grants %s on %s, which the provider never asked for", role, r.verb, r.resource)
			case listed && reason == "":
				t.Errorf("there is no reason why %s grants %s on %s", role, r.verb, r.resource)
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
