package layout

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Node is the folder of one of a cluster's nodes. The first one's is the
// cluster's; a further one's is inside it, and goes when the node goes.
type Node string

// nodePrefix begins the name of a further node's folder, and its number ends
// it. It is short for the sake of sockets.
const nodePrefix = "node-"

// Node is the folder of the node with that number.
func (c Cluster) Node(number int) Node {
	if number == 1 {
		return Node(c)
	}
	return Node(c.path(nodePrefix + strconv.Itoa(number)))
}

// FurtherNodes lists the numbers of the nodes, beside the first, that have a
// folder.
func (c Cluster) FurtherNodes() ([]int, error) {
	entries, err := os.ReadDir(string(c))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var numbers []int
	for _, e := range entries {
		text, ok := strings.CutPrefix(e.Name(), nodePrefix)
		if !ok || !e.IsDir() {
			continue
		}
		number, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("%s is no node's folder", c.path(e.Name()))
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

func (n Node) path(elem ...string) string {
	return filepath.Join(append([]string{string(n)}, elem...)...)
}

// PKI holds a further node's keys and certificates.
func (n Node) PKI() string { return n.path("pki") }

// Config holds the configuration files of the node's programs.
func (n Node) Config() string { return n.path("config") }

// Logs holds a log for each program.
func (n Node) Logs() string { return n.path("logs") }

// Log is one program's log.
func (n Node) Log(program string) string { return n.path("logs", program+".log") }

// Containerd is containerd's persistent data: images and layers.
func (n Node) Containerd() string { return n.path("containerd") }

// Kubelet is the kubelet's root folder.
func (n Node) Kubelet() string { return n.path("kubelet") }

// Run is what has no meaning after a reboot: sockets, containerd's state,
// pod addresses in use.
func (n Node) Run() string { return n.path("run") }

// ContainerdSocket is where containerd listens.
func (n Node) ContainerdSocket() string { return n.path("run", "containerd.sock") }
