package acctest

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// testLabel marks what tests make, so that what a killed run left behind is
// found: kubectl delete namespace,clusterrolebinding -l sls-platform.github.io/acctest
const testLabel = "sls-platform.github.io/acctest"

// namespaceDeletion is how long a namespace may take to go: pods get their
// grace period, and finalizers their controllers.
const namespaceDeletion = 3 * time.Minute

// Namespace makes a namespace for one test. It is deleted at the end of the
// test, whatever came of it, and the test waits until it is gone: what is left
// of one test must not take another's memory.
func Namespace(t testing.TB) string {
	t.Helper()
	client, pods := OnCluster(t).Core.Namespaces(), OnCluster(t).Core.Pods
	created, err := client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		GenerateName: "sls-test-",
		Labels:       map[string]string{testLabel: "true"},
		Annotations:  map[string]string{testLabel: t.Name()},
	}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("creating a namespace for the test: %s", err)
	}
	name := created.Name

	t.Cleanup(func() {
		// t.Context has ended by now.
		ctx := context.WithoutCancel(t.Context())
		if err := ignoreNotFound(client.Delete(ctx, name, metav1.DeleteOptions{})); err != nil {
			t.Errorf("deleting the test's namespace %s: %s", name, err)
			return
		}
		// Knative's pods take half a minute to end requests under way, and the
		// namespace controller waits for the five minutes that they may take.
		// Nobody is served here any more: forget the pods, and let the kubelet end
		// them in its own time. No new ones can be made from here on.
		now := int64(0)
		err := pods(name).DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &now}, metav1.ListOptions{})
		if ignoreNotFound(err) != nil {
			t.Errorf("forgetting the pods of the test's namespace %s: %s", name, err)
		}
		err = eventually(ctx, namespaceDeletion, func(ctx context.Context) error {
			namespace, err := client.Get(ctx, name, metav1.GetOptions{})
			if err == nil {
				return fmt.Errorf("it is still there: %v", namespace.Status.Conditions)
			}
			return ignoreNotFound(err)
		})
		if err != nil {
			t.Errorf("the test's namespace %s is not gone after %s: %s", name, namespaceDeletion, err)
		}
	})
	return name
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
