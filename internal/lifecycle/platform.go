// Package lifecycle holds what the create, read, update and delete of every
// resource share: the platform that the provider was configured for, identity,
// timeouts, and the way from an error to a diagnostic.
package lifecycle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Platform is what the configured provider hands to its resources and data
// sources.
type Platform struct {
	// Connect returns the connection to the cluster, made on first use, so that
	// a plan that needs no cluster (or whose cluster does not exist yet) asks
	// none. It returns kube.ErrUnknownConnection while the provider's
	// configuration holds values that are known after apply.
	Connect func(context.Context) (*kube.Cluster, error)

	// ManagerPrefix is the first part of every field manager's name: "sls"
	// gives sls-application, sls-revision-traffic, and so on.
	ManagerPrefix string

	// DefaultLabels and DefaultAnnotations go on every object that the provider
	// makes, on its metadata only: a revision's template never gets them, or a
	// change of a default would mint a revision of every application.
	DefaultLabels      map[string]string
	DefaultAnnotations map[string]string

	Ingress Ingress

	// VeleroNamespace is the namespace that Velero's server runs in.
	VeleroNamespace string
}

// Ingress names the gateways that requests come in by, under net-istio's names
// unless the user says otherwise.
type Ingress struct {
	Gateway          string // namespace/name of Istio's public Gateway
	GatewayService   string // namespace/name of the Service of its pods
	LocalGateway     string // namespace/name of Istio's cluster-local Gateway
	LocalGatewayHost string // host of the cluster-local gateway's Service
	LocalGatewayPort int64
	ClusterDomain    string // the cluster's DNS suffix
}

// Manager returns the field manager's name for one concern of the provider,
// such as "application".
func (p *Platform) Manager(concern string) string {
	return p.ManagerPrefix + "-" + concern
}

// platformOf returns the platform that the framework hands on from the
// provider, or nil: it also asks before the provider is configured.
func platformOf(providerData any, diags *diag.Diagnostics) *Platform {
	if providerData == nil {
		return nil
	}
	platform, ok := providerData.(*Platform)
	if !ok {
		diags.AddError("The provider handed over something else than its platform",
			fmt.Sprintf("Expected *lifecycle.Platform, got %T. This is a bug of the provider; please report it.", providerData))
	}
	return platform
}

// cluster returns the connection to the cluster, or nil and an error in diags.
func (p *Platform) cluster(ctx context.Context, diags *diag.Diagnostics) *kube.Cluster {
	cluster, err := p.Connect(ctx)
	if err != nil {
		AddError(diags, "Can't connect to the cluster", err)
		return nil
	}
	return cluster
}
