package component_test

import (
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// grants is a release's ClusterRole that grants what its installer does not have
// itself, and its binding.
const grants = `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: NAME-controller}
rules: [{apiGroups: [""], resources: [nodes, pods/exec], verbs: ["*"]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: NAME-controller}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: NAME-controller}
subjects: [{kind: ServiceAccount, name: default, namespace: NAME}]
`

// The example's role for who installs components suffices, from the first apply
// to a destroy of all, and is no larger than it has to be where it says so: what
// a release grants takes escalate and bind.
func testRights(t *testing.T, cluster *bare, name string) {
	roles, err := acctest.ExampleRoles("platform-components.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules := roles["sls-platform-components"].Rules
	custom := rbacv1.PolicyRule{APIGroups: []string{name + ".example.com"}, Resources: []string{"*"}, Verbs: []string{"get", "list", "watch", "create", "patch", "delete"}}
	config := func(greeting string) string {
		manifest := widgets(t, name, acctest.Values{"job": true, "greeting": greeting}) + strings.ReplaceAll(grants, "NAME", name)
		return inline(t, name, manifest, "delete_crds = true")
	}
	tf := acctest.NewTerraform(t)
	for verb, resource := range map[string]string{"escalate": "clusterroles", "bind": "clusterrolebindings"} {
		less := []rbacv1.PolicyRule{custom}
		for _, rule := range rules {
			rule = *rule.DeepCopy()
			rule.Verbs = slices.DeleteFunc(rule.Verbs, func(v string) bool { return v == verb })
			less = append(less, rule)
		}
		tf.Configure(t, acctest.ProviderBlockFor(cluster.account(t, name+"-no-"+verb, less))+config("hello"))
		refused(t, tf, apply, "rbac.authorization.k8s.io", resource)
		cluster.gone(t, namespaces, "", name)
		cluster.gone(t, configMaps, "kube-system", "sls-component-"+name)
	}

	account := acctest.ProviderBlockFor(cluster.account(t, name, append(slices.Clone(rules), custom)))
	tf.Configure(t, account+config("hello"))
	applied(t, tf)
	cluster.patch(t, "somebody", configMaps, name, "settings", `{"data":{"greeting":"hi"}}`)
	tf.Configure(t, account+config("good day"))
	applied(t, tf)
	tf.Destroy(t)
	cluster.gone(t, namespaces, "", name)
	cluster.gone(t, definitions, "", "widgets."+name+".example.com")
}
