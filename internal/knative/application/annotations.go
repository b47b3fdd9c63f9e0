package application

import (
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// createStamp marks a Service whose creation is not finished, with a hash of what
// was planned. It is how a create that was killed between its write and the
// state finds its own object again. The first update takes it away.
const createStamp = serving.Group + "/create"

// knativeNamespace is where Knative Serving runs and is configured.
const knativeNamespace = "knative-serving"

// Managers of this resource's concerns: see lifecycle.Platform.Manager.
const (
	concernApplication = "application"
	concernScaling     = "scaling"
	concernTraffic     = "revision-traffic"
)

var (
	configMaps = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, Name: "ConfigMap"}
	pods       = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "pods"}, Name: "Pod"}
)

// foreignAnnotations are prefixes of annotations that Knative, kubectl or kn
// write on a Service for themselves: an import leaves them out.
var foreignAnnotations = []string{
	serving.Group + "/", "serving.knative.dev/creator", "serving.knative.dev/lastModifier",
	"serving.knative.dev/rollout-duration", "serving.knative.dev/rolloutDuration",
	"client.knative.dev/", "kubectl.kubernetes.io/",
}
