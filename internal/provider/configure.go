package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Configure prepares what resources need. It sends no request and reads no
// file: a configuration that names no cluster, or one that is not there yet,
// is an error of the resource that needs the cluster first.
func (p *slsProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}

	platform, diags := m.platform(ctx)
	resp.Diagnostics.Append(diags...)
	connection, diags := m.connection(ctx, p.lookup)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	connection.UserAgent = userAgent(p.version, req.TerraformVersion)
	platform.Connect = connector(connection, m.ClusterID.ValueString(), m.unknownConnection())

	resp.ResourceData = platform
	resp.DataSourceData = platform
	resp.EphemeralResourceData = platform
	resp.ListResourceData = platform
	resp.ActionData = platform
	if p.configured != nil {
		p.configured(ctx, platform)
	}
}

// connector returns Platform.Connect: the cluster, opened on the first call.
// unknown lists the arguments whose values are known after apply only.
func connector(connection kube.Connection, clusterID string, unknown []string) func(context.Context) (*kube.Cluster, error) {
	if len(unknown) > 0 {
		return func(context.Context) (*kube.Cluster, error) {
			return nil, fmt.Errorf("%w: %s", kube.ErrUnknownConnection, strings.Join(unknown, ", "))
		}
	}
	// An error is kept too: what it comes from, the configuration and the files
	// that it names, stays as it is until Terraform starts the provider anew.
	open := sync.OnceValues(func() (*kube.Cluster, error) {
		config, err := connection.RESTConfig()
		if err != nil {
			return nil, err
		}
		return kube.Open(config, clusterID)
	})
	return func(context.Context) (*kube.Cluster, error) { return open() }
}

func userAgent(version, terraformVersion string) string {
	agent := "terraform-provider-sls/" + version
	if terraformVersion != "" {
		agent += " Terraform/" + terraformVersion
	}
	return agent
}
