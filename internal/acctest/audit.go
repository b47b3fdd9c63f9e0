package acctest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// auditedNamespace holds the accounts whose requests the sandbox's API server
// writes down.
const auditedNamespace = "sls-audited"

// Audit counts the requests of an account of its own, so that tests side by
// side do not count each other's.
type Audit struct {
	Account
	log    string
	offset int64           // what of the log is read already
	seen   map[string]bool // audit IDs: a watch has one event when it begins and one when it ends
	core   typedcorev1.CoreV1Interface
	marks  int
}

// Request is a request that the API server answered.
type Request struct {
	Verb      string // get, list, watch, create, patch, …
	Resource  string // as kubectl names it, with the subresource: services.serving.knative.dev/status
	Namespace string
	Name      string
	Code      int // of the answer
}

// Requests are requests in the order of their answers.
type Requests []Request

// NewAudit makes an account that may do all, and counts its requests from now
// on. The test is skipped on a cluster without the sandbox's audit log.
func NewAudit(t testing.TB) *Audit {
	t.Helper()
	audit := NewAuditWithoutRights(t)
	audit.Grant(t, "", "cluster-admin")
	return audit
}

// NewAudit is the function of that name for an account of this platform.
func (p Platform) NewAudit(t testing.TB) *Audit {
	t.Helper()
	audit := OnClusterOf(t, p.Kubeconfig).newAudit(t, p.auditLog)
	audit.Grant(t, "", "cluster-admin")
	return audit
}

// NewAuditWithoutRights is NewAudit of an account that may do nothing until it
// gets a role.
func NewAuditWithoutRights(t testing.TB) *Audit {
	t.Helper()
	log := variable(t, "SLS_AUDIT_LOG", "the API server's log of requests, which only the sandbox has")
	return OnCluster(t).newAudit(t, log)
}

func (cluster *Cluster) newAudit(t testing.TB, log string) *Audit {
	t.Helper()
	_, err := cluster.Core.Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: auditedNamespace}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatalf("creating the namespace of audited accounts: %s", err)
	}

	audit := &Audit{Account: cluster.NewAccount(t, auditedNamespace), log: log, seen: map[string]bool{}}
	config, err := kube.Connection{ConfigPath: audit.Kubeconfig}.RESTConfig()
	if err != nil {
		t.Fatalf("connecting as the audited account: %s", err)
	}
	if audit.core, err = typedcorev1.NewForConfig(config); err != nil {
		t.Fatalf("connecting as the audited account: %s", err)
	}
	if audit.offset, err = size(log); err != nil {
		t.Fatalf("reading the audit log: %s", err)
	}
	return audit
}

// Requests returns the account's requests since NewAudit or the last call.
func (a *Audit) Requests(t testing.TB) Requests {
	t.Helper()
	a.marks++
	mark := fmt.Sprintf("sls-audit-mark-%d", a.marks)
	// A request is written down when it is answered, perhaps a moment after
	// the client has the answer: once the mark is there, all before it are.
	_, err := a.core.ConfigMaps(auditedNamespace).Get(t.Context(), mark, metav1.GetOptions{})
	if ignoreNotFound(err) != nil && !apierrors.IsForbidden(err) { // either is written down
		t.Fatalf("sending the request that marks the end: %s", err)
	}

	var requests Requests
	Eventually(t, 10*time.Second, func(context.Context) error {
		read, found, err := a.read(mark)
		requests = append(requests, read...)
		if err == nil && !found {
			err = errors.New("the mark is not in the audit log yet")
		}
		return err
	})
	return requests
}

// auditEvent is what is read of an event of the audit log.
type auditEvent struct {
	AuditID   string
	Verb      string
	User      struct{ Username string }
	ObjectRef *struct {
		APIGroup, Resource, Subresource, Namespace, Name string
	}
	ResponseStatus struct{ Code int }
}

// read reads on in the log, up to its end or to the request for the config map
// of the mark's name, and returns the account's requests. A line that is still
// being written is left for the next call.
func (a *Audit) read(mark string) (requests Requests, found bool, err error) {
	file, err := os.Open(a.log)
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Seek(a.offset, io.SeekStart); err != nil {
		return nil, false, err
	}

	reader := bufio.NewReader(file)
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return requests, false, nil
		}
		if err != nil {
			return requests, false, err
		}
		a.offset += int64(len(line))
		var event auditEvent
		if err := json.Unmarshal(line, &event); err != nil {
			return requests, false, fmt.Errorf("the audit log %s: %w", a.log, err)
		}
		if event.User.Username != a.User || a.seen[event.AuditID] {
			continue
		}
		a.seen[event.AuditID] = true
		if event.ObjectRef != nil && event.ObjectRef.Name == mark {
			return requests, true, nil
		}
		requests = append(requests, event.request())
	}
}

func (e auditEvent) request() Request {
	request := Request{Verb: e.Verb, Code: e.ResponseStatus.Code}
	if e.ObjectRef == nil {
		return request // not about a resource, such as /version
	}
	request.Namespace, request.Name = e.ObjectRef.Namespace, e.ObjectRef.Name
	request.Resource = e.ObjectRef.Resource
	if e.ObjectRef.APIGroup != "" {
		request.Resource += "." + e.ObjectRef.APIGroup
	}
	if e.ObjectRef.Subresource != "" {
		request.Resource += "/" + e.ObjectRef.Subresource
	}
	return request
}

// Count returns how many of the requests have one of the verbs, or any verb if
// none is given.
func (r Requests) Count(verbs ...string) int {
	n := 0
	for _, request := range r {
		if len(verbs) == 0 || slices.Contains(verbs, request.Verb) {
			n++
		}
	}
	return n
}

// String lists the kinds of requests and how many there were of each.
func (r Requests) String() string {
	counts := map[string]int{}
	for _, request := range r {
		counts[strings.TrimSpace(request.Verb+" "+request.Resource)]++
	}
	var lines []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		lines = append(lines, fmt.Sprintf("%5d  %s", counts[kind], kind))
	}
	return fmt.Sprintf("%d requests\n%s", len(r), strings.Join(lines, "\n"))
}

func size(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
