package kube

import (
	"context"

	"k8s.io/apimachinery/pkg/labels"
)

// ListMatching is List for a selector of any form, such as that a label exists,
// whatever its value. An empty namespace means all of them.
func (c *Cluster) ListMatching(ctx context.Context, kind Kind, namespace string, selector labels.Selector) ([]Object, error) {
	return c.list(ctx, kind, namespace, selector.String())
}
