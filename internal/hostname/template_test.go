package hostname

import (
	"errors"
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	const pattern = "{name}.sls-{cluster}.qunhe.com"
	type values = map[string]string
	for name, test := range map[string]struct {
		template string
		values   values
		want     string
		wrong    string // what is at fault: template, or the value of that placeholder
		says     string
	}{
		"usual":              {pattern, values{"name": "shop", "cluster": "prod"}, "shop.sls-prod.qunhe.com", "", ""},
		"more values":        {pattern, values{"name": "shop", "cluster": "prod", "team": "X Y"}, "shop.sls-prod.qunhe.com", "", ""},
		"no placeholder":     {"shop.example.com", nil, "shop.example.com", "", ""},
		"twice":              {"{name}.{name}.example.com", values{"name": "a"}, "a.a.example.com", "", ""},
		"several labels":     {"{name}.example.com", values{"name": "a.b"}, "a.b.example.com", "", ""},
		"empty":              {"shop{suffix}.example.com", values{"suffix": ""}, "shop.example.com", "", ""},
		"value like another": {"{a}.example.com", values{"a": "b", "b": "c"}, "b.example.com", "", ""},
		"dollar in template": {"{a}$1.example.com", values{"a": "b"}, "", "template", "b$1.example.com"},
		"longest label":      {"{a}.example.com", values{"a": strings.Repeat("a", 63)}, strings.Repeat("a", 63) + ".example.com", "", ""},

		"no value":            {pattern, values{"name": "shop", "region": "eu"}, "", "template", "{cluster}; there are values for name, region"},
		"no value at all":     {pattern, nil, "", "template", "{name}"},
		"spelled differently": {"{Name}.example.com", values{"name": "shop"}, "", "template", "{Name}"},
		"open brace":          {"{name.example.com", values{"name": "shop"}, "", "template", "brace"},
		"closing brace":       {"{name}}.example.com", values{"name": "shop"}, "", "template", "brace"},
		"nested":              {"{{name}}.example.com", values{"name": "shop"}, "", "template", "brace"},
		"blank in braces":     {"{ name }.example.com", values{"name": "shop"}, "", "template", "brace"},
		"nothing in braces":   {"{}.example.com", values{"": "shop"}, "", "template", "brace"},

		"capital":            {pattern, values{"name": "Shop", "cluster": "prod"}, "", "name", `"Shop"`},
		"underscore":         {pattern, values{"name": "shop", "cluster": "prod_1"}, "", "cluster", `"prod_1"`},
		"braces in value":    {"{a}.example.com", values{"a": "{b}", "b": "c"}, "", "a", "{b}"},
		"long label":         {"{a}.example.com", values{"a": strings.Repeat("a", 64)}, "", "template", "64 characters"},
		"long label further": {"a.{a}", values{"a": strings.Repeat("a", 64)}, "", "template", "64 characters"},
		"long name":          {"{a}.{a}.{a}.{a}", values{"a": strings.Repeat("a", 63)}, "", "template", "253"},
		"empty label":        {"{a}.example.com", values{"a": ""}, "", "template", `".example.com"`},
		"hyphen at the end":  {"{a}.example.com", values{"a": "shop-"}, "", "template", "shop-.example.com"},
		"empty template":     {"", nil, "", "template", "not a valid domain"},
		"wildcard":           {"*.{a}.com", values{"a": "b"}, "", "template", "*.b.com"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Render(test.template, test.values)
			if got != test.want {
				t.Errorf("got %q", got)
			}
			var wrongTemplate *TemplateError
			var wrongValue *ValueError
			switch wrong := test.wrong; {
			case wrong == "":
				if err != nil {
					t.Error(err)
				}
			case wrong == "template" && !errors.As(err, &wrongTemplate),
				wrong != "template" && (!errors.As(err, &wrongValue) || wrongValue.Placeholder != wrong),
				!strings.Contains(err.Error(), test.says):
				t.Errorf("got the error %v, want one of %s that says %q", err, wrong, test.says)
			}
		})
	}
}
