package acctest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// workload is the test application on one node, or on any, with a Service.
func workload(t *testing.T, p acctest.Platform, name, node string, port int) {
	t.Helper()
	selector := ""
	if node != "" {
		selector = fmt.Sprintf(`"nodeSelector":{"kubernetes.io/hostname":%q},`, node)
	}
	p.Kubectl(t, fmt.Sprintf(`{"apiVersion":"v1","kind":"List","items":[
{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":%[1]q,"namespace":"default"},"spec":{"selector":{"matchLabels":{"app":%[1]q}},
 "template":{"metadata":{"labels":{"app":%[1]q}},"spec":{%[2]s"containers":[{"name":"hello","image":%[3]q,"env":[{"name":"TARGET","value":%[1]q}],
  "readinessProbe":{"httpGet":{"port":8080},"periodSeconds":1}}]}}}},
{"apiVersion":"v1","kind":"Service","metadata":{"name":%[1]q,"namespace":"default"},
 "spec":{"type":"NodePort","selector":{"app":%[1]q},"ports":[{"port":80,"targetPort":8080,"nodePort":%[4]d}]}}]}`,
		name, selector, acctest.Image(t, "HELLO_V1"), port), "apply", "-f", "-")
}

// A node that joins is a node: pods on it reach, and are reached by, whatever pods
// on the first one reach. It leaves with its pods moved, joins again, and comes back
// after a kill.
func TestAccNodesJoinAndLeave(t *testing.T) {
	p := acctest.NoPlatform(t, 5)
	p.Scale(t, 2)
	first, second := p.Node(1), p.Node(2)
	host := strings.TrimSuffix(p.Gateway, ":30080")
	ask := func(port int, query string) acctest.Answer {
		there := p
		there.Gateway = fmt.Sprintf("%s:%d", host, port)
		return there.GetUntil(t, "http://any.example.com/"+query, func(answer acctest.Answer) error {
			if answer.Status == http.StatusBadGateway {
				return fmt.Errorf("no way there: %s", answer)
			}
			return nil
		})
	}
	whereIs := func(app, field string) string {
		return p.Kubectl(t, "", "get", "pods", "-n", "default", "-l", "app="+app, "--field-selector=status.phase=Running", "-o", "jsonpath={.items[*]."+field+"}")
	}
	rolledOut := func(app string) {
		p.Kubectl(t, "", "rollout", "status", "-n", "default", "deployment/"+app, "--timeout=60s")
	}

	registry, _, _ := strings.Cut(acctest.Image(t, "HELLO_V1"), "/")
	const onFirst, onSecond, moving = 30091, 30092, 30093
	workload(t, p, "one", first, onFirst)
	workload(t, p, "two", second, onSecond)
	rolledOut("one")
	rolledOut("two")
	if node := whereIs("two", "spec.nodeName"); node != second {
		t.Fatalf("the pod is on %s", node)
	}
	for port, other := range map[int]string{onFirst: "two", onSecond: "one"} {
		for what, target := range map[string]struct{ url, says string }{
			"another node's pod by name":    {"http://" + other + ".default.svc.cluster.local/", `"greeting":"` + other + `"`},
			"another node's pod by address": {"http://" + whereIs(other, "status.podIP") + ":8080/", `"greeting":"` + other + `"`},
			"the API server":                {"http://kubernetes.default.svc.cluster.local:443/", "HTTPS"},
			"the registry":                  {"http://" + registry + "/v2/", ""},
			"the first node's port":         {fmt.Sprintf("%s:%d/", host, onFirst), `"greeting":"one"`},
		} {
			answer := ask(port, "fetch?url="+url.QueryEscape(target.url))
			if !strings.Contains(answer.Body, target.says) {
				t.Errorf("from port %d, %s: %s", port, what, answer)
			}
		}
	}
	// The API server reaches its kubelet.
	if log := p.Kubectl(t, "", "logs", "-n", "default", "deployment/two"); log == "" {
		t.Error("the pod on the second node has no log")
	}

	p.Kubectl(t, "", "cordon", first)
	workload(t, p, "moving", "", moving)
	rolledOut("moving")
	p.Kubectl(t, "", "uncordon", first)
	if node := whereIs("moving", "spec.nodeName"); node != second {
		t.Fatalf("the pod is on %s", node)
	}
	p.Scale(t, 1)
	if nodes := p.Kubectl(t, "", "get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"); nodes != first {
		t.Errorf("of the nodes %s there should be the first alone", nodes)
	}
	rolledOut("moving")
	ask(moving, "")
	if node := whereIs("moving", "spec.nodeName"); node != first {
		t.Errorf("the pod is on %s", node)
	}
	p.Scale(t, 1) // nothing to do

	p.Scale(t, 2)
	rolledOut("two")
	if answer := ask(onSecond, ""); !strings.Contains(answer.Body, `"greeting":"two"`) {
		t.Errorf("after it has joined again: %s", answer)
	}

	p.KillNode(t, 2)
	p.Repair(t)
	rolledOut("two")
	if answer := ask(onSecond, "fetch?url="+url.QueryEscape("http://one.default.svc.cluster.local/")); !strings.Contains(answer.Body, `"greeting":"one"`) {
		t.Errorf("after a kill: %s", answer)
	}
}
