// Package lookup is what the data sources about applications share: how an
// application is named, and what is said when there is none.
package lookup

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// Namespace is the attribute for the application's namespace.
func Namespace() schema.StringAttribute {
	return schema.StringAttribute{
		Required:    true,
		Description: "The namespace.",
		Validators:  []validator.String{validate.Namespace()},
	}
}

// Name is the attribute for the application's name.
func Name() schema.StringAttribute {
	return schema.StringAttribute{
		Required:    true,
		Description: "The application's name: that of its Knative Service.",
		Validators:  []validator.String{validate.DNS1035Label()},
	}
}

// Service returns the application's Knative Service, or nil and an error in
// diags, at the attribute that names it if there is none.
func Service(ctx context.Context, cluster *kube.Cluster, at path.Path, doing, namespace, name string, diags *diag.Diagnostics) *kube.Object {
	service, err := cluster.Find(ctx, serving.Services, namespace, name)
	switch {
	case err != nil:
		lifecycle.AddError(diags, doing, err)
	case service == nil || service.GetDeletionTimestamp() != nil:
		diags.AddAttributeError(at, "There is no such application",
			fmt.Sprintf("The namespace %s has no Knative Service %s, or it is being deleted. "+
				"Where the same configuration makes it, refer to that resource, so that this is read after it.", namespace, name))
	default:
		return service
	}
	return nil
}
