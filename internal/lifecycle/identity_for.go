package lifecycle

import (
	"context"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/noop"
)

// IdentityFor returns the cluster and the identity that SetIdentity gives to an
// object on it. It is not ok where one of the two is not to be had.
func IdentityFor(ctx context.Context, platform *Platform, namespace, name string) (cluster *kube.Cluster, identity noop.Identity, ok bool) {
	cluster, err := platform.Connect(ctx)
	if err != nil {
		return nil, identity, false
	}
	id, err := cluster.ID(ctx)
	return cluster, noop.Identity{ClusterID: id, Namespace: namespace, Name: name}, err == nil
}
