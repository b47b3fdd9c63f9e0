package application

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"knative.dev/serving/pkg/apis/autoscaling"
	knative "knative.dev/serving/pkg/apis/serving"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

const (
	// userContainer is the name that Knative gives to the application's
	// container. Beside sidecars it would number it, so there we name it.
	userContainer = "user-container"
	// defaultPort is the port that Knative uses when none is named. Beside
	// sidecars one must be named, since it tells the application's container.
	defaultPort = 8080
)

// revisionTemplate ties everything that a revision is made of, but for its name,
// its version and its scaling.
func revisionTemplate(c mapping, t *Template, api *servingv1.RevisionTemplateSpec) {
	templateMetadata(c, t, api)
	containers(c, t, &api.Spec.PodSpec)
	initContainers(c, &t.InitContainers, &api.Spec.InitContainers)
	pod(c, t, &api.Spec.PodSpec)
	seconds(c, &t.Timeout, &api.Spec.TimeoutSeconds)
	seconds(c, &t.IdleTimeout, &api.Spec.IdleTimeoutSeconds)
	seconds(c, &t.ResponseStartTimeout, &api.Spec.ResponseStartTimeoutSeconds)
	numberPointer(c, &t.Concurrency, &api.Spec.ContainerConcurrency)
}

// containers ties the application's container, which comes first, its sidecars
// and their volumes.
func containers(c mapping, t *Template, api *corev1.PodSpec) {
	own, others := &corev1.Container{}, []corev1.Container(nil)
	if c.flattening {
		at := serving.UserContainerAt(api.Containers)
		if at >= 0 {
			own = &api.Containers[at]
			others = slices.Delete(slices.Clone(api.Containers), at, at+1)
		}
	}
	text(c, &t.ContainerName, &own.Name)
	containerFields(c, &t.Container, own)
	probes(c, &t.Probes, own)
	port(c, &t.Port, &own.Ports)
	volumes(c, t, &api.Volumes, &own.VolumeMounts)
	keyed(c, &t.Sidecars, &others, func(c *corev1.Container) *string { return &c.Name }, sidecar)
	if c.flattening {
		return
	}
	if len(others) > 0 {
		if own.Name == "" {
			own.Name = userContainer
		}
		if len(own.Ports) == 0 {
			own.Ports = []corev1.ContainerPort{{ContainerPort: defaultPort}}
		}
	}
	api.Containers = append([]corev1.Container{*own}, others...)
}

func pod(c mapping, t *Template, api *corev1.PodSpec) {
	text(c, &t.ServiceAccount, &api.ServiceAccountName)
	pullSecrets(c, &t.ImagePullSecrets, &api.ImagePullSecrets)
	part(c, &t.PodSecurityContext, &api.SecurityContext, podSecurityContext)
	pairs(c, &t.NodeSelector, &api.NodeSelector)
	part(c, &t.Affinity, &api.Affinity, affinity)
	several(c, &t.Tolerations, &api.Tolerations, func(a, b *corev1.Toleration) bool { return equality.Semantic.DeepEqual(a, b) }, toleration)
	several(c, &t.TopologySpread, &api.TopologySpreadConstraints, func(a, b *corev1.TopologySpreadConstraint) bool {
		return a.TopologyKey == b.TopologyKey && a.WhenUnsatisfiable == b.WhenUnsatisfiable
	}, topologySpread)
	text(c, &t.PriorityClass, &api.PriorityClassName)
	textPointer(c, &t.RuntimeClass, &api.RuntimeClassName)
	text(c, &t.SchedulerName, &api.SchedulerName)
	keyed(c, &t.HostAliases, &api.HostAliases, func(a *corev1.HostAlias) *string { return &a.IP }, hostAlias)
	text(c, &t.DNSPolicy, &api.DNSPolicy)
	part(c, &t.DNSConfig, &api.DNSConfig, dnsConfig)
}

// pullSecrets ties names: others may add theirs, and their order says nothing.
func pullSecrets(c mapping, at *[]string, api *[]corev1.LocalObjectReference) {
	if !c.flattening {
		for _, name := range *at {
			*api = append(*api, corev1.LocalObjectReference{Name: name})
		}
		return
	}
	if *at == nil && (!c.importing || len(*api) == 0) {
		return
	}
	has := func(name string) bool {
		return slices.ContainsFunc(*api, func(r corev1.LocalObjectReference) bool { return r.Name == name })
	}
	live := []string{}
	for _, name := range *at {
		if has(name) {
			live = append(live, name)
		}
	}
	for _, ref := range *api {
		if c.importing {
			live = append(live, ref.Name)
		}
	}
	*at = live
}

