package acctest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRender(t *testing.T) {
	got := Render(t, `name = {{quote .name}}, n = {{.n}}`, Values{"name": `a"${b}%{c}`, "n": 3})
	if want := `name = "a\"$${b}%%{c}", n = 3`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCleanEnvironment(t *testing.T) {
	got := cleanEnvironment([]string{
		"PATH=/bin", "KUBECONFIG=x", "KUBE_HOST=x", "KUBERNETES_SERVICE_HOST=x",
		"TF_CLI_ARGS=x", "TF_VAR_a=x", "TF_ACC=1", "TF_LOG=trace", "TF_LOG_PROVIDER=debug", "SLS_DOMAIN=x",
	})
	if want := []string{"PATH=/bin", "TF_LOG=trace", "TF_LOG_PROVIDER=debug", "SLS_DOMAIN=x"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEventually(t *testing.T) {
	calls := 0
	err := eventually(t.Context(), time.Minute, func(context.Context) error {
		if calls++; calls < 2 {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || calls != 2 {
		t.Errorf("got %v after %d calls", err, calls)
	}

	reason := errors.New("the reason")
	err = eventually(t.Context(), 2*interval, func(ctx context.Context) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return reason
	})
	if !errors.Is(err, reason) {
		t.Errorf("got %v, want the condition's own reason", err)
	}
}

func TestOutputTellsOfWhatIsWritten(t *testing.T) {
	var o output
	held, grown := o.holds("ready")
	if held {
		t.Fatal("holds what was not written")
	}
	for _, part := range []string{"not re", "ady"} {
		if _, err := o.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
		<-grown
		held, grown = o.holds("ready")
	}
	if !held {
		t.Errorf("lost part of %q", o.String())
	}
}

const auditLog = `{"auditID":"1","stage":"ResponseComplete","verb":"get","user":{"username":"me"},"objectRef":{"resource":"services","name":"before"}}
{"auditID":"2","stage":"ResponseStarted","verb":"watch","user":{"username":"me"},"objectRef":{"resource":"services","apiGroup":"serving.knative.dev"}}
{"auditID":"3","stage":"ResponseComplete","verb":"get","user":{"username":"other"},"objectRef":{"resource":"services"}}
{"auditID":"4","stage":"ResponseComplete","verb":"list","user":{"username":"me"},"objectRef":{"resource":"services","apiGroup":"serving.knative.dev","namespace":"a"}}
{"auditID":"5","stage":"ResponseComplete","verb":"update","user":{"username":"me"},"objectRef":{"resource":"services","subresource":"status"}}
{"auditID":"6","stage":"ResponseComplete","verb":"get","user":{"username":"me"}}
{"auditID":"7","stage":"ResponseComplete","verb":"get","user":{"username":"me"},"objectRef":{"resource":"configmaps","name":"mark-1"}}
{"auditID":"2","stage":"ResponseComplete","verb":"watch","user":{"username":"me"},"objectRef":{"resource":"services","apiGroup":"serving.knative.dev"}}
{"auditID":"8","stage":"ResponseComplete","verb":"list","user":{"username":"me"},"objectRef":{"resource":"pods"}}
{"auditID":"9","stage":"ResponseComplete","verb":"get","user":{"username":"me"},"objectRef":{"resource":"configmaps","na`

func TestAuditCountsRequestsBetweenMarks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(path, []byte(auditLog), 0o600); err != nil {
		t.Fatal(err)
	}
	audit := &Audit{Account: Account{User: "me"}, log: path, seen: map[string]bool{}}
	audit.offset = int64(strings.Index(auditLog, "\n") + 1) // the first line came before

	first, found, err := audit.read("mark-1")
	if err != nil || !found {
		t.Fatalf("the mark is found: %t, error: %v", found, err)
	}
	want := "4 requests\n    1  get\n    1  list services.serving.knative.dev\n    1  update services/status\n    1  watch services.serving.knative.dev"
	if first.String() != want {
		t.Errorf("got %s\nwant %s", first, want)
	}
	if first.Count() != 4 || first.Count("list", "watch") != 2 || first.Count("delete") != 0 {
		t.Errorf("miscounted: %s", first)
	}

	second, found, err := audit.read("mark-2")
	if err != nil || found || second.String() != "1 requests\n    1  list pods" {
		t.Errorf("after the mark: found %t, error %v, %s", found, err, second)
	}

	// The line that was being written comes to its end.
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("me\":\"mark-2\"}}\n"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	rest, found, err := audit.read("mark-2")
	if err != nil || !found || len(rest) != 0 {
		t.Errorf("at the second mark: found %t, error %v, %s", found, err, rest)
	}
}
