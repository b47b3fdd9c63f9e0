package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
)

// Record is what is kept about a cluster beside what follows from its plan.
type Record struct {
	Name  string
	Index int
	// Nodes is how many nodes it should have; 0 is 1.
	Nodes int `json:",omitempty"`
}

// ReadRecord reads the record of a cluster; the error is fs.ErrNotExist
// where there is none.
func ReadRecord(files layout.Cluster) (Record, error) {
	var r Record
	text, err := os.ReadFile(files.Record())
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", files.Record(), err)
	}
	return r, nil
}

func (r Record) write(files layout.Cluster) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return writeFile(files.Record(), string(text))
}

// List reads the records of all clusters in root.
func List(root layout.Root) ([]Record, error) {
	names, err := root.ClusterNames()
	if err != nil {
		return nil, err
	}
	var all []Record
	for _, n := range names {
		r, err := ReadRecord(root.Cluster(n))
		if errors.Is(err, fs.ErrNotExist) {
			continue // begun and killed before it had a record, or being removed
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// Resize notes how many nodes the cluster should have. What is noted comes true
// with the next Join and Leave, also those of a later run.
func (c *Cluster) Resize(nodes int) error {
	if err := address.CheckNodes(nodes); err != nil {
		return err
	}
	r, err := ReadRecord(c.Files)
	if err != nil {
		return err
	}
	r.Nodes = nodes
	return r.write(c.Files)
}

// Members tells which further nodes the cluster should have, and which it has
// that should go: the last first.
func (c *Cluster) Members() (joining, leaving []int, err error) {
	r, err := ReadRecord(c.Files)
	if err != nil {
		return nil, nil, err
	}
	for number := 2; number <= r.Nodes; number++ {
		joining = append(joining, number)
	}
	there, err := c.Files.FurtherNodes()
	for number := address.MaxNodes; number > max(r.Nodes, 1); number-- {
		for _, n := range there {
			if n == number {
				leaving = append(leaving, n)
			}
		}
	}
	return joining, leaving, err
}
