// Package applications is the data sources sls_application and
// sls_applications: applications as they are on the cluster, whoever made them.
package applications

import (
	"cmp"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"knative.dev/pkg/apis"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Model is one application in HCL.
type Model struct {
	Namespace           types.String      `tfsdk:"namespace"`
	Name                types.String      `tfsdk:"name"`
	Labels              map[string]string `tfsdk:"labels"`
	Annotations         map[string]string `tfsdk:"annotations"`
	Visibility          types.String      `tfsdk:"visibility"`
	Version             types.String      `tfsdk:"version"`
	Image               types.String      `tfsdk:"image"`
	ImageDigest         types.String      `tfsdk:"image_digest"`
	Revision            types.String      `tfsdk:"revision"`
	LatestReadyRevision types.String      `tfsdk:"latest_ready_revision"`
	Ready               types.Bool        `tfsdk:"ready"`
	StatusMessage       types.String      `tfsdk:"status_message"`
	URL                 types.String      `tfsdk:"url"`
	ClusterLocalURL     types.String      `tfsdk:"cluster_local_url"`
	Traffic             []Target          `tfsdk:"traffic"`
}

// Target is a revision that requests reach, by its share of them or by its tag.
type Target struct {
	Revision types.String `tfsdk:"revision"`
	Percent  types.Int64  `tfsdk:"percent"`
	Tag      types.String `tfsdk:"tag"`
	URL      types.String `tfsdk:"url"`
	Latest   types.Bool   `tfsdk:"latest"`
}

// lastApplied holds what kubectl applied, as a whole: long, and stale as soon
// as anybody else writes.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// flatten returns the model of a Service and its current revision, which is nil
// while there is none.
func flatten(object, current *kube.Object) (*Model, error) {
	service, err := serving.DecodeService(object)
	if err != nil {
		return nil, err
	}
	name := serving.CurrentRevision(object)
	state := serving.Assess(service, name)
	m := &Model{
		Namespace:           types.StringValue(service.Namespace),
		Name:                types.StringValue(service.Name),
		Labels:              map[string]string{},
		Annotations:         map[string]string{},
		Visibility:          types.StringValue(cmp.Or(service.Labels[serving.VisibilityLabel], serving.VisibilityPublic)),
		Version:             lifecycle.NullIfEmpty(service.Spec.Template.Labels[serving.VersionLabel]),
		Image:               lifecycle.NullIfEmpty(serving.UserContainer(service.Spec.Template.Spec.Containers).Image),
		Revision:            lifecycle.NullIfEmpty(name),
		LatestReadyRevision: lifecycle.NullIfEmpty(service.Status.LatestReadyRevisionName),
		Ready:               types.BoolValue(state.Phase == serving.Ready),
		StatusMessage:       lifecycle.NullIfEmpty(state.String()),
		URL:                 address(service.Status.URL),
		Traffic:             traffic(service.Status.Traffic),
	}
	for key, value := range service.Labels {
		m.Labels[key] = value
	}
	for key, value := range service.Annotations {
		if key != lastApplied {
			m.Annotations[key] = value
		}
	}
	if service.Status.Address != nil {
		m.ClusterLocalURL = address(service.Status.Address.URL)
	}
	if current != nil {
		revision, err := serving.DecodeRevision(current)
		if err != nil {
			return nil, err
		}
		m.ImageDigest = lifecycle.NullIfEmpty(serving.ImageDigest(revision))
	}
	return m, nil
}

func traffic(targets []servingv1.TrafficTarget) []Target {
	flat := []Target{}
	for _, target := range targets {
		t := Target{
			Revision: lifecycle.NullIfEmpty(target.RevisionName),
			Percent:  types.Int64Value(0),
			Tag:      lifecycle.NullIfEmpty(target.Tag),
			URL:      address(target.URL),
			Latest:   types.BoolValue(target.LatestRevision != nil && *target.LatestRevision),
		}
		if target.Percent != nil {
			t.Percent = types.Int64Value(*target.Percent)
		}
		flat = append(flat, t)
	}
	return flat
}

func address(url *apis.URL) types.String {
	if url == nil {
		return types.StringNull()
	}
	return types.StringValue(url.String())
}
