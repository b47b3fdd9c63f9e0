package disaster_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// phase is a part of a failover; parts may overlap.
type phase struct {
	name       string
	begin, end time.Time
}

// phasesOf reads from the events of an apply, as Terraform's -json has them, how
// long it was busy with what.
func phasesOf(t *testing.T, events string, began time.Time) []phase {
	t.Helper()
	all := []phase{}
	extend := func(name string, at time.Time) {
		i := slices.IndexFunc(all, func(p phase) bool { return p.name == name })
		if i < 0 {
			all, i = append(all, phase{name: name, begin: at}), len(all)
		}
		all[i].end = at
	}
	for line := range strings.Lines(events) {
		var event struct {
			At   time.Time `json:"@timestamp"`
			Type string
			Hook struct {
				Action   string
				Resource struct {
					Addr string
					Type string `json:"resource_type"`
				}
			}
		}
		if json.Unmarshal([]byte(line), &event) != nil || !slices.Contains([]string{"apply_start", "apply_complete"}, event.Type) || event.Hook.Action == "read" {
			continue
		}
		if len(all) == 0 {
			all = append(all, phase{"plan", began, event.At})
		}
		extend(nameOf(event.Hook.Resource.Type, event.Hook.Resource.Addr, event.Hook.Action), event.At)
	}
	if len(all) == 0 {
		t.Fatalf("Terraform tells of no events:\n%s", events)
	}
	return all
}

func nameOf(resource, address, action string) string {
	switch resource {
	case "sls_restore":
		name, _, _ := strings.Cut(address[strings.LastIndex(address, ".")+1:], "[")
		return "restore of the " + name
	case "sls_application":
		if action == "create" {
			return "applications of CI adopted"
		}
		return "applications scaled"
	case "sls_domain", "sls_revision_traffic":
		return "domains and traffic"
	}
	return "backups of its own"
}

// keepEvents keeps what Terraform has told of a failover, beside the report: when
// each resource was begun and done.
func keepEvents(t *testing.T, events string) {
	t.Helper()
	if path := os.Getenv("SLS_DRILL_REPORT"); path != "" {
		if err := os.WriteFile(strings.TrimSuffix(path, ".md")+"-events.jsonl", []byte(events), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// report writes what a drill has shown, to where SLS_DRILL_REPORT says. The script's
// phases are none where it has not run.
func report(t *testing.T, applications int, phases, byScript []phase) {
	t.Helper()
	took := length(phases)
	var b strings.Builder
	fmt.Fprintf(&b, "# A failover of %d applications\n\nFrom the start of `terraform apply -var active=true` until each of them answers on the standby's gateway: **%.1f s**.",
		applications, took.Seconds())
	if len(byScript) > 0 {
		by := length(byScript)
		fmt.Fprintf(&b, " A script that does the same with kubectl and velero: %.1f s, %.2f times.", by.Seconds(), took.Seconds()/by.Seconds())
	}
	b.WriteString("\n\n```mermaid\ngantt\n    dateFormat x\n    axisFormat %M:%S\n")
	for _, p := range phases {
		fmt.Fprintf(&b, "    %s : %d, %d\n", p.name, p.begin.Sub(phases[0].begin).Milliseconds(), p.end.Sub(phases[0].begin).Milliseconds())
	}
	b.WriteString("```\n")
	table(&b, "phase", phases)
	if len(byScript) > 0 {
		table(&b, "the script's phase", byScript)
	}
	t.Logf("the report:\n%s", b.String())
	if path := os.Getenv("SLS_DRILL_REPORT"); path != "" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// length is the time from the first phase's begin to the last end of one.
func length(phases []phase) time.Duration {
	last := slices.MaxFunc(phases, func(a, b phase) int { return a.end.Compare(b.end) })
	return last.end.Sub(phases[0].begin)
}

func table(b *strings.Builder, title string, phases []phase) {
	fmt.Fprintf(b, "\n| %s | begins at (s) | takes (s) |\n| --- | --- | --- |\n", title)
	for _, p := range phases {
		fmt.Fprintf(b, "| %s | %.1f | %.1f |\n", p.name, p.begin.Sub(phases[0].begin).Seconds(), p.end.Sub(p.begin).Seconds())
	}
}
