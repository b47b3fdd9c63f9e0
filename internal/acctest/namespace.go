package acctest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// testLabel marks what tests make, so that what a killed run left behind is
// found: kubectl delete namespace,clusterrolebinding,clusterrole -l sls-platform.github.io/acctest
const testLabel = "sls-platform.github.io/acctest"

// deletion is how long each step of a namespace's end may take. Its controller deletes
// kind by kind; of a request that the API server has no answer to it knows after a
// minute, and begins anew.
const deletion = 5 * time.Minute

// Namespace makes a namespace for one test, in which the tests' Owner has its
// Actor's rights. It is deleted at the end of the
// test, whatever came of it, and the test waits until it is gone: what is left
// of one test must not take another's memory.
func Namespace(t testing.TB) string {
	t.Helper()
	return ownNamespace(t, metav1.ObjectMeta{GenerateName: "sls-test-"})
}

// NamespaceNamed is Namespace for a test that can't do with any name. Of the runs
// that want it at the same time, one waits for the other.
func NamespaceNamed(t testing.TB, name string) {
	t.Helper()
	ownNamespace(t, metav1.ObjectMeta{Name: name})
}

func ownNamespace(t testing.TB, meta metav1.ObjectMeta) string {
	t.Helper()
	cluster := OnCluster(t)
	meta.Labels, meta.Annotations = map[string]string{testLabel: "true"}, map[string]string{testLabel: t.Name()}
	var created *corev1.Namespace
	Eventually(t, deletion, func(ctx context.Context) (err error) {
		created, err = cluster.Core.Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: meta}, metav1.CreateOptions{})
		return err
	})
	t.Cleanup(func() {
		// t.Context has ended by now.
		ctx := context.WithoutCancel(t.Context())
		if t.Failed() {
			cluster.tellOf(ctx, t, created.Name)
		}
		if err := errors.Join(cluster.endPods(ctx, created.Name), cluster.deleteNamespace(ctx, created.Name)); err != nil {
			t.Errorf("deleting the test's namespace %s: %s", created.Name, err)
		}
	})
	if owner, err := theOwner(); err != nil {
		t.Fatalf("making the account that the provider works as: %s", err)
	} else if err := owner.own(t.Context(), cluster, created.Name); err != nil {
		t.Fatalf("giving the namespace %s to that account: %s", created.Name, err)
	}
	return created.Name
}

// endPods ends what runs in the namespace, before the namespace is deleted: its
// controller would find pods that may take five minutes to end (Knative's time
// for requests under way), and look again after half of that only.
func (c *Cluster) endPods(ctx context.Context, namespace string) error {
	services := c.Dynamic.Resource(schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "services"}).Namespace(namespace)
	replicas := c.Dynamic.Resource(schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "replicasets"}).Namespace(namespace)
	pods := c.Core.Pods(namespace)

	// A cluster without Knative answers with not found.
	err := ignoreNotFound(services.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}))
	if err != nil {
		return fmt.Errorf("deleting its applications: %w", err)
	}
	// What makes pods goes first, or there would be new ones.
	err = eventually(ctx, deletion, func(ctx context.Context) error {
		list, err := replicas.List(ctx, metav1.ListOptions{})
		if err == nil && len(list.Items) > 0 {
			return fmt.Errorf("it still has %d replica sets", len(list.Items))
		}
		return err
	})
	if err != nil {
		return err
	}
	// Nobody is served any more. Pods that are ending already take their half
	// minute whatever they are told: forget them, and let the kubelet go on.
	now := int64(0)
	err = pods.DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &now}, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("ending its pods: %w", err)
	}
	return eventually(ctx, deletion, func(ctx context.Context) error {
		list, err := pods.List(ctx, metav1.ListOptions{})
		if err == nil && len(list.Items) > 0 {
			return fmt.Errorf("it still has %d pods", len(list.Items))
		}
		return err
	})
}

// deleteNamespace deletes the namespace and waits until it is gone.
func (c *Cluster) deleteNamespace(ctx context.Context, name string) error {
	namespaces := c.Core.Namespaces()
	if err := ignoreNotFound(namespaces.Delete(ctx, name, metav1.DeleteOptions{})); err != nil {
		return err
	}
	return eventually(ctx, deletion, func(ctx context.Context) error {
		namespace, err := namespaces.Get(ctx, name, metav1.GetOptions{})
		if err == nil {
			return fmt.Errorf("it is still there: %v", namespace.Status.Conditions)
		}
		return ignoreNotFound(err)
	})
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
