// Package kube talks to a Kubernetes API server: the connection, server-side
// apply, batched reads, waits that follow watch events, and errors told apart
// by kind. It knows nothing of Terraform.
package kube

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// ErrUnknownConnection says that the connection's settings are not known yet,
// as when the cluster is made by the same apply.
var ErrUnknownConnection = errors.New("the connection to the cluster is not known yet")

var namespaces = Kind{schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}, "Namespace"}

// Object is an API object as the server sent it. It is kept untyped so that
// fields that this provider does not know survive a read and a write.
type Object = unstructured.Unstructured

// Kind names one kind of API object. Kinds are written down, not discovered:
// discovery costs requests at every start and needs the CRD to be there at
// plan.
type Kind struct {
	schema.GroupVersionResource
	Name string // as in the object's kind field
}

// APIVersion returns the value for the object's apiVersion field.
func (k Kind) APIVersion() string { return k.GroupVersion().String() }

// Cluster is a connection to one API server. It is safe for concurrent use.
type Cluster struct {
	dynamic  dynamic.Interface
	raw      rest.Interface // for what is no object: logs, and what the server says of itself
	warnings *warningLog
	reads    *reads
	watches  *watches
	recents  *recents
	id       clusterID
}

// Open returns a Cluster for the connection's settings. It sends no request.
// id names the cluster in identities; when it is empty, the cluster is asked.
func Open(config *rest.Config, id string) (*Cluster, error) {
	warnings := &warningLog{}
	config = rest.CopyConfig(config)
	config.WarningHandlerWithContext = warnings

	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("preparing the HTTP client: %w", err)
	}
	// Not client-go's typed clients: they bring every kind of Kubernetes with them, at each start.
	raw, err := rest.UnversionedRESTClientForConfigAndClient(dynamic.ConfigFor(config), client)
	if err != nil {
		return nil, fmt.Errorf("preparing the API client: %w", err)
	}
	c := &Cluster{dynamic: dynamic.New(raw), raw: raw, warnings: warnings, recents: &recents{lists: map[readKey]*recent{}}}
	c.reads = newReads(c)
	c.watches = newWatches(c)
	c.id = clusterID{turn: make(chan struct{}, 1), id: id}
	return c, nil
}

// clusterID is what the cluster is named, once that is known.
type clusterID struct {
	turn    chan struct{} // of size one: full while the cluster is asked, so that all wait for one answer
	id      string
	refused error // the answer that will not change
}

// ID names the cluster: as configured, or the UID of the namespace kube-system,
// which stays the same when the cluster's endpoint or credentials change. A
// failure that may pass is not remembered.
func (c *Cluster) ID(ctx context.Context) (string, error) {
	select {
	case c.id.turn <- struct{}{}:
		defer func() { <-c.id.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if c.id.id != "" || c.id.refused != nil {
		return c.id.id, c.id.refused
	}
	ns, err := c.of(namespaces, "").Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
	if err != nil {
		forbidden := apierrors.IsForbidden(err)
		err = fmt.Errorf("reading the namespace kube-system, whose UID names the cluster in resource identities: %w", err)
		if forbidden {
			c.id.refused = err
		}
		return "", err
	}
	c.id.id = string(ns.GetUID())
	return c.id.id, nil
}

// of returns the client for a kind in a namespace, or for all namespaces (and
// for cluster-scoped kinds) when namespace is empty.
func (c *Cluster) of(kind Kind, namespace string) dynamic.ResourceInterface {
	if namespace == "" {
		return c.dynamic.Resource(kind.GroupVersionResource)
	}
	return c.dynamic.Resource(kind.GroupVersionResource).Namespace(namespace)
}
