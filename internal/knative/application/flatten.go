package application

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

// observed is what the cluster has of an application.
type observed struct {
	service  *servingv1.Service
	revision *servingv1.Revision // the current one; nil while there is none
}

// observe decodes what was read. revision may be nil.
func observe(service, revision *kube.Object) (*observed, error) {
	o := &observed{service: &servingv1.Service{}}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(service.Object, o.service); err != nil {
		return nil, err
	}
	if revision != nil {
		o.revision = &servingv1.Revision{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(revision.Object, o.revision); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// currentRevision returns the name of the revision that a Service's template
// stands for: the one that it names, or the newest that Knative made of it.
func currentRevision(service *kube.Object) string {
	if name, _, _ := unstructured.NestedString(service.Object, "spec", "template", "metadata", "name"); name != "" {
		return name
	}
	name, _, _ := unstructured.NestedString(service.Object, "status", "latestCreatedRevisionName")
	return name
}

// scalingAnnotations returns the annotations that scale the application now: a
// revision's win over the template's, which reach the next revision only.
func (o *observed) scalingAnnotations() map[string]string {
	if o.revision != nil {
		return o.revision.Annotations
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

	template := &o.service.Spec.Template
	if own(m.Version) {
		m.Version = optional(template.Labels[versionLabel])
	}
	container := userContainerOf(template)
	m.Image = types.StringValue(container.Image)
	if own(m.Command) {
		m.Command = list(m.Command, container.Command)
	}
	if own(m.Args) {
		m.Args = list(m.Args, container.Args)
	}
	if own(m.Env) {
		m.Env = subset(m.Env, literals(container.Env), importing)
	}
	if own(m.Port) {
		m.Port = encode(ctx, m.Port, flattenPort(container.Ports), diags)
	}
	if own(m.Resources) {
		m.Resources = encode(ctx, m.Resources, flattenResources(container.Resources, prior.resources), diags)
	}
	if own(m.Scaling) {
		scaling, err := flattenScaling(o.scalingAnnotations(), prior.scaling)
		if err != nil {
			diags.AddError("A scaling annotation is not a number",
				"Somebody has set an autoscaling annotation of "+o.service.Name+" to something that Knative itself does not understand: "+err.Error())
		}
		if importing && scaling != nil && *scaling == (Scaling{}) {
			scaling = nil
		}
		m.Scaling = encode(ctx, m.Scaling, scaling, diags)
	}
	flattenStatus(&m, o)
	return &m
}

func flattenMetadata(m *Model, service *servingv1.Service, importing bool) {
	if importing {
		m.Labels = subset(m.Labels, without(service.Labels, visibilityLabel, versionLabel), true)
		m.Annotations = subset(m.Annotations, without(service.Annotations, foreignAnnotations...), true)
		m.EffectiveLabels, m.EffectiveAnnotations = known(m.Labels), known(m.Annotations)
	} else {
		m.Labels = subset(m.Labels, service.Labels, false)
		m.Annotations = subset(m.Annotations, service.Annotations, false)
		m.EffectiveLabels = subset(m.EffectiveLabels, service.Labels, false)
		m.EffectiveAnnotations = subset(m.EffectiveAnnotations, service.Annotations, false)
	}
	m.Visibility = types.StringValue(visibilityPublic)
	if service.Labels[visibilityLabel] == visibilityLocal {
		m.Visibility = types.StringValue(visibilityLocal)
	}
}

// flattenStatus sets what is computed.
func flattenStatus(m *Model, o *observed) {
	status := &o.service.Status
	m.Revision = types.StringValue(o.service.Spec.Template.Name)
	if m.Revision.ValueString() == "" {
		m.Revision = optional(status.LatestCreatedRevisionName)
	}
	m.LatestReadyRevision = optional(status.LatestReadyRevisionName)
	m.URL, m.ClusterLocalURL = types.StringNull(), types.StringNull()
	if status.URL != nil {
		m.URL = types.StringValue(status.URL.String())
	}
	if status.Address != nil && status.Address.URL != nil {
		m.ClusterLocalURL = types.StringValue(status.Address.URL.String())
	}
	m.ImageDigest = types.StringNull()
	if o.revision != nil && len(o.revision.Status.ContainerStatuses) > 0 {
		m.ImageDigest = optional(o.revision.Status.ContainerStatuses[0].ImageDigest)
	}
	state := assess(o.service, m.Revision.ValueString())
	m.Ready = types.BoolValue(state.phase == phaseReady)
	m.StatusMessage = optional(state.String())
}

// userContainerOf returns the container that serves requests.
func userContainerOf(template *servingv1.RevisionTemplateSpec) *corev1.Container {
	containers := template.Spec.Containers
	for i := range containers {
		if len(containers[i].Ports) > 0 {
			return &containers[i] // of several, Knative wants just one with a port
		}
	}
	if len(containers) > 0 {
		return &containers[0]
	}
	return &corev1.Container{}
}

func flattenPort(ports []corev1.ContainerPort) *Port {
	if len(ports) == 0 {
		return nil
	}
	protocol := ports[0].Name
	if protocol == "" {
		protocol = protocolHTTP1
	}
	return &Port{Number: types.Int64Value(int64(ports[0].ContainerPort)), Protocol: types.StringValue(protocol)}
}

func flattenResources(live corev1.ResourceRequirements, prior *Resources) *Resources {
	if prior == nil {
		if len(live.Requests) == 0 && len(live.Limits) == 0 {
			return nil
		}
		return &Resources{amounts(live.Requests, nil, true), amounts(live.Limits, nil, true)}
	}
	return &Resources{amounts(live.Requests, prior.Requests, false), amounts(live.Limits, prior.Limits, false)}
}

func amounts(live corev1.ResourceList, prior map[string]quantity.Value, all bool) map[string]quantity.Value {
	if prior == nil && (!all || len(live) == 0) {
		return nil
	}
	flat := map[string]quantity.Value{}
	for name, amount := range live {
		if _, ours := prior[string(name)]; ours || all {
			flat[string(name)] = quantity.New(amount.String())
		}
	}
	return flat
}

// literals returns the variables that have a value of their own.
func literals(vars []corev1.EnvVar) map[string]string {
	values := map[string]string{}
	for _, v := range vars {
		if v.ValueFrom == nil {
			values[v.Name] = v.Value
		}
	}
	return values
}

// subset returns the live values of the keys that prior has, or of all keys.
func subset(prior types.Map, live map[string]string, all bool) types.Map {
	if prior.IsNull() && (!all || len(live) == 0) {
		return types.MapNull(types.StringType)
	}
	ours := prior.Elements()
	values := map[string]attr.Value{}
	for key, value := range live {
		if _, set := ours[key]; set || all {
			values[key] = types.StringValue(value)
		}
	}
	return types.MapValueMust(types.StringType, values)
}

// known returns a map that is not null.
func known(m types.Map) types.Map {
	if m.IsNull() {
		return types.MapValueMust(types.StringType, map[string]attr.Value{})
	}
	return m
}

// without leaves out the keys that begin with a prefix.
func without(m map[string]string, prefixes ...string) map[string]string {
	kept := map[string]string{}
	for key, value := range m {
		if !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
			kept[key] = value
		}
	}
	return kept
}

// list returns live as a list; an empty one is null unless prior is empty too.
func list(prior types.List, live []string) types.List {
	if len(live) == 0 && prior.IsNull() {
		return types.ListNull(types.StringType)
	}
	values := make([]attr.Value, len(live))
	for i, value := range live {
		values[i] = types.StringValue(value)
	}
	return types.ListValueMust(types.StringType, values)
}

func optional(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// encode returns a nested attribute's value; nil is null.
func encode[T any](ctx context.Context, like types.Object, value *T, diags *diag.Diagnostics) types.Object {
	if value == nil {
		return types.ObjectNull(like.AttributeTypes(ctx))
	}
	encoded, problems := types.ObjectValueFrom(ctx, like.AttributeTypes(ctx), value)
	diags.Append(problems...)
	return encoded
}
