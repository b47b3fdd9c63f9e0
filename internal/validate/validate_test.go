package validate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

func TestValidators(t *testing.T) {
	for name, test := range map[string]struct {
		validator validator.String
		good, bad []string
	}{
		"DNS1035Label":   {validate.DNS1035Label(), []string{"shop", "shop-2"}, []string{"", "2shop", "Shop", "shop.prod", strings.Repeat("a", 64)}},
		"DNSLabel":       {validate.DNSLabel(), []string{"shop", "2shop"}, []string{"", "Shop", "shop.prod", "-"}},
		"DNSName":        {validate.DNSName(), []string{"shop", "shop.example.com"}, []string{"", "*.example.com", "Shop"}},
		"Namespace":      {validate.Namespace(), []string{"prod", "2prod"}, []string{"", "prod.x"}},
		"NamespacedName": {validate.NamespacedName(), []string{"a/b", "a/b.c"}, []string{"a", "a/b/c", "/b", "a/"}},
		"LabelKey":       {validate.LabelKey(), []string{"a", "example.com/a"}, []string{"", "a b", "/a"}},
		"LabelValue":     {validate.LabelValue(), []string{"", "a", "1.4.2"}, []string{"a b", strings.Repeat("a", 64)}},
		"NotPrefixed":    {validate.NotPrefixed("elsewhere", "a/", "b/"), []string{"c/x", "a"}, []string{"a/x", "b/"}},
		"EnvName":        {validate.EnvName(), []string{"A", "a_1", "a.b"}, []string{"", "1A", "A B", "A="}},
		"Image":          {validate.Image(), []string{"a", "a/b:c", "a@sha256:0"}, []string{"", "a b", "https://a/b"}},
		"Duration":       {validate.Duration(time.Second, time.Hour), []string{"1s", "1m30s", "60m"}, []string{"", "60", "0s", "61m", "1500ms", "soon"}},
		"ConfigKey":      {validate.ConfigKey(), []string{"tls.crt", "A_b-c"}, []string{"", "a/b", ".."}},
		"HeaderName":     {validate.HeaderName(), []string{"X-Probe", "host"}, []string{"", "X Probe", "X:"}},
		"IP":             {validate.IP(), []string{"10.0.0.1", "2001:db8::1"}, []string{"", "10.0.0", "example.com", "fe80::1%eth0", "010.0.0.1"}},
		"AbsolutePath":   {validate.AbsolutePath(), []string{"/", "/var/log"}, []string{"", "var", "/var/../etc"}},
		"MountPath":      {validate.MountPath(), []string{"/data", "/dev/shm"}, []string{"", "data", "/", "//", "/dev", "/dev/log", "/a:b"}},
		"RelativePath":   {validate.RelativePath(), []string{"a", "a/b", "..a"}, []string{"", "/a", "../a", "a/.."}},
		"URLPath":        {validate.URLPath(), []string{"/", "/healthz?full=1"}, []string{"", "healthz", "/a b"}},
		"FileMode":       {validate.FileMode(), []string{"0644", "0000", "0777"}, []string{"", "644", "0888", "00644", "1777"}},
		"PodField":       {validate.PodField(), []string{"metadata.name", "metadata.labels", "metadata.labels['a']", "status.podIP"}, []string{"", "name", "spec", "metadata.labels['']"}},
	} {
		for _, value := range test.good {
			if problems := run(test.validator, types.StringValue(value)); problems != "" {
				t.Errorf("%s refuses %q: %s", name, value, problems)
			}
		}
		for _, value := range test.bad {
			if problems := run(test.validator, types.StringValue(value)); !strings.Contains(problems, test.validator.Description(context.Background())) {
				t.Errorf("%s accepts %q, or does not say what it wants: %q", name, value, problems)
			}
		}
		for _, value := range []types.String{types.StringNull(), types.StringUnknown()} {
			if problems := run(test.validator, value); problems != "" {
				t.Errorf("%s refuses %s: %s", name, value, problems)
			}
		}
	}
}

func run(v validator.String, value types.String) string {
	resp := &validator.StringResponse{}
	v.ValidateString(context.Background(), validator.StringRequest{Path: path.Root("x"), ConfigValue: value}, resp)
	var problems []string
	for _, d := range resp.Diagnostics {
		problems = append(problems, d.Detail())
	}
	return strings.Join(problems, "\n")
}