// templateMetadata ties the template's labels and annotations, and the
// attributes that Knative has as annotations.
func templateMetadata(c mapping, t *Template, api *servingv1.RevisionTemplateSpec) {
	labels, annotations := api.Labels, api.Annotations
	if c.flattening && c.importing {
		labels = lifecycle.WithoutPrefixes(labels, reservedLabels...)
		annotations = lifecycle.WithoutPrefixes(annotations, reservedAnnotations...)
	}
	pairs(c, &t.Labels, &labels)
	pairs(c, &t.Annotations, &annotations)
	progressDeadline(c, &t.ProgressDeadline, &annotations, api.Annotations)
	queueProxy(c, &t.QueueProxy, &annotations, api.Annotations)
	if !c.flattening {
		api.Labels, api.Annotations = labels, annotations
	}
}

// reservedLabels and reservedAnnotations are prefixes of what the template has
// by other attributes, or by Knative and its tools.
var (
	reservedLabels      = []string{serving.Group + "/", knative.GroupNamePrefix}
	reservedAnnotations = []string{
		serving.Group + "/", knative.GroupNamePrefix, "queue.sidecar." + knative.GroupNamePrefix,
		autoscaling.GroupName + "/", "client.knative.dev/", "kubectl.kubernetes.io/",
	}
)

func progressDeadline(c mapping, at *types.String, annotations *map[string]string, live map[string]string) {
	durationAnnotation(c, at, knative.ProgressDeadlineAnnotationKey, annotations, live)
}

// durationAnnotation ties a duration that Knative has as an annotation, in
// seconds: another spelling of the same duration is no other revision.
func durationAnnotation(c mapping, at *types.String, key string, annotations *map[string]string, live map[string]string) {
	prior, err := time.ParseDuration(at.ValueString())
	if err != nil && !at.IsNull() {
		c.fail("the duration %q: %w", at.ValueString(), err)
		return
	}
	if !c.flattening {
		if !at.IsNull() {
			set(annotations, key, fmt.Sprintf("%ds", prior/time.Second))
		}
		return
	}
	if at.IsNull() && !c.importing {
		return
	}
	now := live[key]
	if parsed, err := time.ParseDuration(now); err == nil && !at.IsNull() && parsed == prior {
		return
	}
	*at = lifecycle.NullIfEmpty(now)
}

func set(m *map[string]string, key, value string) {
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[key] = value
}

// queueProxyAnnotation returns the annotation of one resource of queue-proxy.
func queueProxyAnnotation(resource, kind string) string {
	return "queue.sidecar." + knative.GroupNamePrefix + resource + "-resource-" + kind
}

func queueProxy(c mapping, m **QueueProxy, annotations *map[string]string, live map[string]string) {
	if c.flattening && c.importing && *m == nil {
		found := func(key string) bool {
			return strings.HasPrefix(key, "queue.sidecar."+knative.GroupNamePrefix) && strings.Contains(key, "-resource-")
		}
		for key := range live {
			if found(key) {
				*m = &QueueProxy{Resources: &Resources{}}
			}
		}
	}
	if *m == nil || (*m).Resources == nil {
		return
	}
	next := &Resources{
		Requests: queueProxyAmounts(c, (*m).Resources.Requests, "request", annotations, live),
		Limits:   queueProxyAmounts(c, (*m).Resources.Limits, "limit", annotations, live),
	}
	if c.flattening {
		*m = &QueueProxy{Resources: next}
	}
}

// queueProxyResources are what Knative has annotations for.
var queueProxyResources = []string{string(corev1.ResourceCPU), string(corev1.ResourceMemory), string(corev1.ResourceEphemeralStorage)}

func queueProxyAmounts(c mapping, prior map[string]quantity.Value, kind string, annotations *map[string]string, live map[string]string) map[string]quantity.Value {
	if !c.flattening {
		for name, amount := range prior {
			if parsed, ok := c.parse(amount.ValueString()); ok {
				set(annotations, queueProxyAnnotation(name, kind), parsed.String())
			}
		}
		return prior
	}
	if prior == nil && !c.importing {
		return nil
	}
	now := map[string]quantity.Value{}
	for _, name := range queueProxyResources {
		was, ours := prior[name]
		if amount, there := live[queueProxyAnnotation(name, kind)]; there && (ours || c.importing) {
			now[name] = keepSpelling(was, amount)
		}
	}
	if prior == nil && len(now) == 0 {
		return nil
	}
	return now
}
