package application_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// A destroy ends when the application's routes are withdrawn: what Terraform
// removes next may be the controller that has to withdraw them.
func TestAccApplicationDestroyWaitsForRoutes(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	tf := acctest.NewTerraform(t)
	tf.Configure(t, acctest.ProviderBlock(t)+acctest.Render(t, webConfig, values(t, namespace, acctest.Values{"target": "one", "team": "a", "min": 0})))
	tf.Apply(t)

	// A controller that takes its time over it.
	hold := func(finalizers ...string) {
		acctest.Patch(t, "slow-controller", serving.Ingresses, namespace, "web", map[string]any{"metadata": map[string]any{"finalizers": finalizers}})
	}
	hold("example.com/slow")
	run := tf.Start(t, "destroy", "-auto-approve", "-no-color")
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := acctest.Client(t, serving.Services, namespace).Get(ctx, "web", metav1.GetOptions{})
		if !apierrors.IsNotFound(err) {
			return errors.Join(err, errors.New("the Service is still there"))
		}
		return nil
	})
	released := make(chan struct{})
	time.AfterFunc(3*time.Second, func() {
		defer close(released)
		hold()
	})
	result := run.Wait(t)
	_, err := acctest.Client(t, serving.Ingresses, namespace).Get(t.Context(), "web", metav1.GetOptions{})
	<-released
	if result.ExitCode != 0 || strings.Contains(result.Output, "Warning: The application is gone") {
		t.Errorf("the destroy ended with %d:\n%s", result.ExitCode, result.Output)
	}
	if !apierrors.IsNotFound(err) {
		t.Errorf("the destroy ended while the Ingress was there: %v", err)
	}
}
