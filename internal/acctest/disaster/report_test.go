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

// report writes what a drill has shown, to where SLS_DRILL_REPORT says.
func report(t *testing.T, applications int, byScript time.Duration, phases []phase) {
	t.Helper()
	began, end := phases[0].begin, phases[len(phases)-1].end
	for _, p := range phases {
		if p.end.After(end) {
			end = p.end
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# A failover of %d applications\n\nFrom the start of `terraform apply -var active=true` until each of them answers on the standby's gateway: **%.1f s**.",
		applications, end.Sub(began).Seconds())
	if byScript > 0 {
		fmt.Fprintf(&b, " A script that does the same with kubectl and velero: %.1f s, %.2f times.", byScript.Seconds(), end.Sub(began).Seconds()/byScript.Seconds())
	}
	b.WriteString("\n\n```mermaid\ngantt\n    dateFormat x\n    axisFormat %M:%S\n")
	for _, p := range phases {
		fmt.Fprintf(&b, "    %s : %d, %d\n", p.name, p.begin.Sub(began).Milliseconds(), p.end.Sub(began).Milliseconds())
	}
	b.WriteString("```\n\n| phase | begins at (s) | takes (s) |\n| --- | --- | --- |\n")
	for _, p := range phases {
		fmt.Fprintf(&b, "| %s | %.1f | %.1f |\n", p.name, p.begin.Sub(began).Seconds(), p.end.Sub(p.begin).Seconds())
	}
	t.Logf("the report:\n%s", b.String())
	if path := os.Getenv("SLS_DRILL_REPORT"); path != "" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Error(err)
		}
	}
}
