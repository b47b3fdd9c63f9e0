package revisions

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	knative "knative.dev/serving/pkg/apis/serving"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// model is sls_revisions in HCL.
type model struct {
	Namespace   types.String `tfsdk:"namespace"`
	Application types.String `tfsdk:"application"`
	Revisions   []Revision   `tfsdk:"revisions"`
}

// Revision is one revision in HCL.
type Revision struct {
	Name          types.String `tfsdk:"name"`
	Version       types.String `tfsdk:"version"`
	Image         types.String `tfsdk:"image"`
	ImageDigest   types.String `tfsdk:"image_digest"`
	Ready         types.Bool   `tfsdk:"ready"`
	Reason        types.String `tfsdk:"reason"`
	StatusMessage types.String `tfsdk:"status_message"`
	Percent       types.Int64  `tfsdk:"percent"`
	Tags          []string     `tfsdk:"tags"`
	MinScale      types.Int64  `tfsdk:"min_scale"`
	CreatedAt     types.String `tfsdk:"created_at"`
	Generation    types.Int64  `tfsdk:"generation"`
	Collectable   types.Bool   `tfsdk:"collectable"`
}

// fill reads the revisions of the Service.
func (m *model) fill(ctx context.Context, cluster *kube.Cluster, object *kube.Object) error {
	service, err := serving.DecodeService(object)
	if err != nil {
		return err
	}
	objects, err := cluster.List(ctx, serving.Revisions, service.Namespace, map[string]string{knative.ServiceLabelKey: service.Name})
	if err != nil {
		return err
	}
	var revisions []*servingv1.Revision
	for i := range objects {
		if objects[i].GetDeletionTimestamp() != nil {
			continue
		}
		revision, err := serving.DecodeRevision(&objects[i])
		if err != nil {
			return err
		}
		revisions = append(revisions, revision)
	}
	slices.SortFunc(revisions, serving.NewestFirst)
	m.Revisions = []Revision{}
	for _, revision := range revisions {
		m.Revisions = append(m.Revisions, flatten(revision, service))
	}
	return nil
}

// flatten returns the model of a revision of the Service.
func flatten(revision *servingv1.Revision, service *servingv1.Service) Revision {
	state := serving.AssessRevision(revision)
	r := Revision{
		Name:          types.StringValue(revision.Name),
		Version:       lifecycle.NullIfEmpty(revision.Labels[serving.VersionLabel]),
		Image:         lifecycle.NullIfEmpty(serving.UserContainer(revision.Spec.Containers).Image),
		ImageDigest:   lifecycle.NullIfEmpty(serving.ImageDigest(revision)),
		Ready:         types.BoolValue(state.Phase == serving.Ready),
		Reason:        lifecycle.NullIfEmpty(state.Reason),
		StatusMessage: lifecycle.NullIfEmpty(state.String()),
		Tags:          []string{},
		CreatedAt:     types.StringValue(revision.CreationTimestamp.UTC().Format(time.RFC3339)),
		Collectable:   types.BoolValue(serving.Collectable(revision, service)),
	}
	if pods, set := serving.MinScale(revision); set {
		r.MinScale = types.Int64Value(pods)
	}
	if generation := serving.Generation(revision); generation > 0 {
		r.Generation = types.Int64Value(generation)
	}
	// A revision can be the target of several shares and of several tags.
	var percent int64
	for _, target := range service.Status.Traffic {
		if target.RevisionName != revision.Name {
			continue
		}
		if target.Percent != nil {
			percent += *target.Percent
		}
		if target.Tag != "" {
			r.Tags = append(r.Tags, target.Tag)
		}
	}
	r.Percent = types.Int64Value(percent)
	slices.Sort(r.Tags)
	return r
}
