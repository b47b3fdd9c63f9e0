package disaster_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// nodePool is what stands in the standby's root for the node pool of a cloud: it
// takes the module's number as that does.
const nodePool = `
resource "terraform_data" "node_pool" {
  triggers_replace = module.standby.nodes

  provisioner "local-exec" {
    command = "%s ${module.standby.nodes}"
  }
}
`

// slowly is a program that brings nodes as a cloud does, late: when the file says so.
const slowly = `#!/bin/sh
set -eu
if [ "$1" -gt 1 ]; then
  until [ -e '%[1]s/ordered' ] || [ ! -d '%[1]s' ]; do sleep 0.1; done
fi
%[2]s "$1"
`

const ofApplications = "serving.knative.dev/service"

// A standby of one node has no room for what the primary ran on two. Its other node
// comes by the module's number while the failover is under way, and not before pods
// wait for it: they are placed there, and all answer by the end of the same apply.
// When the cluster waits again, the node goes.
func TestAccDisasterRecoveryScaleOut(t *testing.T) {
	store := acctest.NewStore(t)
	primary, standby := acctest.NoPlatform(t, 5), acctest.NoPlatform(t, 6)
	store.Open(t, primary)
	store.Open(t, standby)
	primary.Scale(t, 2)
	// All by CI: they come with the restore as they ran, while one that was declared at
	// zero has its first pod with its first request.
	all := applications(4)
	for i := range all {
		all[i].byCI = true
	}
	primary.Kubectl(t, "", "create", "namespace", all[0].namespace)

	shared := acctest.Values{"applications": demanding(t, standby, values(t, all, false))}
	newRoot(t, "primary", primary, store, shared).apply(t, nil)
	backUp(t, primary, "platform")
	backUp(t, primary, "applications")
	primary.Kill(t)

	root := newRoot(t, "standby", standby, store, shared)
	order := withNodePool(t, root, standby)
	root.apply(t, nil)
	// On a new cluster, what runs on the nodes must not be what they wait for.
	ordered, installed := strings.Index(root.said, "terraform_data.node_pool: Creating"), strings.Index(root.said, "knative_serving: Creation complete")
	if ordered < 0 || installed < 0 || ordered > installed {
		t.Errorf("the nodes were ordered at %d, and the platform was there at %d of what Terraform said", ordered, installed)
	}
	if !root.PlanIsEmpty(t) {
		t.Error("the standby's second plan is not empty")
	}
	if nodes := nodesOf(t, standby); len(nodes) != 1 {
		t.Fatalf("the standby has the nodes %v", nodes)
	}

	root.values["active"] = true
	root.Variables(t, root.values)
	failover := root.Start(t, "apply", "-auto-approve", "-no-color", "-parallelism=30")
	var waiting map[string]string
	acctest.Eventually(t, 3*time.Minute, func(context.Context) error {
		if waiting = podsOn(t, standby, ""); len(waiting) == 0 {
			return errors.New("no pod waits for a node")
		}
		return nil
	})
	t.Logf("without room: %v", waiting)
	order()
	result := failover.Wait(t)
	if result.ExitCode != 0 {
		t.Fatalf("the failover failed:\n%s", result.Output)
	}

	second := standby.Node(2)
	there := podsOn(t, standby, second)
	for pod := range waiting {
		if there[pod] == "" {
			t.Errorf("the pod %s, for which there was no room, is not on %s, where there are %v", pod, second, there)
		}
	}
	answers(t, standby, all, "v1")
	standby.GetUntil(t, "http://canary.shop.example.com", says("v1"))
	for pod, application := range there {
		standby.GetUntil(t, "http://"+application+".shop.example.com", func(answer acctest.Answer) error {
			if !strings.Contains(answer.Body, `"pod":"`+pod+`"`) {
				return errors.New("that is not the pod on the second node: " + pod)
			}
			return nil
		}, release, tagOf(application))
	}
	if !root.PlanIsEmpty(t) {
		t.Error("the plan after the failover is not empty")
	}

	root.apply(t, acctest.Values{"active": false})
	if nodes := nodesOf(t, standby); len(nodes) != 1 {
		t.Errorf("the cluster that waits again has the nodes %v", nodes)
	}
	if !root.PlanIsEmpty(t) {
		t.Error("the plan of the cluster that waits again is not empty")
	}
}

// demanding has each application run always, and want almost a third of a node's
// processors: five are more than one node has, and less than two.
func demanding(t *testing.T, p acctest.Platform, all map[string]any) map[string]any {
	t.Helper()
	cores, err := strconv.Atoi(p.Kubectl(t, "", "get", "node", p.Node(1), "-o", "jsonpath={.status.allocatable.cpu}"))
	if err != nil {
		t.Fatalf("the node's processors: %s", err)
	}
	for name, values := range all {
		application, ok := values.(map[string]any)
		if !ok {
			t.Fatalf("the values of %s are %v", name, values)
		}
		application["scaling"] = map[string]any{"min": 1, "max": 1}
		application["resources"] = map[string]any{"requests": map[string]any{"cpu": fmt.Sprintf("%dm", cores*300)}}
	}
	return all
}

// withNodePool adds a node pool to the standby's root, and returns what has its nodes
// come.
func withNodePool(t *testing.T, r *root, p acctest.Platform) (order func()) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "node-pool")
	for path, text := range map[string]string{
		program:           fmt.Sprintf(slowly, dir, p.ScaleCommand(t)),
		r.Path("pool.tf"): fmt.Sprintf(nodePool, program),
	} {
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.WriteFile(filepath.Join(dir, "ordered"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func nodesOf(t *testing.T, p acctest.Platform) []string {
	t.Helper()
	return strings.Fields(p.Kubectl(t, "", "get", "nodes", "-o", "name"))
}

// podsOn are the pods of applications on a node, with their applications' names;
// without one, those for which the scheduler has found none.
func podsOn(t *testing.T, p acctest.Platform, node string) map[string]string {
	t.Helper()
	list := p.Kubectl(t, "", "get", "pods", "-A", "-l", ofApplications, "--field-selector=spec.nodeName="+node, "--no-headers",
		"-o", `custom-columns=NAME:.metadata.name,OF:.metadata.labels.serving\.knative\.dev/service,REASON:.status.conditions[?(@.type=="PodScheduled")].reason`)
	all := map[string]string{}
	for line := range strings.Lines(list) {
		fields := strings.Fields(line)
		if len(fields) == 3 && (node != "" || fields[2] == "Unschedulable") {
			all[fields[0]] = fields[1]
		}
	}
	return all
}

// tagOf is the tag of the revision that an application serves by.
func tagOf(application string) string {
	if application == canary {
		return "stable"
	}
	return "current"
}
