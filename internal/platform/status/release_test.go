package status

import "testing"

func TestOldest(t *testing.T) {
	for _, test := range []struct {
		versions []string
		want     string
	}{
		{nil, ""},
		{[]string{"1.9.0"}, "1.9.0"},
		{[]string{"1.10.0", "1.9.0"}, "1.9.0"},
		{[]string{"1.10.0", "1.10.0-rc.1"}, "1.10.0-rc.1"},
	} {
		if got := oldest(test.versions); got != test.want {
			t.Errorf("oldest(%v) = %q, want %q", test.versions, got, test.want)
		}
	}
}
