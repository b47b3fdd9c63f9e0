// Package apply brings the few objects into a cluster that the sandbox itself
// has there, by server-side apply, and looks at what is ready. The platform is
// not among them: the provider installs it.
package apply

import (
	"context"
	encodingjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// manager owns the fields that the sandbox sets.
const manager = "sls-sandbox"

// Client applies and reads objects of any kind.
type Client struct {
	dynamic dynamic.Interface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
}

// NewClient connects.
func NewClient(config *rest.Config) (*Client, error) {
	d, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	dc, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	return &Client{dynamic: d, mapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(dc))}, nil
}

// Decode reads objects from YAML documents.
func Decode(r io.Reader) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	for d := yaml.NewYAMLOrJSONDecoder(r, 4096); ; {
		var text encodingjson.RawMessage
		err := d.Decode(&text)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if len(text) == 0 {
			continue // a document of comments alone
		}
		o := &unstructured.Unstructured{}
		if err := json.Unmarshal(text, &o.Object); err != nil { // whole numbers stay whole
			return nil, err
		}
		if len(o.Object) > 0 {
			all = append(all, o)
		}
	}
}

// DecodeText reads objects from the text of YAML documents.
func DecodeText(text string) ([]*unstructured.Unstructured, error) {
	return Decode(strings.NewReader(text))
}

// Apply applies the objects, one after the other: what others need comes first.
func (c *Client) Apply(ctx context.Context, objects []*unstructured.Unstructured) error {
	for _, o := range objects {
		if err := c.one(ctx, o); err != nil {
			return fmt.Errorf("%s %s/%s: %w", o.GetKind(), o.GetNamespace(), o.GetName(), err)
		}
	}
	return nil
}

// patience is how long one object may be refused for reasons that pass: a
// kind that is not served yet, a webhook that starts.
const patience = time.Minute

func (c *Client) one(ctx context.Context, o *unstructured.Unstructured) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := c.try(limited, o)
		if err == nil || !passing(err) {
			return err
		}
		select {
		case <-limited.Done():
			return errors.Join(err, ctx.Err())
		case <-tick.C:
		}
	}
}

func (c *Client) try(ctx context.Context, o *unstructured.Unstructured) error {
	r, err := c.resource(o.GroupVersionKind(), o.GetNamespace())
	if err != nil {
		return err
	}
	_, err = r.Apply(ctx, o.GetName(), o, metav1.ApplyOptions{FieldManager: manager, Force: true})
	return err
}

// passing tells errors that a moment later may be none.
func passing(err error) bool {
	return meta.IsNoMatchError(err) || apierrors.IsNotFound(err) || apierrors.IsInternalError(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsTooManyRequests(err) || apierrors.IsTimeout(err) || apierrors.IsServerTimeout(err)
}

func (c *Client) resource(kind schema.GroupVersionKind, namespace string) (dynamic.ResourceInterface, error) {
	m, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		c.mapper.Reset()
	}
	if err != nil {
		return nil, err
	}
	r := c.dynamic.Resource(m.Resource)
	if m.Scope.Name() == meta.RESTScopeNameNamespace {
		return r.Namespace(namespace), nil
	}
	return r, nil
}

// Get reads one object.
func (c *Client) Get(ctx context.Context, apiVersion, kind, namespace, name string) (*unstructured.Unstructured, error) {
	r, err := c.resource(schema.FromAPIVersionAndKind(apiVersion, kind), namespace)
	if err != nil {
		return nil, err
	}
	return r.Get(ctx, name, metav1.GetOptions{})
}

// Delete removes one object; one that is not there is no error.
func (c *Client) Delete(ctx context.Context, apiVersion, kind, namespace, name string) error {
	r, err := c.resource(schema.FromAPIVersionAndKind(apiVersion, kind), namespace)
	if err != nil {
		return err
	}
	if err := r.Delete(ctx, name, metav1.DeleteOptions{}); !apierrors.IsNotFound(err) {
		return err
	}
	return nil
}

// List reads the objects of a kind in a namespace, or in all, that a label
// selector chooses; an empty one chooses all.
func (c *Client) List(ctx context.Context, apiVersion, kind, namespace, selector string) ([]unstructured.Unstructured, error) {
	r, err := c.resource(schema.FromAPIVersionAndKind(apiVersion, kind), namespace)
	if err != nil {
		return nil, err
	}
	list, err := r.List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// DeleteAll removes all objects of a kind in all namespaces, pods without
// waiting for their containers to end.
func (c *Client) DeleteAll(ctx context.Context, apiVersion, kind string) error {
	objects, err := c.List(ctx, apiVersion, kind, metav1.NamespaceAll, "")
	if err != nil {
		return err
	}
	return c.deleteNow(ctx, objects)
}

func (c *Client) deleteNow(ctx context.Context, objects []unstructured.Unstructured) error {
	for _, o := range objects {
		r, err := c.resource(o.GroupVersionKind(), o.GetNamespace())
		if err != nil {
			return err
		}
		err = r.Delete(ctx, o.GetName(), metav1.DeleteOptions{GracePeriodSeconds: new(int64)})
		if err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}
