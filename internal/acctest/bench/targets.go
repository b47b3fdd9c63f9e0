package bench

import "fmt"

// Target is a figure that the provider is to reach.
type Target struct {
	Name    string
	Most    float64
	Unit    string
	measure func(Records) (float64, bool)
}

// Measure returns what was measured of the target, or false if it was not.
func (t Target) Measure(all Records) (measured float64, ok bool) { return t.measure(all) }

// reached is the number of applications that targets speak of.
const reached = 1000

const megabyte = 1e6

// times is the unit of a comparison.
const times = "×"

// Targets are what the provider is to reach on a machine with two cores.
var Targets = []Target{
	{"no-op plan of 1000 applications, against as many resources of hashicorp/time", 0.6, times, planAgainstTime(Alone)},
	{"no-op plan of 1000 with traffic and domain, against 3000 of hashicorp/time", 0.6, times, planAgainstTime(Full)},
	{"requests of a no-op plan of 1000 for a kind and namespace: 1 + 1000/500", 1 + reached/500, "", readsOfAKind(Alone)},
	{"the same with traffic and domain", 1 + reached/500, "", readsOfAKind(Full)},
	{"no-op plan of 3000 against 1000", 3.3, times, growth(Alone)},
	{"the same with traffic and domain", 3.3, times, growth(Full)},
	{"apply of 1000, against `kubectl apply --server-side` and `kubectl wait`", 1.3, times, applyAgainstKubectl(Alone)},
	{"the same with traffic and domain", 1.3, times, applyAgainstKubectl(Full)},
	{"one application from apply to its first answer, against kubectl and polling", 1.15, times, func(all Records) (float64, bool) {
		answers := all.Single(Answer)
		return ratio(answers.Of(Provider, Answer), answers.Of(Kubectl, Answer), seconds)
	}},
	{"memory of the provider at 1000 applications, whatever the command", 150, "MB", memoryOf(Alone)},
	{"the same with traffic and domain", 150, "MB", memoryOf(Full)},
	{"start-up, until the schema is told", 60, "ms", func(all Records) (float64, bool) {
		median, ok := all.Single(Start).Of(Provider, Start).Median(seconds)
		return 1000 * median, ok
	}},
	{"size of the program", 80, "MB", func(all Records) (float64, bool) {
		size, ok := all.Single(Start).Of(Provider, Start).Most(func(r Record) float64 { return float64(r.Program) })
		return size / megabyte, ok
	}},
}

func planAgainstTime(shape Shape) func(Records) (float64, bool) {
	return func(all Records) (float64, bool) {
		block := all.Block(reached, shape)
		return ratio(block.Of(Provider, Plan), block.Of(Time, Plan), seconds)
	}
}

func applyAgainstKubectl(shape Shape) func(Records) (float64, bool) {
	return func(all Records) (float64, bool) {
		block := all.Block(reached, shape)
		return ratio(block.Of(Provider, Apply), block.Of(Kubectl, Apply), seconds)
	}
}

func growth(shape Shape) func(Records) (float64, bool) {
	return func(all Records) (float64, bool) {
		return ratio(all.Block(3*reached, shape).Of(Provider, Plan), all.Block(reached, shape).Of(Provider, Plan), seconds)
	}
}

func memoryOf(shape Shape) func(Records) (float64, bool) {
	return func(all Records) (float64, bool) {
		most, ok := all.Block(reached, shape).Where(func(r Record) bool { return r.Subject == Provider }).Most(memory)
		return most / megabyte, ok
	}
}

// readsOfAKind is how often a plan without changes reads the kind that it reads most
// often. All applications are in one namespace.
func readsOfAKind(shape Shape) func(Records) (float64, bool) {
	return func(all Records) (float64, bool) {
		return all.Block(reached, shape).Of(Provider, Plan).Most(func(r Record) float64 {
			most := 0
			for _, n := range r.reads() {
				most = max(most, n)
			}
			return float64(most)
		})
	}
}

// ratio compares the medians of a figure.
func ratio(of, against Records, figure func(Record) float64) (float64, bool) {
	one, measured := of.Median(figure)
	other, also := against.Median(figure)
	if !measured || !also || other == 0 {
		return 0, false
	}
	return one / other, true
}

// most writes what the target allows.
func (t Target) most() string { return fmt.Sprintf("%g%s", t.Most, t.suffix()) }

// show writes what was measured.
func (t Target) show(value float64) string {
	digits := 0
	if t.Unit == times {
		digits = 2
	}
	return fmt.Sprintf("%.*f%s", digits, value, t.suffix())
}

func (t Target) suffix() string {
	if t.Unit == times || t.Unit == "" {
		return t.Unit
	}
	return " " + t.Unit
}
