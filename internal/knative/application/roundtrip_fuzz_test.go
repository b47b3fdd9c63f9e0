package application

import (
	"math/rand/v2"
	"testing"
)

// What is applied reads back as it was, whatever it is, and with Knative's defaults
// too. The generator makes a model of two numbers, by the schema.
func FuzzFlattenUndoesExpand(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Add(uint64(0), uint64(0))
	f.Fuzz(func(t *testing.T, one, two uint64) {
		m := modelOf(t, (&generator{random: rand.New(rand.NewPCG(one, two))}).application())
		want := valueOfModel(t, m.Model)
		service := serviceOf(t, m)
		if where, ok := same(want, flattened(t, m, service, false)); !ok {
			t.Fatalf("%s does not come back as it was", where)
		}
		setKnativeDefaults(t, service)
		if where, ok := same(want, flattened(t, m, service, false)); !ok {
			t.Fatalf("with Knative's defaults, %s does not come back as it was", where)
		}
	})
}
