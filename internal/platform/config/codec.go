package config

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// codec is how the text of a key becomes a typed attribute.
type codec struct {
	schema func(description string) schema.Attribute
	// expand returns the text of a known value.
	expand func(value attr.Value) string
	// canonical writes a text in the one way of all that mean the same, or says
	// why it has no meaning.
	canonical func(text string) (string, error)
	// flatten returns the value of a text that has a canonical form: of that
	// form, or of the text itself if verbatim. So 90s does not become 1m30s.
	flatten  func(text string) (attr.Value, error)
	verbatim bool
}

// text is a key that is text to Knative.
func text(validators ...validator.String) codec {
	return codec{
		schema: func(description string) schema.Attribute {
			return schema.StringAttribute{Optional: true, Description: description, Validators: validators}
		},
		expand:    expandString,
		canonical: func(text string) (string, error) { return strings.TrimSpace(text), nil },
		flatten:   flattenString,
	}
}

// oneOf is a key that is one of a few words. Knative takes them in upper and
// lower case, and takes a word that it doesn't know for the default: nobody
// would see the typo.
func oneOf(words ...string) codec {
	c := text(stringvalidator.OneOf(words...))
	c.canonical = func(text string) (string, error) {
		text = strings.TrimSpace(text)
		for _, word := range words {
			if strings.EqualFold(text, word) {
				return word, nil
			}
		}
		return "", fmt.Errorf("it is none of %s", strings.Join(words, ", "))
	}
	return c
}

// boolean is a key that is true or false.
func boolean() codec {
	return codec{
		schema: func(description string) schema.Attribute {
			return schema.BoolAttribute{Optional: true, Description: description}
		},
		expand: func(value attr.Value) string {
			of, _ := value.(types.Bool)
			return strconv.FormatBool(of.ValueBool())
		},
		canonical: func(text string) (string, error) {
			is, err := strconv.ParseBool(text)
			if err != nil {
				return "", fmt.Errorf("it is neither true nor false")
			}
			return strconv.FormatBool(is), nil
		},
		flatten: func(text string) (attr.Value, error) { return types.BoolValue(text == "true"), nil },
	}
}

// integer is a key that is a whole number.
func integer(validators ...validator.Int64) codec {
	return codec{
		schema: func(description string) schema.Attribute {
			return schema.Int64Attribute{Optional: true, Description: description, Validators: validators}
		},
		expand: func(value attr.Value) string {
			of, _ := value.(types.Int64)
			return strconv.FormatInt(of.ValueInt64(), 10)
		},
		canonical: func(text string) (string, error) {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return "", fmt.Errorf("it is no whole number")
			}
			return strconv.FormatInt(n, 10), nil
		},
		flatten: func(text string) (attr.Value, error) {
			n, err := strconv.ParseInt(text, 10, 64)
			return types.Int64Value(n), err
		},
	}
}

// number is a key that is a number, also a fraction.
func number(validators ...validator.Float64) codec {
	return codec{
		schema: func(description string) schema.Attribute {
			return schema.Float64Attribute{Optional: true, Description: description, Validators: validators}
		},
		expand: func(value attr.Value) string {
			of, _ := value.(types.Float64)
			return formatNumber(of.ValueFloat64())
		},
		canonical: canonicalNumber,
		flatten:   flattenNumber,
	}
}

func formatNumber(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func canonicalNumber(text string) (string, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return "", fmt.Errorf("it is no number")
	}
	return formatNumber(f), nil
}

// flattenNumber keeps all the digits that Terraform reads of the same text in a
// configuration: 0.1 is no number of 64 bits, and the nearest one would differ.
func flattenNumber(text string) (attr.Value, error) {
	const precision = 512 // Terraform's own
	f, _, err := big.ParseFloat(text, 10, precision, big.ToNearestEven)
	if err != nil {
		return nil, fmt.Errorf("it is no number")
	}
	return valueOf(types.Float64Type, tftypes.NewValue(tftypes.Number, f))
}

// targetPercentage is number for a percentage that Knative reads as a fraction
// up to one: an attribute that says percent takes percents alone.
func targetPercentage() codec {
	c := number(percentNotFraction{})
	c.canonical = func(text string) (string, error) {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "", fmt.Errorf("it is no number")
		}
		if f > 0 && f <= 1 {
			f *= 100
		}
		return formatNumber(f), nil
	}
	return c
}

// duration is a key that is a duration with its unit.
func duration() codec {
	return durationOr()
}

// durationOr is duration for a key that may also be one of a few words.
func durationOr(words ...string) codec {
	c := text(durationText(words...))
	c.canonical = func(text string) (string, error) {
		if word, ok := wordIn(words, text); ok {
			return word, nil
		}
		d, err := time.ParseDuration(text)
		if err != nil {
			return "", fmt.Errorf("it is no duration")
		}
		return d.String(), nil
	}
	c.verbatim = true
	c.flatten = func(text string) (attr.Value, error) {
		if word, ok := wordIn(words, text); ok {
			text = word
		}
		return types.StringValue(text), nil
	}
	return c
}

