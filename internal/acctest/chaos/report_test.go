package chaos_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

const (
	beginTable = "<!-- begin: make chaos -->\n"
	endTable   = "<!-- end: make chaos -->\n"
)

// readOutcomes reads what a campaign has written down, a line each.
func readOutcomes(from io.Reader) ([]outcome, error) {
	var all []outcome
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var o outcome
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, lines.Err()
}

// table renders outcomes: for each fault and phase how many runs succeeded, how
// many failed or warned and converged, and, if there are any, how many violated an
// invariant.
func table(all []outcome) string {
	var faults []string
	cells := map[[2]string]*[3]int{}
	resources, seeds := map[string]bool{}, map[uint64]bool{}
	for _, o := range all {
		if !slices.Contains(faults, o.Fault) {
			faults = append(faults, o.Fault)
		}
		resources[o.Resource], seeds[o.Seed] = true, true
		column := map[string]int{through: 0, violated: 2}
		at, ok := column[o.Outcome]
		if !ok {
			at = 1
		}
		for _, key := range [][2]string{{o.Fault, o.Phase}, {o.Fault, ""}, {"", o.Phase}, {"", ""}} {
			if cells[key] == nil {
				cells[key] = &[3]int{}
			}
			cells[key][at]++
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| fault | runs | %s |\n| --- |%s\n", strings.Join(phases, " | "), strings.Repeat(" --- |", len(phases)+1))
	for _, fault := range append(faults, "") {
		name := fault
		if name == "" {
			name = "**all**"
		}
		fmt.Fprintf(&b, "| %s |", name)
		sum := cells[[2]string{fault, ""}]
		if sum == nil {
			sum = &[3]int{}
		}
		fmt.Fprintf(&b, " %d |", sum[0]+sum[1]+sum[2])
		for _, phase := range phases {
			cell := cells[[2]string{fault, phase}]
			switch {
			case cell == nil:
				b.WriteString(" |")
			case cell[2] > 0:
				fmt.Fprintf(&b, " %d + %d, **%d violated** |", cell[0], cell[1], cell[2])
			default:
				fmt.Fprintf(&b, " %d + %d |", cell[0], cell[1])
			}
		}
		b.WriteString("\n")
	}
	var named []string
	for seed := range seeds {
		named = append(named, fmt.Sprint(seed))
	}
	slices.Sort(named)
	fmt.Fprintf(&b, "\n%d resources, seed %s.\n", len(resources), strings.Join(named, ", "))
	return b.String()
}

var errNoMarks = errors.New("the page has no place for the table")

// insert puts a table into a page, between its marks.
func insert(page, table string) (string, error) {
	before, rest, begun := strings.Cut(page, beginTable)
	_, after, ended := strings.Cut(rest, endTable)
	if !begun || !ended {
		return "", errNoMarks
	}
	return before + beginTable + "\n" + table + "\n" + endTable + after, nil
}

// report writes the campaign's table to the page that SLS_CHAOS_REPORT names.
func report(t *testing.T, results string) {
	t.Helper()
	page := os.Getenv("SLS_CHAOS_REPORT")
	if page == "" || results == "" {
		return
	}
	lines, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	all, err := readOutcomes(bytes.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := insert(string(text), table(all))
	if err != nil {
		t.Fatalf("%s: %s", page, err)
	}
	if err := os.WriteFile(page, []byte(whole), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTable(t *testing.T) {
	all := []outcome{
		{Fault: "500", Phase: create, Resource: "a", Outcome: through, Seed: 3},
		{Fault: "500", Phase: create, Resource: "b", Outcome: refused, Seed: 3},
		{Fault: "500", Phase: plan, Resource: "a", Outcome: violated, Seed: 3},
		{Fault: "SIGINT", Phase: create, Resource: "a", Outcome: warned, Seed: 3},
	}
	want := `| fault | runs | create | plan | update | wait | import | delete |
| --- | --- | --- | --- | --- | --- | --- | --- |
| 500 | 3 | 1 + 1 | 0 + 0, **1 violated** | | | | |
| SIGINT | 1 | 0 + 1 | | | | | |
| **all** | 4 | 1 + 2 | 0 + 0, **1 violated** | | | | |

2 resources, seed 3.
`
	if got := table(all); got != want {
		t.Errorf("the table is\n%s", got)
	}
	page, err := insert("a\n"+beginTable+"old\n"+endTable+"z\n", "new\n")
	if err != nil || page != "a\n"+beginTable+"\nnew\n\n"+endTable+"z\n" {
		t.Errorf("the page is %q, %v", page, err)
	}
	if _, err := insert("nothing", ""); !errors.Is(err, errNoMarks) {
		t.Errorf("a page without marks: %v", err)
	}
}
