package layout

import (
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want Root
	}{
		{"named", map[string]string{"SLS_CACHE": "/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/c"},
		{"by XDG", map[string]string{"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/terraform-provider-sls"},
		{"by home", map[string]string{"HOME": "/h"}, "/h/.cache/terraform-provider-sls"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Find(func(k string) string { return c.env[k] })
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestFindRefuses(t *testing.T) {
	if got, err := Find(func(string) string { return "" }); err == nil {
		t.Errorf("no home: got %q", got)
	}
	// Sockets inside would have names that the kernel cuts off.
	long := "/" + strings.Repeat("a", maxRoot)
	if _, err := Find(func(k string) string { return map[string]string{Env: long}[k] }); err == nil || !strings.Contains(err.Error(), Env) {
		t.Errorf("a path too long for sockets: %v", err)
	}
}

func TestClusterNames(t *testing.T) {
	root := Root(t.TempDir())
	if names, err := root.ClusterNames(); err != nil || len(names) > 0 {
		t.Errorf("got %v, %v", names, err)
	}
}
