// Package validate refuses at plan what a cluster would refuse at apply.
package validate

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"
)

// text is a validator of strings by a function that returns what is wrong.
type text struct {
	description string
	problems    func(string) []string
}

func (v text) Description(context.Context) string         { return v.description }
func (v text) MarkdownDescription(context.Context) string { return v.description }

func (v text) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	if problems := v.problems(value); len(problems) > 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value",
			fmt.Sprintf("%s = %q is not %s: %s.", req.Path, value, v.description, strings.Join(problems, "; ")))
	}
}

// Text returns a validator of strings by a function that says what is wrong with
// one, for what only one package has use for. description follows "is not".
func Text(description string, problems func(string) []string) validator.String {
	return text{description, problems}
}

// DNS1035Label accepts names that Knative and Kubernetes make host names of:
// lower-case letters, digits and hyphens, beginning with a letter, at most 63
// characters.
func DNS1035Label() validator.String {
	return text{"a DNS-1035 label", validation.IsDNS1035Label}
}

// Namespace accepts names of namespaces.
func Namespace() validator.String {
	return text{"the name of a namespace", validation.IsDNS1123Label}
}

// LabelKey accepts keys of labels and annotations.
func LabelKey() validator.String {
	return text{"a label or annotation key", content.IsLabelKey}
}

// LabelValue accepts values of labels.
func LabelValue() validator.String {
	return text{"a label value", validation.IsValidLabelValue}
}

// NotPrefixed refuses keys with one of the prefixes, because somebody else
// writes them; instead says where they are set.
func NotPrefixed(instead string, prefixes ...string) validator.String {
	return text{"a key that is yours to set", func(key string) []string {
		for _, prefix := range prefixes {
			if strings.HasPrefix(key, prefix) {
				return []string{fmt.Sprintf("keys that begin with %s are %s", prefix, instead)}
			}
		}
		return nil
	}}
}

// EnvName accepts names of environment variables.
func EnvName() validator.String {
	return text{"the name of an environment variable", validation.IsEnvVarName}
}

// Image accepts references of container images, without judging whether they
// exist.
func Image() validator.String {
	return text{"an image reference such as registry/name:tag or registry/name@sha256:…", func(value string) []string {
		switch {
		case value == "":
			return []string{"it is empty"}
		case strings.ContainsAny(value, " \t\r\n"):
			return []string{"it contains white space"}
		case strings.Contains(value, "://"):
			return []string{"an image is named without https://"}
		case len(value) > 4096:
			return []string{"it is longer than 4096 characters"}
		}
		return nil
	}}
}
