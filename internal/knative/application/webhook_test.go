package application

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	fields "k8s.io/apimachinery/pkg/util/validation/field"
)

func TestRefusalsAreShownAtTheAttribute(t *testing.T) {
	const denied = `admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: `
	for _, test := range []struct {
		err  error
		want path.Path
	}{
		{apierrors.NewBadRequest(denied + "must not set the field(s): spec.template.spec.nodeSelector"), path.Root("node_selector")},
		{apierrors.NewBadRequest(denied + "missing field(s): spec.template.spec.containers[0].image"), path.Root("image")},
		{apierrors.NewBadRequest(denied + "expected 0 <= 700 <= 600: spec.template.spec.timeoutSeconds"), path.Root("timeout")},
		{apierrors.NewBadRequest(denied + "max-scale=1 is less than min-scale=2: spec.template.metadata.annotations.autoscaling.knative.dev/max-scale"), path.Root("scaling").AtName("max")},
		{apierrors.NewBadRequest(denied + "HostPath volume support is disabled, but found HostPath volume logs: spec.template.spec.volumes[0].name\nmore"), path.Root("volumes")},
		{apierrors.NewBadRequest(denied + "annotation value is immutable: metadata.annotations.serving.knative.dev/creator"), path.Root("annotations")},
		{fmt.Errorf("applying it: %w", apierrors.NewForbidden(schema.GroupResource{Resource: "services"}, "shop", errors.New("metadata.labels.team is required"))), path.Root("labels")},
		{apierrors.NewInvalid(schema.GroupKind{Kind: "Service"}, "shop", fields.ErrorList{
			fields.Invalid(fields.NewPath("spec", "template", "spec", "hostAliases").Index(0).Child("ip"), "x", "not an address"),
		}), path.Root("host_aliases")},
		{apierrors.NewBadRequest("something else"), path.Empty()},
		{apierrors.NewInternalError(errors.New("spec.template.spec.nodeSelector")), path.Empty()},
		{errors.New("spec.template.spec.nodeSelector"), path.Empty()},
		{&apierrors.StatusError{ErrStatus: metav1.Status{Reason: metav1.StatusReasonForbidden}}, path.Empty()},
	} {
		if at := attributeOf(test.err); !at.Equal(test.want) {
			t.Errorf("%q is shown at %s, not at %s", test.err, at, test.want)
		}
	}
}
