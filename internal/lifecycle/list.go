package lifecycle

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// Listing is what a list resource finds: the objects of a kind, whoever made them,
// each as an import would have it.
type Listing struct {
	Kind kube.Kind
	// Attribute is where the resource has the object's name.
	Attribute string
	// Found says which objects of the kind stand for a resource; nil is all.
	Found func(object *kube.Object) bool
	// Flatten fills in the resource of an object, of which it has namespace and name.
	// It is called only where Terraform wants more than to know that it is there.
	Flatten func(ctx context.Context, cluster *kube.Cluster, object *kube.Object, resource *tfsdk.Resource) diag.Diagnostics
}

// Flattening is a Listing's Flatten for a resource of that model. read refreshes it, as
// for an import, and returns nil for what is gone; what is the resource in words.
func Flattening[Model any](what string, read func(ctx context.Context, cluster *kube.Cluster, object *kube.Object, m *Model, diags *diag.Diagnostics) (*Model, error)) func(context.Context, *kube.Cluster, *kube.Object, *tfsdk.Resource) diag.Diagnostics {
	return func(ctx context.Context, cluster *kube.Cluster, object *kube.Object, into *tfsdk.Resource) (diags diag.Diagnostics) {
		var m Model
		diags.Append(into.Get(ctx, &m)...)
		if diags.HasError() {
			return diags
		}
		flat, err := read(ctx, cluster, object, &m, &diags)
		if err != nil {
			AddError(&diags, fmt.Sprintf("Can't read the %s %s/%s", what, object.GetNamespace(), object.GetName()), err)
		}
		if flat != nil && !diags.HasError() {
			diags.Append(into.Set(ctx, flat)...)
		}
		return diags
	}
}

// selection is the configuration of a list resource.
type selection struct {
	Namespace types.String `tfsdk:"namespace"`
	Labels    types.Map    `tfsdk:"labels"`
}

// ListSchema is the schema of a list resource's configuration; objects are what it
// finds, such as "Knative Services".
func ListSchema(description, objects string) schema.Schema {
	return schema.Schema{
		Description: description,
		Attributes: map[string]schema.Attribute{
			"namespace": schema.StringAttribute{
				Optional:    true,
				Description: "The namespace. All namespaces by default, for those who may list " + objects + " of the whole cluster.",
				Validators:  []validator.String{validate.Namespace()},
			},
			"labels": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				Description: "Only " + objects + " that carry all of these labels; all by default.",
				Validators: []validator.Map{
					mapvalidator.NoNullValues(),
					mapvalidator.KeysAre(validate.LabelKey()), mapvalidator.ValueStringsAre(validate.LabelValue()),
				},
			},
		},
	}
}

// ListObjects streams what a listing finds, by namespace and name.
func (r *Resource) ListObjects(ctx context.Context, of Listing, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	objects, cluster := r.find(ctx, of, req.Config, &diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	if limit := int(req.Limit); limit > 0 && limit < len(objects) {
		objects = objects[:limit]
	}
	stream.Results = results(ctx, of, cluster, objects, req)
}

// find returns the objects of a listing that the configuration selects.
func (r *Resource) find(ctx context.Context, of Listing, config tfsdk.Config, diags *diag.Diagnostics) ([]kube.Object, *kube.Cluster) {
	var s selection
	diags.Append(config.Get(ctx, &s)...)
	if diags.HasError() {
		return nil, nil
	}
	cluster := r.Cluster(ctx, diags)
	if cluster == nil {
		return nil, nil
	}
	namespace := s.Namespace.ValueString()
	objects, err := cluster.ReadAll(ctx, of.Kind, namespace, Strings(s.Labels))
	if err != nil {
		where := "of all namespaces"
		if namespace != "" {
			where = "of the namespace " + namespace
		}
		AddError(diags, fmt.Sprintf("Can't list the %ss %s", of.Kind.Name, where), err)
		return nil, nil
	}
	var found []kube.Object // what was read is shared
	for _, object := range objects {
		if object.GetDeletionTimestamp() == nil && (of.Found == nil || of.Found(&object)) {
			found = append(found, object)
		}
	}
	slices.SortFunc(found, func(a, b kube.Object) int {
		return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
	})
	return found, cluster
}

func results(ctx context.Context, of Listing, cluster *kube.Cluster, objects []kube.Object, req list.ListRequest) iter.Seq[list.ListResult] {
	return func(push func(list.ListResult) bool) {
		for i := range objects {
			object := &objects[i]
			namespace, name := object.GetNamespace(), object.GetName()
			result := req.NewListResult(ctx)
			result.DisplayName = namespace + "/" + name
			SetIdentity(ctx, cluster, result.Identity, namespace, name, &result.Diagnostics)
			if req.IncludeResource && !result.Diagnostics.HasError() {
				result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("namespace"), namespace)...)
				result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root(of.Attribute), name)...)
				result.Diagnostics.Append(of.Flatten(ctx, cluster, object, result.Resource)...)
			}
			if !push(result) {
				return
			}
		}
	}
}
