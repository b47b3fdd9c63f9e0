package lifecycle

import "testing"

// A creation that an earlier provider has begun is known by its stamp.
func TestStampStays(t *testing.T) {
	got, err := Stamp(map[string]any{"b": []any{1, "two"}, "a": nil})
	if want := "7405a42ac18ef43c"; err != nil || got != want {
		t.Errorf("the stamp is %s (%v), and was %s", got, err, want)
	}
	if _, err := Stamp(func() {}); err == nil {
		t.Error("what can't be encoded has a stamp")
	}
}
