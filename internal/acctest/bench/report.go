package bench

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// introduction is what a reader is told before the tables.
//
//go:embed testdata/introduction.md
var introduction string

// Report makes the page of all that was measured.
func Report(all Records) string {
	var page strings.Builder
	page.WriteString(introduction)
	page.WriteString("\n## What is to be reached\n\n| | at most | measured | met |\n| --- | --- | --- | --- |\n")
	for _, target := range Targets {
		measured, met := "not measured", ""
		if value, ok := target.Measure(all); ok {
			measured, met = target.show(value), "yes"
			if value > target.Most {
				met = "**no**"
			}
		}
		fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", target.Name, target.most(), measured, met)
	}
	explain(&page, all)
	page.WriteString("\n## One provider\n\n")
	one(&page, all)
	for _, size := range all.Sizes() {
		for _, shape := range shapes {
			if block := all.Block(size, shape); len(block) > 0 {
				many(&page, size, shape, block)
			}
		}
	}
	return page.String()
}

// explain says how much of a plan and of a first answer the provider has no part in,
// and what it has of an apply.
func explain(page *strings.Builder, all Records) {
	alone := all.Block(reached, Alone)
	if of, ok := ratio(alone.Of(Idle, Plan), alone.Of(Provider, Plan), seconds); ok {
		fmt.Fprintf(page, "\nOf the no-op plan of %d applications, %.0f %% is taken with a provider of the same schema too that does nothing (`%s`). "+
			"It is what Terraform does with each attribute of a schema several times in a plan, whether it is set or not: an application has hundreds, with those within others, and one of hashicorp/time ten.\n", reached, 100*of, Idle)
	}
	explainApply(page, alone)
	explainAnswer(page, all)
}

func explainApply(page *strings.Builder, alone Records) {
	ours, theirs := alone.Of(Provider, Apply), alone.Of(Kubectl, Apply)
	took, ok := ours.Median(seconds)
	without, also := theirs.Median(seconds)
	if !ok || !also {
		return
	}
	all, _ := ours.Median(processor)
	provider, _ := ours.Median(own)
	kubectl, _ := theirs.Median(processor)
	fmt.Fprintf(page, "\nThe apply of %d applications takes %.0f s longer than kubectl's. Terraform has %.0f s of the processors' time in it and the provider %.0f s; kubectl has %.0f s.\n",
		reached, took-without, all-provider, provider, kubectl)
}

func explainAnswer(page *strings.Builder, all Records) {
	answers := all.Single(Answer)
	if of, ok := ratio(answers.Of(KubectlWait, Answer), answers.Of(Provider, Answer), seconds); ok {
		fmt.Fprintf(page, "\nOf the time until a first answer, %.0f %% is taken by kubectl too where it waits until Knative reports the application as ready, as an apply has to (`%s`).\n", 100*of, KubectlWait)
	}
	nothing := all.Single(ApplyOne).Of(Idle, ApplyOne)
	of, ok := ratio(nothing, answers.Of(Provider, Answer), seconds)
	times, also := ratio(answers.Of(Provider, Answer), answers.Of(Kubectl, Answer), seconds)
	if ok && also {
		fmt.Fprintf(page, "\nOf the time until a first answer, %.0f %% is taken by an apply with a provider of the same schema too that makes nothing (`%s`): Terraform starts a provider four times in it. "+
			"Without it, the time is %.2f times that of kubectl.\n", 100*of, Idle, times*(1-of))
	}
}

// table is one in the making: a column for each subject.
type table struct {
	page     *strings.Builder
	subjects []string
	block    Records
}

func newTable(page *strings.Builder, block Records, steps ...string) table {
	t := table{page: page, block: block}
	for _, subject := range []string{Provider, Parallel, Idle, Time, TerraformData, Kubectl, KubectlWait, ClientGo, ClientGoEach} {
		if slices.ContainsFunc(block, func(r Record) bool {
			return r.Subject == subject && (len(steps) == 0 || slices.Contains(steps, r.Step))
		}) {
			t.subjects = append(t.subjects, subject)
		}
	}
	fmt.Fprintf(page, "| | %s |\n|%s\n", strings.Join(t.subjects, " | "), strings.Repeat(" --- |", len(t.subjects)+1))
	return t
}

// row writes what cell says of each subject, if it says anything of one.
func (t table) row(name string, cell func(subject string) string) {
	cells := make([]string, len(t.subjects))
	for i, subject := range t.subjects {
		cells[i] = cell(subject)
	}
	if strings.Join(cells, "") != "" {
		fmt.Fprintf(t.page, "| %s | %s |\n", name, strings.Join(cells, " | "))
	}
}

