package bench

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestWhatIsAddedIsRead(t *testing.T) {
	log := Log{filepath.Join(t.TempDir(), "new", "results.jsonl")}
	if records, err := log.Records(); err != nil || records != nil {
		t.Fatalf("of nothing: %v, %v", records, err)
	}
	for _, seconds := range []float64{1.5, 2.5} {
		if err := log.Add(Record{Run: "1", Subject: Provider, Step: Plan, Seconds: seconds, Requests: map[string]int{"get namespaces": 1}}); err != nil {
			t.Fatal(err)
		}
	}
	records, err := log.Records()
	if err != nil || len(records) != 2 || records[1].Seconds != 2.5 || records[1].Requests["get namespaces"] != 1 {
		t.Errorf("read %v, %v", records, err)
	}
	if err := os.WriteFile(log.Path, []byte("{}\n{\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := log.Records(); err == nil || !strings.Contains(err.Error(), ":2:") {
		t.Errorf("a torn line: %v", err)
	}
}

// What is compared is of one run: the newest that has measured the provider.
func TestBlockIsOfOneRun(t *testing.T) {
	all := Records{
		{Run: "1", Size: 100, Shape: Alone, Subject: Provider, Seconds: 1},
		{Run: "1", Size: 100, Shape: Alone, Subject: Kubectl, Seconds: 1},
		{Run: "2", Size: 100, Shape: Alone, Subject: Provider, Seconds: 2},
		{Run: "2", Size: 100, Shape: Full, Subject: Provider, Seconds: 3},
		{Run: "2", Size: 1000, Shape: Alone, Subject: Provider, Seconds: 4},
		{Run: "3", Size: 100, Shape: Alone, Subject: Kubectl, Seconds: 5},
		{Run: "3", Subject: Provider, Step: Start, Seconds: 6},
	}
	if block := all.Block(100, Alone); len(block) != 1 || block[0].Seconds != 2 {
		t.Errorf("100 alone: %v", block)
	}
	if block := all.Block(3000, Alone); block != nil {
		t.Errorf("what was not measured: %v", block)
	}
	if start := all.Single(Start); len(start) != 1 || start[0].Seconds != 6 {
		t.Errorf("start: %v", start)
	}
	if sizes := all.Sizes(); !slices.Equal(sizes, []int{100, 1000}) {
		t.Errorf("sizes: %v", sizes)
	}
}

// A page of what is shown is the page of all: that is what a repository keeps.
func TestWhatIsShownMakesThePage(t *testing.T) {
	all := measured()
	older := all[0]
	older.Run, older.Seconds = "0", 99
	all = append(Records{older}, all...)
	for i := range all {
		all[i].At = time.Unix(int64(i), 0)
	}
	shown := all.Shown()
	if len(shown) != len(all)-1 {
		t.Errorf("%d of %d are shown, one of which is an older run's", len(shown), len(all))
	}
	if Report(shown) != Report(all) {
		t.Errorf("other pages:\n%s\n%s", Report(shown), Report(all))
	}
	if merged := Merge(shown, all); len(merged) != len(all) || Report(merged) != Report(all) {
		t.Errorf("%d records of %d, with\n%s", len(merged), len(all), Report(merged))
	}
}

func TestMedian(t *testing.T) {
	if _, ok := (Records{}).Median(seconds); ok {
		t.Error("nothing has a median")
	}
	odd := Records{{Seconds: 9}, {Seconds: 1}, {Seconds: 2}}
	if median, _ := odd.Median(seconds); median != 2 {
		t.Errorf("of three: %v", median)
	}
	if median, _ := append(odd, Record{Seconds: 3}).Median(seconds); median != 2.5 {
		t.Errorf("of four: %v", median)
	}
	if most, _ := odd.Most(seconds); most != 9 {
		t.Errorf("most: %v", most)
	}
}

// measured are records in which every target has a figure of its own.
func measured() Records {
	var all Records
	add := func(size int, shape Shape, subject, step string, seconds float64) {
		all = append(all, Record{
			Run: "1", Commit: "abc", Machine: "two cores", Size: size, Shape: shape, Subject: subject, Step: step, Resources: size * shape.Resources(),
			Seconds: seconds, Processor: 3 * seconds, Own: seconds / 2, Memory: 100e6, Program: 70e6,
			Requests: map[string]int{"get services.serving.knative.dev": 1, "list services.serving.knative.dev": 2, "get namespaces": 1},
		})
	}
	for i, shape := range []Shape{Alone, Full} {
		more := float64(i) / 10
		add(1000, shape, Provider, Apply, 12+10*more)
		add(1000, shape, Kubectl, Apply, 10)
		for _, seconds := range []float64{100, 5 + 10*more, 1} { // the median is the second
			add(1000, shape, Provider, Plan, seconds)
			add(1000, shape, Time, Plan, 2*(5+10*more)+seconds-5-10*more)
		}
		add(3000, shape, Provider, Plan, (3+more)*(5+10*more))
		add(1000, shape, Idle, Plan, 4)
	}
	add(0, "", Provider, Start, 0.05)
	add(0, "", Provider, Answer, 3)
	add(0, "", Provider, ApplyOne, 2.5)
	add(0, "", Idle, ApplyOne, 0.75)
	add(0, "", Kubectl, Answer, 2)
	add(0, "", KubectlWait, Answer, 2.7)
	return all
}

func TestTargets(t *testing.T) {
	want := []float64{0.5, 0.5, 3, 3, 3, 3.1, 1.2, 1.3, 1.5, 100, 100, 50, 70}
	for i, target := range Targets {
		if got, ok := target.Measure(measured()); !ok || got < want[i]-1e-9 || got > want[i]+1e-9 {
			t.Errorf("%s: %v, %t; want %v", target.Name, got, ok, want[i])
		}
		if got, ok := target.Measure(nil); ok {
			t.Errorf("%s: %v of nothing", target.Name, got)
		}
	}
}

func TestReport(t *testing.T) {
	page := Report(measured())
	for _, line := range []string{
		"| no-op plan of 1000 applications, against as many resources of hashicorp/time | 0.6× | 0.50× | yes |",
		"| one application from apply to its first answer, against kubectl and polling | 1.15× | 1.50× | **no** |",
		"| start-up, until the schema is told | 60 ms | 50 ms | yes |",
		"| of that, Terraform's apply | 2.5 s | 750 ms (3.33×) |  |  |",
		"## 1000 applications with traffic and domain",
		"| | sls | sls, idle | hashicorp/time | kubectl |",
		"| apply | 12.0 s |  |  | 10.0 s (1.20×) |",
		"| plan | 5.0 s | 4.0 s (1.25×) | 10.0 s (0.50×) |  |",
		"| plan: requests | 4: get 2, list 2 | 4: get 2, list 2 | 4: get 2, list 2 |  |",
	} {
		if !strings.Contains(page, "\n"+line+"\n") {
			t.Errorf("the page lacks %s", line)
		}
	}
	for _, figure := range []string{"applications, 80 % is taken", "first answer, 90 % is taken", "first answer, 25 % is taken", "Without it, the time is 1.12 times", "takes 2 s longer than kubectl's. Terraform has 30 s of the processors' time in it and the provider 6 s;"} {
		if !strings.Contains(page, figure) {
			t.Errorf("the page does not say: %s", figure)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
	if empty := Report(nil); !strings.Contains(empty, "| not measured |  |") {
		t.Errorf("a page of nothing does not say so:\n%s", empty)
	}
}

// A process that is measured: its own memory, and that of a provider that it starts.
func TestRun(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	measured, err := Run(t.Context(), dir, os.Environ(), sh, "-c", "dd if=/dev/zero of=/dev/null bs=1M count=500 2>/dev/null; echo said; exit 3")
	if err != nil || measured.ExitCode != 3 || measured.Output != "said\n" || measured.Memory < 100<<10 || measured.Memory > 16<<20 || measured.Own != 0 {
		t.Errorf("got %+v, %v", measured, err)
	}
	if err := measured.Expect(3); err != nil {
		t.Error(err)
	}
	if err := measured.Expect(0); err == nil || !strings.Contains(err.Error(), "said") {
		t.Errorf("another code is told as %v", err)
	}

	// A provider's program is known by its name alone.
	dd, err := exec.LookPath("dd")
	if err != nil {
		t.Fatal(err)
	}
	provider := filepath.Join(dir, providerPrefix+"busy")
	program, err := os.ReadFile(dd)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(provider, program, 0o700); err != nil {
		t.Fatal(err)
	}
	const memory = 64 << 20
	measured, err = Run(t.Context(), dir, nil, sh, "-c", provider+" if=/dev/zero of=/dev/null bs=64M count=20; exit 0")
	if err != nil || measured.Memory < memory || measured.Memory > 2*memory {
		t.Errorf("got %+v, %v; want a little more than %d bytes", measured, err, memory)
	}
}

func TestRunIsInterrupted(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	ready := filepath.Join(t.TempDir(), "ready")
	ended := filepath.Join(t.TempDir(), "ended")
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(ready); err == nil {
				cancel(stopped)
			}
		}
	}()
	// In order: what it does at an interrupt is done.
	_, err = Run(ctx, "", nil, sh, "-c", "trap 'echo > "+ended+"; exit 0' INT; echo > "+ready+"; while :; do :; done")
	if !errors.Is(err, stopped) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(ended); err != nil {
		t.Error("it was not ended in order")
	}
}

func TestProcessFiles(t *testing.T) {
	if got := peak("Name:\tx\nVmPeak:\t  900 kB\nVmHWM:\t  100 kB\nVmRSS:\t 90 kB\n"); got != 100<<10 {
		t.Errorf("peak %d", got)
	}
	if got := peak("Name:\tx\nState:\tZ (zombie)\n"); got != 0 {
		t.Errorf("peak of one that has ended %d", got)
	}
	if got := processorTime("12 (a ) b) S 1 2 3 4 5 6 7 8 9 10 120 30 0 0 20"); got != 1500*time.Millisecond {
		t.Errorf("time %s", got)
	}
	if got := processorTime("12 (x) S 1"); got != 0 {
		t.Errorf("time of half a line %s", got)
	}
}

func TestConfigurations(t *testing.T) {
	for subject, want := range map[string]string{Provider: "sls_application", Time: "time_static", TerraformData: "terraform_data"} {
		text, err := Configuration{Subject: subject, Resources: 7, Generation: 3, Namespace: "ns"}.HCL()
		if err != nil || !strings.Contains(text, `resource "`+want+`" "app"`) || !strings.Contains(text, "= 7\n") || !strings.Contains(text, `% 100 == 0 ? "3" : "0"`) {
			t.Errorf("%s: %v\n%s", subject, err, text)
		}
		if strings.Contains(text, "sls_domain") {
			t.Errorf("%s has domains that nobody asked for", subject)
		}
	}
	if text, err := (Configuration{Subject: Provider, Rest: true}).HCL(); err != nil || !strings.Contains(text, "sls_domain") || !strings.Contains(text, "sls_revision_traffic") {
		t.Errorf("with the rest: %v\n%s", err, text)
	}
	if _, err := (Configuration{Subject: Kubectl}).HCL(); err == nil {
		t.Error("kubectl has a configuration of Terraform's")
	}
}

func TestStates(t *testing.T) {
	var states States
	server := httptest.NewServer(&states)
	defer server.Close()
	ask := func(method, path, body string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	if code, _ := ask(http.MethodGet, "/1", ""); code != http.StatusNotFound {
		t.Errorf("a state that was never written: %d", code)
	}
	for _, text := range []string{"old", "new"} {
		if code, _ := ask(http.MethodPost, "/1", text); code != http.StatusOK {
			t.Errorf("writing: %d", code)
		}
	}
	if code, text := ask(http.MethodGet, "/1", ""); code != http.StatusOK || text != "new" {
		t.Errorf("read %d %q", code, text)
	}
	if state := states.Get("/2"); state != nil {
		t.Errorf("another's state: %q", state)
	}
}

// A long run is looked at less often, and a short one is not missed.
func TestPause(t *testing.T) {
	for ran, want := range map[time.Duration]time.Duration{
		0: 10 * time.Millisecond, 5 * time.Second: 50 * time.Millisecond, time.Hour: 200 * time.Millisecond,
	} {
		if got := pause(ran); got != want {
			t.Errorf("after %s: %s", ran, got)
		}
	}
}

// service is a Knative Service that two of the provider's managers have written, and
// Knative itself.
func service() *unstructured.Unstructured {
	service := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "serving.knative.dev/v1", "kind": "Service",
		"metadata": map[string]any{"name": "app", "namespace": "here", "labels": map[string]any{"ours": "1", "theirs": "2"}, "generation": int64(2)},
		"spec": map[string]any{
			"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"image": "i"}}, "timeoutSeconds": int64(300)}},
			"traffic":  []any{map[string]any{"percent": int64(100)}},
		},
		"status": map[string]any{"observedGeneration": int64(2), "conditions": []any{
			map[string]any{"type": "RoutesReady", "status": "False"}, map[string]any{"type": "Ready", "status": "True"},
		}},
	}}
	owned := func(manager, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{
			Manager: manager, Operation: metav1.ManagedFieldsOperationApply, FieldsV1: metav1.NewFieldsV1(fields),
		}
	}
	service.SetManagedFields([]metav1.ManagedFieldsEntry{
		owned("sls-application", `{"f:metadata":{"f:labels":{"f:ours":{}}},"f:spec":{"f:template":{"f:spec":{"f:containers":{}}}}}`),
		owned("sls-revision-traffic", `{"f:spec":{"f:traffic":{}}}`),
		owned("somebody", `{"f:metadata":{"f:labels":{"f:theirs":{}}}}`),
	})
	return service
}

