package layout

import (
	"os"
	"slices"
	"testing"
)

func TestNode(t *testing.T) {
	c := Root(t.TempDir()).Cluster("primary")
	if c.Node(1) != Node(c) {
		t.Errorf("the first node is in %s", c.Node(1))
	}
	if numbers, err := c.FurtherNodes(); err != nil || len(numbers) > 0 {
		t.Errorf("without a cluster: got %v, %v", numbers, err)
	}
	for _, dir := range []string{c.Node(1).Config(), c.Node(2).Config(), c.Node(9).Config()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	numbers, err := c.FurtherNodes()
	if err != nil || !slices.Equal(numbers, []int{2, 9}) {
		t.Errorf("got %v, %v", numbers, err)
	}
	if c.Node(2).Log("kubelet") == c.Node(1).Log("kubelet") {
		t.Error("two nodes write one log")
	}
}