// wordIn returns one of the words as it is written here.
func wordIn(words []string, text string) (string, bool) {
	i := slices.IndexFunc(words, func(word string) bool { return strings.EqualFold(word, text) })
	if i < 0 {
		return "", false
	}
	return words[i], true
}

// durationText accepts durations and some words.
func durationText(words ...string) validator.String {
	what := "a duration such as 90s, 15m or 48h"
	if len(words) > 0 {
		what += ", or " + strings.Join(words, " or ")
	}
	return validate.Text(what, func(value string) []string {
		if slices.Contains(words, value) {
			return nil
		}
		if _, err := time.ParseDuration(value); err != nil {
			return []string{"write it as a number with a unit"}
		}
		return nil
	})
}

// shortDuration leaves out the zeroes that Go puts behind: 48h, not 48h0m0s.
func shortDuration(text string) string {
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// seconds is a key that is a number of seconds, and a duration here.
func seconds() codec {
	const most = 1<<31 - 1
	c := text(validate.Duration(0, most*time.Second))
	c.expand = func(value attr.Value) string {
		d, err := time.ParseDuration(expandString(value))
		if err != nil {
			return expandString(value) // its validator has refused it
		}
		return strconv.FormatInt(int64(d/time.Second), 10)
	}
	c.canonical = integer().canonical
	c.flatten = func(text string) (attr.Value, error) {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("it is no number of seconds")
		}
		return types.StringValue(shortDuration((time.Duration(n) * time.Second).String())), nil
	}
	return c
}

// integerOr is a key that is a whole number or one of a few words. HCL makes text
// of a number by itself.
func integerOr(words ...string) codec {
	what := "a whole number or " + strings.Join(words, " or ")
	c := text(validate.Text(what, func(value string) []string {
		if slices.Contains(words, value) {
			return nil
		}
		if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 0 {
			return []string{"it is no number from zero on"}
		}
		return nil
	}))
	c.canonical = func(text string) (string, error) {
		if word, ok := wordIn(words, text); ok {
			return word, nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return "", fmt.Errorf("it is not %s", what)
		}
		return strconv.FormatInt(n, 10), nil
	}
	return c
}

// amount is a key that is a quantity of Kubernetes.
func amount() codec {
	return codec{
		schema: func(description string) schema.Attribute {
			return schema.StringAttribute{Optional: true, CustomType: quantity.Type{}, Description: description}
		},
		expand: func(value attr.Value) string {
			of, _ := value.(quantity.Value)
			return of.ValueString()
		},
		canonical: func(text string) (string, error) {
			q, err := resource.ParseQuantity(text)
			if err != nil {
				return "", fmt.Errorf("it is no quantity")
			}
			return q.String(), nil
		},
		flatten:  func(text string) (attr.Value, error) { return quantity.New(text), nil },
		verbatim: true,
	}
}

// set is a key that is a list with commas, in no order.
func set(validators ...validator.Set) codec {
	return codec{
		schema: func(description string) schema.Attribute {
			return schema.SetAttribute{
				ElementType: types.StringType, Optional: true, Description: description,
				Validators: append([]validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(withoutComma())}, validators...),
			}
		},
		expand: func(value attr.Value) string {
			of, _ := value.(types.Set)
			words := stringsOf(of.Elements())
			slices.Sort(words)
			return strings.Join(words, ",")
		},
		canonical: func(text string) (string, error) {
			words := split(text)
			slices.Sort(words)
			return strings.Join(slices.Compact(words), ","), nil
		},
		flatten: func(text string) (attr.Value, error) {
			return types.SetValueMust(types.StringType, stringValues(split(text))), nil
		},
	}
}

// list is a key that is a list with commas, in order, of words that are known.
func list(words ...string) codec {
	return codec{
		schema: func(description string) schema.Attribute {
			return schema.ListAttribute{
				ElementType: types.StringType, Optional: true, Description: description,
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(),
					listvalidator.ValueStringsAre(stringvalidator.OneOf(words...)),
				},
			}
		},
		expand: func(value attr.Value) string {
			of, _ := value.(types.List)
			return strings.Join(stringsOf(of.Elements()), ",")
		},
		canonical: func(text string) (string, error) { return strings.Join(split(text), ","), nil },
		flatten: func(text string) (attr.Value, error) {
			return types.ListValueMust(types.StringType, stringValues(split(text))), nil
		},
	}
}

// split returns the words of a list with commas.
func split(text string) []string {
	var words []string
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// canonicalJSON writes a value in one way.
func canonicalJSON(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

func expandString(value attr.Value) string {
	of, _ := value.(types.String)
	return of.ValueString()
}

func flattenString(text string) (attr.Value, error) { return types.StringValue(text), nil }
