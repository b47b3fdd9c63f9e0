// Package bench measures the provider against what can be held beside it: the
// floor of Terraform, the floor of a provider, and what writes the same objects
// without Terraform. TestAccBench measures, on clusters of its own, and keeps what
// it has measured; the rest of the package makes tables of that.
package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// What is measured.
const (
	Provider      = "sls"
	Parallel      = "sls, 50 at once" // Terraform's -parallelism, which is 10 otherwise
	Idle          = "sls, idle"       // its schema, with what is wanted or was made handed back as it is
	Time          = "hashicorp/time"
	TerraformData = "terraform_data"
	Kubectl       = "kubectl"
	KubectlWait   = "kubectl, waiting" // for Knative to report the application as ready, before it is asked
	ClientGo      = "client-go"
	ClientGoEach  = "client-go, each" // waits for each application before it goes on, as Terraform does
)

// What is done with it.
const (
	Apply       = "apply"
	ApplyRest   = "apply traffic and domains" // where the applications were not waited for
	Plan        = "plan"
	PlanChanged = "plan, 1 % changed"
	Destroy     = "destroy"
	Start       = "start"
	Answer      = "first answer"
	ApplyOne    = "apply of one" // of what a first answer takes, the command that deploys
)

// single are the steps that are about no number of applications.
var single = []string{Start, Answer, ApplyOne}

// Shape is what belongs to an application.
type Shape string

// The shapes.
const (
	Alone Shape = "alone" // sls_application
	Full  Shape = "full"  // and sls_revision_traffic, and sls_domain
)

var shapes = []Shape{Alone, Full}

// Resources is how many resources of Terraform an application is.
func (s Shape) Resources() int {
	if s == Full {
		return 3
	}
	return 1
}

// Record is one measurement.
type Record struct {
	Run     string    // what was measured together
	Commit  string    // of the checkout
	Machine string    // what it is
	At      time.Time // of its end

	Size      int   `json:",omitempty"` // applications
	Shape     Shape `json:",omitempty"`
	Subject   string
	Step      string
	Resources int // that the step is about: of Terraform's, or objects

	Seconds   float64        // wall time
	Processor float64        `json:",omitempty"` // seconds of it, of all processes
	Own       float64        `json:",omitempty"` // of them the provider's
	Memory    int64          `json:",omitempty"` // bytes, at most, of the provider or the client
	State     int64          `json:",omitempty"` // bytes of Terraform's state afterwards
	Program   int64          `json:",omitempty"` // bytes of the program
	Requests  map[string]int `json:",omitempty"` // by verb and kind, at the API server; nil where none were counted
}

// Log is a file of records, which only grows: what an interrupted run has measured
// is kept.
type Log struct{ Path string }

// Add appends a record.
func (l Log) Add(record Record) error {
	line, err := record.line()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(l.Path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(line)
	return errors.Join(err, file.Close())
}

func (r Record) line() ([]byte, error) {
	line, err := json.Marshal(r)
	return append(line, '\n'), err
}

// Write writes records as a log has them.
func (r Records) Write(to io.Writer) error {
	for _, record := range r {
		line, err := record.line()
		if err != nil {
			return err
		}
		if _, err := to.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// Records returns what was measured so far.
func (l Log) Records() (Records, error) {
	file, err := os.Open(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var all Records
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		var record Record
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", l.Path, n, err)
		}
		all = append(all, record)
	}
	return all, lines.Err()
}
