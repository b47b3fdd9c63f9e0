package application

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	knative "knative.dev/serving/pkg/apis/serving"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// observed is what the cluster has of an application.
type observed struct {
	service  *servingv1.Service
	revision *servingv1.Revision // the current one; nil while there is none
}

// observe decodes what was read. revision may be nil.
func observe(service, revision *kube.Object) (*observed, error) {
	decoded, err := serving.DecodeService(service)
	if err != nil || revision == nil {
		return &observed{service: decoded}, err
	}
	o := &observed{service: decoded}
	o.revision, err = serving.DecodeRevision(revision)
	return o, err
}

// scalingAnnotations returns the annotations that scale the application now: a
// revision's win over the template's, which reach the next revision only.
func (o *observed) scalingAnnotations() map[string]string {
	if o.revision != nil {
		own, _ := ownScaling(o.revision.Annotations)
		return own
	}
	return o.service.Spec.Template.Annotations
}

// flatten returns the model of what is on the cluster. Of what prior does not
// set, nothing is taken over: it belongs to Knative, CI or a person. importing
// takes over everything that the resource can express.
func flatten(ctx context.Context, prior *nested, o *observed, importing bool, diags *diag.Diagnostics) *Model {
	m := *prior.Model
	own := func(prior attr.Value) bool { return importing || !prior.IsNull() }

	m.Name = types.StringValue(o.service.Name)
	m.Namespace = types.StringValue(o.service.Namespace)
	flattenMetadata(&m, o.service, importing)

	flattenTemplate(ctx, &m, prior.template, &o.service.Spec.Template, importing, diags)
	if own(m.Scaling) {
		scaling, err := flattenScaling(o.scalingAnnotations(), prior.scaling)
		if err != nil {
			diags.AddError("A scaling annotation is not a number",
				"Somebody has set an autoscaling annotation of "+o.service.Name+" to something that Knative itself does not understand: "+err.Error())
		}
		if importing && scaling != nil && *scaling == (Scaling{}) {
			scaling = nil
		}
		m.Scaling = encode(ctx, "scaling", scaling, diags)
	}
	flattenStatus(&m, o)
	return &m
}

// flattenTemplate sets what a revision is made of.
func flattenTemplate(ctx context.Context, m *Model, prior *Template, live *servingv1.RevisionTemplateSpec, importing bool, diags *diag.Diagnostics) {
	if importing || !m.Version.IsNull() {
		m.Version = lifecycle.NullIfEmpty(live.Labels[serving.VersionLabel])
	}
	live = live.DeepCopy()
	if importing {
		dropDefaults(live)
	}
	t := Template{}
	if prior != nil {
		t = *prior
	}
	var problems []error
	revisionTemplate(mapping{flattening: true, importing: importing, problems: &problems}, &t, live)
	for _, err := range problems {
		diags.AddError("Can't read the application's template", err.Error())
	}
	encodeTemplate(ctx, &t, m, diags)
}

func flattenMetadata(m *Model, service *servingv1.Service, importing bool) {
	if importing {
		m.Labels = lifecycle.Subset(m.Labels, lifecycle.WithoutPrefixes(service.Labels, serving.VisibilityLabel, serving.VersionLabel), true)
		m.Annotations = lifecycle.Subset(m.Annotations, lifecycle.WithoutPrefixes(service.Annotations, foreignAnnotations...), true)
		m.EffectiveLabels, m.EffectiveAnnotations = lifecycle.EmptyIfNull(m.Labels), lifecycle.EmptyIfNull(m.Annotations)
	} else {
		m.Labels = lifecycle.Subset(m.Labels, service.Labels, false)
		m.Annotations = lifecycle.Subset(m.Annotations, service.Annotations, false)
		m.EffectiveLabels = lifecycle.Subset(m.EffectiveLabels, service.Labels, false)
		m.EffectiveAnnotations = lifecycle.Subset(m.EffectiveAnnotations, service.Annotations, false)
	}
	durationAnnotation(mapping{flattening: true, importing: importing, problems: new([]error)}, &m.RolloutDuration, knative.RolloutDurationKey, nil, service.Annotations)
	m.Visibility = types.StringValue(serving.VisibilityPublic)
	if service.Labels[serving.VisibilityLabel] == serving.VisibilityLocal {
		m.Visibility = types.StringValue(serving.VisibilityLocal)
	}
}

// flattenStatus sets what is computed.
func flattenStatus(m *Model, o *observed) {
	status := &o.service.Status
	before := m.Revision
	m.Revision = types.StringValue(o.service.Spec.Template.Name)
	if m.Revision.ValueString() == "" {
		m.Revision = lifecycle.NullIfEmpty(status.LatestCreatedRevisionName)
	}
	m.LatestReadyRevision = lifecycle.NullIfEmpty(status.LatestReadyRevisionName)
	m.URL, m.ClusterLocalURL = types.StringNull(), types.StringNull()
	if status.URL != nil {
		m.URL = types.StringValue(status.URL.String())
	}
	if status.Address != nil && status.Address.URL != nil {
		m.ClusterLocalURL = types.StringValue(status.Address.URL.String())
	}
	m.ImageDigest = types.StringNull()
	if o.revision != nil {
		m.ImageDigest = lifecycle.NullIfEmpty(serving.ImageDigest(o.revision))
	}
	state := assess(o.service, m.Revision.ValueString(), m.Rollout).Holding(m.Ready.ValueBool() && m.Revision.Equal(before))
	m.Ready = types.BoolValue(state.Phase == serving.Ready)
	m.StatusMessage = lifecycle.NullIfEmpty(state.String())
}

// encode returns a nested attribute's value; nil is null.
func encode[T any](ctx context.Context, attribute string, value *T, diags *diag.Diagnostics) types.Object {
	of, _ := attributeTypes()[attribute].(attr.TypeWithAttributeTypes)
	if value == nil {
		return types.ObjectNull(of.AttributeTypes())
	}
	encoded, problems := types.ObjectValueFrom(ctx, of.AttributeTypes(), value)
	diags.Append(problems...)
	return encoded
}
