package kube

import (
	"context"
	"io"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

// Get reads one object from the server, past every cache.
func (c *Cluster) Get(ctx context.Context, kind Kind, namespace, name string) (*Object, error) {
	return c.of(kind, namespace).Get(ctx, name, metav1.GetOptions{})
}

// Find is Get with nil for an object that does not exist.
func (c *Cluster) Find(ctx context.Context, kind Kind, namespace, name string) (*Object, error) {
	object, err := c.Get(ctx, kind, namespace, name)
	if IsObjectNotFound(err) {
		return nil, nil
	}
	return object, err
}

// List reads the objects that carry all of the labels, page by page, past every
// cache.
func (c *Cluster) List(ctx context.Context, kind Kind, namespace string, selector map[string]string) ([]Object, error) {
	return c.list(ctx, kind, namespace, labels.SelectorFromSet(selector).String())
}

// pageSize bounds one LIST answer, so that neither side holds a large
// namespace's objects as one message.
const pageSize = 500

// list asks for no resourceVersion, so that each list is consistent: one served
// from the API server's watch cache at any age could show drift that is none.
func (c *Cluster) list(ctx context.Context, kind Kind, namespace, selector string) ([]Object, error) {
	var all []Object
	options := metav1.ListOptions{LabelSelector: selector, Limit: pageSize}
	for {
		page, err := c.of(kind, namespace).List(ctx, options)
		if apierrors.IsResourceExpired(err) && options.Continue != "" {
			// The server compacted the snapshot that the pages come from: only a
			// new list from the start is consistent, and in one piece, since its
			// pages would take as long again.
			all, options.Continue, options.Limit = nil, "", 0
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if options.Continue = page.GetContinue(); options.Continue == "" {
			return all, nil
		}
	}
}

// Patch changes one object by a JSON merge patch, in which null removes a key.
// The fields that it sets belong to manager from then on.
func (c *Cluster) Patch(ctx context.Context, kind Kind, namespace, name string, patch []byte, manager string) (*Object, error) {
	defer c.reads.invalidate(kind, namespace)
	return c.of(kind, namespace).Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: manager})
}

// Delete removes one object, if it still is the one with that UID: an object of
// the same name that somebody made since is not ours to delete. An object that
// is gone already, also in favour of another one, is no error. What it owns is
// collected in the background.
func (c *Cluster) Delete(ctx context.Context, kind Kind, namespace, name string, uid types.UID) error {
	defer c.reads.invalidate(kind, namespace)
	background := metav1.DeletePropagationBackground
	err := c.of(kind, namespace).Delete(ctx, name, metav1.DeleteOptions{
		PropagationPolicy: &background,
		Preconditions:     &metav1.Preconditions{UID: &uid},
	})
	switch {
	case IsObjectNotFound(err):
		return nil
	case apierrors.IsConflict(err):
		// Either the UID, or the object changed while it was deleted.
		if live, findErr := c.Find(ctx, kind, namespace, name); findErr == nil && (live == nil || live.GetUID() != uid) {
			return nil
		}
	}
	return err
}

// Logs returns the last lines that a container wrote. previous asks for the
// container's last finished run, which is where a crash has left its message.
func (c *Cluster) Logs(ctx context.Context, namespace, pod, container string, lines int64, previous bool) (string, error) {
	const most = 4 << 10 // one endless line must not fill the terminal
	stream, err := c.raw.Get().AbsPath("/api/v1/namespaces", namespace, "pods", pod, "log").
		Param("container", container).Param("previous", strconv.FormatBool(previous)).
		Param("tailLines", strconv.FormatInt(lines, 10)).Param("limitBytes", strconv.Itoa(most)).Stream(ctx)
	if err != nil {
		return "", err
	}
	defer stream.Close()
	text, err := io.ReadAll(io.LimitReader(stream, most))
	return string(text), err
}