// compared writes the medians of a figure in a step; beside those of others, how
// many times as much the provider took. An apply is not compared with those that
// ask nobody.
func (t table) compared(name, step string, figure func(Record) float64, show func(float64) string) {
	t.row(name, func(subject string) string {
		value, ok := t.block.Of(subject, step).Median(figure)
		if !ok || value == 0 {
			return ""
		}
		of, ok := ratio(t.block.Of(Provider, step), t.block.Of(subject, step), figure)
		asksNobody := subject == Time || subject == TerraformData
		if !ok || subject == Provider || (asksNobody && slices.Contains([]string{Apply, Destroy}, step)) {
			return show(value)
		}
		return fmt.Sprintf("%s (%.2f×)", show(value), of)
	})
}

func (t table) requests(name, step string) {
	t.row(name, func(subject string) string {
		counted := t.block.Of(subject, step).Where(func(r Record) bool { return r.Requests != nil })
		if len(counted) == 0 {
			return ""
		}
		verbs := counted[len(counted)-1].verbs()
		var parts []string
		sum := 0
		for _, verb := range slices.Sorted(maps.Keys(verbs)) {
			parts = append(parts, fmt.Sprintf("%s %d", verb, verbs[verb]))
			sum += verbs[verb]
		}
		if sum == 0 {
			return "0"
		}
		return fmt.Sprintf("%d: %s", sum, strings.Join(parts, ", "))
	})
}

func one(page *strings.Builder, all Records) {
	block := all.singles()
	t := newTable(page, block)
	t.compared("start-up, until the schema is told", Start, seconds, showSeconds)
	t.compared("size of the program", Start, func(r Record) float64 { return float64(r.Program) }, showBytes)
	t.compared("one application until its first answer", Answer, seconds, showSeconds)
	t.requests("requests of that", Answer)
	t.compared("of that, Terraform's apply", ApplyOne, seconds, showSeconds)
	provenance(page, block)
}

func many(page *strings.Builder, size int, shape Shape, block Records) {
	title := "applications alone"
	if shape == Full {
		title = "applications with traffic and domain"
	}
	fmt.Fprintf(page, "\n## %d %s\n\n", size, title)
	t := newTable(page, block)
	t.row("resources of Terraform, or objects", func(subject string) string {
		most, ok := block.Where(func(r Record) bool { return r.Subject == subject }).Most(func(r Record) float64 { return float64(r.Resources) })
		if !ok {
			return ""
		}
		return fmt.Sprintf("%.0f", most)
	})
	steps := []string{Apply, ApplyRest, Plan, PlanChanged, Destroy}
	for _, step := range steps {
		t.compared(step, step, seconds, showSeconds)
	}
	for _, step := range steps {
		t.compared(step+": processor time", step, processor, showSeconds)
	}
	for _, step := range steps {
		t.compared(step+": of it the provider's", step, own, showSeconds)
	}
	t.row("memory of the provider or client, at most", func(subject string) string {
		most, _ := block.Where(func(r Record) bool { return r.Subject == subject }).Most(memory)
		if most == 0 {
			return ""
		}
		return showBytes(most)
	})
	t.row("state", func(subject string) string {
		most, _ := block.Where(func(r Record) bool { return r.Subject == subject && r.Step != Destroy }).Most(state)
		if most == 0 {
			return ""
		}
		return showBytes(most)
	})
	for _, step := range steps {
		t.requests(step+": requests", step)
	}
	provenance(page, block)
}

// provenance says what was measured when, and on what.
func provenance(page *strings.Builder, block Records) {
	var of []string
	for _, record := range block {
		text := fmt.Sprintf("%s, commit %s, %s", record.At.UTC().Format("2 January 2006"), record.Commit, record.Machine)
		if !slices.Contains(of, text) {
			of = append(of, text)
		}
	}
	fmt.Fprintf(page, "\n%s.\n", strings.Join(of, "; "))
}

func showSeconds(value float64) string {
	switch {
	case value < 1:
		return fmt.Sprintf("%.0f ms", 1000*value)
	case value < 100:
		return fmt.Sprintf("%.1f s", value)
	}
	return fmt.Sprintf("%.0f s", value)
}

func showBytes(value float64) string {
	if value < megabyte {
		return fmt.Sprintf("%.0f kB", value/1000)
	}
	return fmt.Sprintf("%.1f MB", value/megabyte)
}
