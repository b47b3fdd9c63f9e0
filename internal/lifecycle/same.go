package lifecycle

import (
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
)

// Same reports whether two models, pointers to the same struct of attributes, hold
// the same.
func Same[T any](a, b *T) bool {
	one, other := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for i := range one.NumField() {
		value, ok := one.Field(i).Interface().(attr.Value)
		if !ok {
			return false
		}
		if is, ok := other.Field(i).Interface().(attr.Value); !ok || !value.Equal(is) {
			return false
		}
	}
	return true
}
