// Package provider is the Terraform provider itself: its configuration, and
// the list of what it serves.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/sls-platform/terraform-provider-sls/internal/hostname"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/domain"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/external"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/application"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/applications"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/revisions"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/traffic"
	"github.com/sls-platform/terraform-provider-sls/internal/noop"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/component"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/config"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/status"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/backup"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/location"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/recovery"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/restore"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/schedule"
)

// TypeName is the first part of every resource's and data source's name.
const TypeName = "sls"

// Address is the provider's address in a Terraform registry.
const Address = "registry.terraform.io/sls-platform/sls"

var (
	_ provider.Provider                  = (*slsProvider)(nil)
	_ provider.ProviderWithFunctions     = (*slsProvider)(nil)
	_ provider.ProviderWithListResources = (*slsProvider)(nil)
)

type slsProvider struct {
	version    string
	lookup     LookupEnv
	configured func(ctx context.Context, data any)
}

// New returns the provider. version goes into the User-Agent of its requests;
// lookup is os.LookupEnv, or what stands in for it where the environment must
// not count.
func New(version string, lookup LookupEnv) provider.Provider {
	return &slsProvider{version: version, lookup: lookup}
}

// NewServer returns a server for the provider: the framework's, and noop's before it.
func NewServer(version string, lookup LookupEnv) (tfprotov6.ProviderServer, error) {
	p := &slsProvider{version: version, lookup: lookup}
	return noop.Server(context.Background(), p, providerserver.NewProtocol6(p)())
}

// OnConfigure implements noop.Watched.
func (p *slsProvider) OnConfigure(configured func(ctx context.Context, data any)) {
	p.configured = configured
}

func (p *slsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = TypeName
	resp.Version = p.version
}

// Resources lists the constructors of the provider's resources, one package each.
func (p *slsProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		application.New,
		component.New,
		config.New,
		domain.New,
		external.New,
		location.New,
		schedule.New,
		backup.New,
		restore.New,
		traffic.New,
	}
}

// DataSources lists the constructors of the provider's data sources.
func (p *slsProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		applications.NewApplication,
		applications.NewApplications,
		recovery.New,
		revisions.New,
		schedule.NewDataSource,
		status.New,
	}
}

// ListResources lists the constructors of what terraform query finds.
func (p *slsProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		application.NewLister,
		domain.NewLister,
		traffic.NewLister,
	}
}

// Functions lists the constructors of the provider's functions.
func (p *slsProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		hostname.New,
		application.NewManifestFunction,
		application.NewRevisionNameFunction,
	}
}
