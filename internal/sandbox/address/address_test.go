package address

import (
	"strings"
	"testing"
)

func TestPlan(t *testing.T) {
	p, err := New("standby", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"host", p.HostIP().String(), "10.200.2.1"},
		{"node", p.NodeIP().String(), "10.200.2.2"},
		{"link", p.LinkCIDR(p.NodeIP()).String(), "10.200.2.2/24"},
		{"pods", p.PodCIDR().String(), "10.242.0.0/16"},
		{"node's pods", p.Node(1).PodCIDR().String(), "10.242.0.0/24"},
		{"services", p.ServiceCIDR().String(), "10.92.0.0/16"},
		{"kubernetes", p.APIServiceIP().String(), "10.92.0.1"},
		{"dns", p.DNSServiceIP().String(), "10.92.0.10"},
		{"api", p.APIServer(), "https://10.200.2.2:6443"},
		{"gateway", p.Gateway(), "http://10.200.2.2:30080"},
		{"netns", p.Netns(), "sls-standby"},
		{"link name", p.HostLink(), "sls2"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, c.got, c.want)
		}
	}
}

// Two clusters side by side must share nothing.
func TestPlansAreDisjoint(t *testing.T) {
	seen := map[string]int{}
	for i := 1; i <= MaxIndex; i++ {
		p, err := New("c", i)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []string{
			p.LinkCIDR(p.HostIP()).Masked().String(), p.PodCIDR().String(), p.ServiceCIDR().String(), p.HostLink(),
		} {
			if j, ok := seen[v]; ok {
				t.Errorf("index %d and %d share %s", i, j, v)
			}
			seen[v] = i
		}
		if p.HostIP().String() == RegistryIP {
			t.Errorf("index %d takes the registry's address", i)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		index int
	}{
		{"", 1},
		{"Primary", 1},
		{"-a", 1},
		{"a-", 1},
		{"a/b", 1},
		{"..", 1},
		{strings.Repeat("a", 31), 1},
		{"registry", 1},
		{"store", 1},
		{"primary", 0},
		{"primary", 10},
		{"primary", -1},
	} {
		if _, err := New(c.name, c.index); err == nil {
			t.Errorf("New(%q, %d) was accepted", c.name, c.index)
		}
	}
}
