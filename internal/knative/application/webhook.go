package application

import (
	"errors"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// refusedFields are what Knative's webhook names fields like in its refusals,
// which are text alone. The text chooses the attribute that the error is shown
// at, and nothing else.
var refusedFields = regexp.MustCompile(`\b(?:spec\.template\.(?:spec|metadata)|metadata)\.[A-Za-z0-9_./*\[\]-]+`)

// attributeOf returns the attribute that a refusal is about, if it names one.
func attributeOf(err error) path.Path {
	var refusal apierrors.APIStatus
	if !errors.As(err, &refusal) || (!apierrors.IsBadRequest(err) && !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err)) {
		return path.Empty()
	}
	status := refusal.Status()
	var fields []string
	if status.Details != nil {
		for _, cause := range status.Details.Causes {
			fields = append(fields, cause.Field)
		}
	}
	fields = append(fields, refusedFields.FindAllString(status.Message, -1)...)
	for _, field := range fields {
		if at, ok := (fieldMap{}).attribute(strings.TrimRight(field, ".:,")); ok {
			return at
		}
	}
	return path.Empty()
}
