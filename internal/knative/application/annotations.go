package application

import (
	"github.com/sls-platform/terraform-provider-sls/internal/kube"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	// group is the prefix of the labels and annotations that are ours.
	group = "sls-platform.github.io"
	// versionLabel carries the version that a revision was made for.
	versionLabel = group + "/version"
	// createStamp marks a Service whose creation is not finished, with a hash of
	// what was planned. It is how a create that was killed between its write and
	// the state finds its own object again. The first update takes it away.
	createStamp = group + "/create"

	visibilityLabel = "networking.knative.dev/visibility"
	// revisionLabel is on the pods of a revision.
	revisionLabel = "serving.knative.dev/revision"
	// serviceLabel is on the revisions of a Service.
	serviceLabel = "serving.knative.dev/service"
)

// knativeNamespace is where Knative Serving runs and is configured.
const knativeNamespace = "knative-serving"

// Managers of this resource's concerns: see lifecycle.Platform.Manager.
const (
	concernApplication = "application"
	concernScaling     = "scaling"
	concernTraffic     = "revision-traffic"
)

var (
	services   = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "services"}, Name: "Service"}
	revisions  = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "revisions"}, Name: "Revision"}
	configMaps = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, Name: "ConfigMap"}
	pods       = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "pods"}, Name: "Pod"}
)

// foreignAnnotations are prefixes of annotations that Knative, kubectl or kn
// write on a Service for themselves: an import leaves them out.
var foreignAnnotations = []string{
	group + "/", "serving.knative.dev/creator", "serving.knative.dev/lastModifier",
	"serving.knative.dev/rollout-duration", "serving.knative.dev/rolloutDuration",
	"client.knative.dev/", "kubectl.kubernetes.io/",
}
