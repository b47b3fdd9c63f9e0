package bench

import (
	"slices"
	"strings"
)

// Records are measurements in the order in which they were made.
type Records []Record

// Where returns those that match.
func (r Records) Where(match func(Record) bool) Records {
	var found Records
	for _, record := range r {
		if match(record) {
			found = append(found, record)
		}
	}
	return found
}

// Of returns what was measured of a subject in a step.
func (r Records) Of(subject, step string) Records {
	return r.Where(func(record Record) bool { return record.Subject == subject && record.Step == step })
}

// Block returns the measurements of a size and shape, of the newest run that has
// the provider's: what is compared was measured together.
func (r Records) Block(size int, shape Shape) Records {
	block := r.Where(func(record Record) bool { return record.Size == size && record.Shape == shape })
	return block.newestRun(func(record Record) bool { return record.Subject == Provider })
}

// Single returns the measurements of a step that is about no size, of the newest run.
func (r Records) Single(step string) Records {
	return r.Where(func(record Record) bool { return record.Step == step }).newestRun(func(Record) bool { return true })
}

// singles returns the measurements of all steps that are about no size.
func (r Records) singles() Records {
	var block Records
	for _, step := range single {
		block = append(block, r.Single(step)...)
	}
	return block
}

// Shown returns what Report tells of.
func (r Records) Shown() Records {
	shown := r.singles()
	for _, size := range r.Sizes() {
		for _, shape := range shapes {
			shown = append(shown, r.Block(size, shape)...)
		}
	}
	return shown
}

// Merge makes one of what is kept in several places, in the order of time. What is in
// two of them counts once.
func Merge(parts ...Records) Records {
	all := slices.Concat(parts...)
	slices.SortStableFunc(all, func(a, b Record) int { return a.At.Compare(b.At) })
	return slices.CompactFunc(all, func(a, b Record) bool {
		return a.At.Equal(b.At) && a.Run == b.Run && a.Subject == b.Subject && a.Step == b.Step
	})
}

func (r Records) newestRun(has func(Record) bool) Records {
	for _, record := range slices.Backward(r) {
		if has(record) {
			return r.Where(func(other Record) bool { return other.Run == record.Run })
		}
	}
	return nil
}

// Sizes returns the sizes that were measured, the smallest first.
func (r Records) Sizes() []int {
	var sizes []int
	for _, record := range r {
		if record.Size > 0 && !slices.Contains(sizes, record.Size) {
			sizes = append(sizes, record.Size)
		}
	}
	slices.Sort(sizes)
	return sizes
}

// Median returns the median of a figure, and false if there is none.
func (r Records) Median(figure func(Record) float64) (float64, bool) {
	if len(r) == 0 {
		return 0, false
	}
	values := make([]float64, len(r))
	for i, record := range r {
		values[i] = figure(record)
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle], true
	}
	return (values[middle-1] + values[middle]) / 2, true
}

// Most returns the largest value of a figure.
func (r Records) Most(figure func(Record) float64) (float64, bool) {
	if len(r) == 0 {
		return 0, false
	}
	most := figure(r[0])
	for _, record := range r[1:] {
		most = max(most, figure(record))
	}
	return most, true
}

// Figures of a record.
func seconds(r Record) float64   { return r.Seconds }
func processor(r Record) float64 { return r.Processor }
func own(r Record) float64       { return r.Own }
func memory(r Record) float64    { return float64(r.Memory) }
func state(r Record) float64     { return float64(r.State) }

// verbs adds up the requests of a record by verb; a list and a get of another kind
// are one.
func (r Record) verbs() map[string]int {
	verbs := map[string]int{}
	for request, n := range r.Requests {
		verb, _, _ := strings.Cut(request, " ")
		verbs[verb] += n
	}
	return verbs
}

// reads returns how many requests read a kind, for each kind.
func (r Record) reads() map[string]int {
	reads := map[string]int{}
	for request, n := range r.Requests {
		if verb, kind, _ := strings.Cut(request, " "); verb == "get" || verb == "list" {
			reads[kind] += n
		}
	}
	return reads
}
