package status

import "testing"

func TestRelease(t *testing.T) {
	for text, want := range map[string]string{
		"1.35.4": "1.35.4", "v1.35.4": "1.35.4", "v1.35.4-gke.100": "1.35.4-gke.100", "v1.35.4+k3s1": "1.35.4+k3s1",
		"1.31.0-rc.1": "1.31.0-rc.1", "1.31.1-distroless": "1.31.1", "1.31.1-debug": "1.31.1",
		"": "", "devel": "", "latest": "", "1.31": "", "v1.31-alpha.ab12": "", "1.2.3.4": "", "sha-1.2.3": "",
	} {
		if got := release(text); got != want {
			t.Errorf("release(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestTag(t *testing.T) {
	for image, want := range map[string]string{
		"istio/pilot": "", "istio/pilot:1.31.1": "1.31.1", "registry:5000/pilot": "", "registry:5000/a/pilot:1.31.1": "1.31.1",
		"registry:5000/pilot:1.31.1@sha256:ab": "1.31.1", "pilot@sha256:ab": "", "pilot:1": "1",
	} {
		if got := tag(image); got != want {
			t.Errorf("tag(%q) = %q, want %q", image, got, want)
		}
	}
}

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
