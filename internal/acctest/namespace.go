package acctest

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// namespaceLabel marks the namespaces of tests, so that those that a killed run
// left behind are found: kubectl delete namespace -l sls-platform.github.io/acctest
const namespaceLabel = "sls-platform.github.io/acctest"

// namespaceDeletion is how long a namespace may take to go: pods get their
// grace period, and finalizers their controllers.
const namespaceDeletion = 3 * time.Minute

// Namespace makes a namespace for one test. It is deleted at the end of the
// test, whatever came of it, and the test waits until it is gone: what is left
// of one test must not take another's memory.
func Namespace(t testing.TB) string {
	t.Helper()
	client := OnCluster(t).Core.Namespaces()
	created, err := client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		GenerateName: "sls-test-",
		Labels:       map[string]string{namespaceLabel: "true"},
		Annotations:  map[string]string{namespaceLabel: t.Name()},
	}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("creating a namespace for the test: %s", err)
	}
	name := created.Name

	t.Cleanup(func() {
		// t.Context has ended by now.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), namespaceDeletion)
		defer cancel()
		if err := client.Delete(ctx, name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			t.Errorf("deleting the test's namespace %s: %s", name, err)
			return
		}
		err := wait.PollUntilContextCancel(ctx, 250*time.Millisecond, true, func(ctx context.Context) (bool, error) {
			_, err := client.Get(ctx, name, metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return true, nil
			}
			return false, nil // also after an error of the connection: the deadline ends it
		})
		if err != nil {
			t.Errorf("the test's namespace %s is not gone after %s: %s", name, namespaceDeletion, err)
		}
	})
	return name
}