func TestAppliedIsWhatTheProviderOwns(t *testing.T) {
	got := applied(service())
	metadata, _ := got["metadata"].(map[string]any)
	labels, _ := metadata["labels"].(map[string]any)
	spec, _ := got["spec"].(map[string]any)
	template, _ := spec["template"].(map[string]any)
	pod, _ := template["spec"].(map[string]any)
	switch {
	case got["kind"] != "Service" || metadata["name"] != "app" || metadata["namespace"] != "here":
		t.Errorf("it is another object: %v", got)
	case !maps.Equal(labels, map[string]any{"ours": "1"}):
		t.Errorf("labels %v", labels)
	case spec["traffic"] == nil || pod["containers"] == nil || len(pod) != 1 || got["status"] != nil:
		t.Errorf("fields of %v", got)
	}
	other := service()
	other.SetManagedFields(nil)
	if got := applied(other); got != nil {
		t.Errorf("of nobody's object: %v", got)
	}
	if got := Elsewhere([]byte(`{"namespace":"here","host":"a.here.b"}`), "here", "elsewhere"); got != `{"namespace":"elsewhere","host":"a.elsewhere.b"}` {
		t.Errorf("elsewhere: %s", got)
	}
}

func TestReady(t *testing.T) {
	if !Ready(service()) {
		t.Error("a ready one is not")
	}
	behind := service()
	behind.SetGeneration(3)
	if Ready(behind) {
		t.Error("one that Knative has not looked at is ready")
	}
	if Ready(&unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{}}}) {
		t.Error("one without a status is ready")
	}
	if err := unstructured.SetNestedSlice(behind.Object, []any{map[string]any{"type": "Ready", "status": "Unknown"}}, "status", "conditions"); err != nil {
		t.Fatal(err)
	}
	behind.SetGeneration(2)
	if Ready(behind) {
		t.Error("one that is not known to be ready is")
	}
}
