package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Served returns how the cluster serves a kind, and whether its objects are in
// namespaces; nil if it does not serve it. It asks with every call: a kind may
// have been installed a moment ago.
//
// Kinds that the provider knows are written down instead (see Kind): this is for
// those that only a manifest names.
func (c *Cluster) Served(ctx context.Context, kind schema.GroupVersionKind) (served *Kind, namespaced bool, err error) {
	resources, err := c.resourcesOf(ctx, kind.GroupVersion())
	if err != nil {
		return nil, false, err
	}
	for _, resource := range resources {
		if resource.Kind == kind.Kind && !strings.Contains(resource.Name, "/") {
			return &Kind{kind.GroupVersion().WithResource(resource.Name), kind.Kind}, resource.Namespaced, nil
		}
	}
	return nil, false, nil
}

// resourcesOf returns the resources of a group's version, or none if the cluster
// does not serve it.
func (c *Cluster) resourcesOf(ctx context.Context, version schema.GroupVersion) ([]metav1.APIResource, error) {
	var list metav1.APIResourceList
	if err := c.discover(ctx, pathOf(version), &list); err != nil {
		return nil, err
	}
	return list.APIResources, nil
}

func pathOf(version schema.GroupVersion) string {
	if version.Group == "" {
		return "/api/" + version.Version
	}
	return "/apis/" + version.String()
}

// discover reads a document of the discovery API; one that is not there leaves
// the value as it is.
func (c *Cluster) discover(ctx context.Context, path string, into any) error {
	text, err := c.raw.Get().AbsPath(path).SetHeader("Accept", "application/json").DoRaw(ctx)
	switch {
	case apierrors.IsNotFound(err): // client-go tells no status of an answer in plain text
		return nil
	case err != nil:
		return fmt.Errorf("asking which kinds the cluster serves: %w", err)
	}
	return json.Unmarshal(text, into)
}

// NamespacedKinds returns the kinds whose objects are in namespaces and can be
// listed, of each group in the version that it prefers. A group that does not
// answer, as an aggregated API whose server is away, is left out and named.
func (c *Cluster) NamespacedKinds(ctx context.Context) (kinds []Kind, silent []string, err error) {
	var groups metav1.APIGroupList
	if err := c.discover(ctx, "/apis", &groups); err != nil {
		return nil, nil, err
	}
	versions := []schema.GroupVersion{{Version: "v1"}}
	for _, group := range groups.Groups {
		version, err := schema.ParseGroupVersion(group.PreferredVersion.GroupVersion)
		if err != nil {
			return nil, nil, err
		}
		versions = append(versions, version)
	}
	for _, version := range versions {
		resources, err := c.resourcesOf(ctx, version)
		if err != nil {
			if ctx.Err() != nil {
				return nil, nil, err
			}
			silent = append(silent, version.String())
			continue
		}
		for _, resource := range resources {
			if resource.Namespaced && slices.Contains(resource.Verbs, "list") && !strings.Contains(resource.Name, "/") {
				kinds = append(kinds, Kind{version.WithResource(resource.Name), resource.Kind})
			}
		}
	}
	return kinds, silent, nil
}

// IsUnserved reports whether the server answered that it does not serve a kind.
func IsUnserved(err error) bool {
	return apierrors.IsNotFound(err) && !IsObjectNotFound(err)
}
