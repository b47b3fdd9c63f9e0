package hostname

import (
	"strings"
	"testing"
)

// Whatever the template and the value, there is a host that DNS can have or an
// error; a host is the template with the value in every place.
func FuzzRender(f *testing.F) {
	f.Add("{name}.sls-{cluster}.qunhe.com", "name", "shop", "eu")
	f.Add("{name}{name}.example.com", "name", "a.b", "")
	f.Add("{{name}}.example.com", "name", "shop", "x")
	f.Add("{name}.example.com.", "name", strings.Repeat("a", 64), "-")
	f.Add("{n-a_me}", "n-a_me", "{x}", "..")
	f.Fuzz(func(t *testing.T, template, placeholder, value, cluster string) {
		host, err := Render(template, map[string]string{placeholder: value, "cluster": cluster})
		if err != nil {
			if host != "" || err.Error() == "" {
				t.Errorf("an error %q with the host %q", err, host)
			}
			return
		}
		if problems := Problems(host); len(problems) > 0 || strings.ContainsAny(host, "{}/ \n") || host != strings.ToLower(host) {
			t.Errorf("%q is no host: %v", host, problems)
		}
		want := template
		if placeholder != "cluster" {
			want = strings.ReplaceAll(want, "{"+placeholder+"}", value)
		}
		if want = strings.ReplaceAll(want, "{cluster}", cluster); placeholder != "cluster" && host != want {
			t.Errorf("%q became %q, want %q", template, host, want)
		}
	})
}
