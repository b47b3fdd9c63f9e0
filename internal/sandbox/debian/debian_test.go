package debian

import (
	"slices"
	"testing"
)

func TestMissing(t *testing.T) {
	none := func(string) bool { return false }
	all := func(string) bool { return true }
	if got := missing(all, true); len(got) > 0 {
		t.Errorf("on a machine that has everything: %v", got)
	}
	if got := missing(all, false); !slices.Equal(got, []string{"python3-pip"}) {
		t.Errorf("without pip: %v", got)
	}
	if got := missing(none, false); !slices.Contains(got, "containerd") || len(got) != len(needed)+1 {
		t.Errorf("on an empty machine: %v", got)
	}
	nft := func(path string) bool { return path != "/usr/sbin/nft" }
	if got := missing(nft, true); !slices.Equal(got, []string{"nftables"}) {
		t.Errorf("without nft: %v", got)
	}
}

func TestTail(t *testing.T) {
	if got := tail("a\nb\nc\n", 2); got != "b\nc" {
		t.Errorf("got %q", got)
	}
	if got := tail("a", 2); got != "a" {
		t.Errorf("got %q", got)
	}
}
