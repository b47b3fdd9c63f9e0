package application

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"knative.dev/serving/pkg/apis/config"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// dropDefaults takes out of a template what Knative fills in by itself, so that
// an import does not turn it into attributes. Where a default is a setting of
// the platform, it is taken to be Knative's own.
func dropDefaults(template *servingv1.RevisionTemplateSpec) {
	spec := &template.Spec
	if equals(spec.ContainerConcurrency, config.DefaultContainerConcurrency) {
		spec.ContainerConcurrency = nil
	}
	if equals(spec.ResponseStartTimeoutSeconds, config.DefaultRevisionResponseStartTimeoutSeconds) {
		spec.ResponseStartTimeoutSeconds = nil
	}
	if equals(spec.TimeoutSeconds, config.DefaultRevisionTimeoutSeconds) {
		spec.TimeoutSeconds = nil
	}
	own := serving.UserContainerAt(spec.Containers)
	for i := range spec.Containers {
		container := &spec.Containers[i]
		if i == own && container.Name == userContainer {
			container.Name = ""
		}
		dropProbeDefaults(container, i == own)
		dropMountDefaults(container, spec.Volumes)
		dropSecurityDefaults(container, spec.SecurityContext)
	}
	for i := range spec.InitContainers {
		// Of their mounts Knative says nothing.
		dropSecurityDefaults(&spec.InitContainers[i], spec.SecurityContext)
	}
}

func equals(field *int64, value int64) bool { return field != nil && *field == value }

// dropProbeDefaults takes out the probe of the application's port, which Knative
// makes of no probe, and what it adds to readiness probes.
func dropProbeDefaults(container *corev1.Container, own bool) {
	probe := container.ReadinessProbe
	if probe == nil {
		return
	}
	if probe.SuccessThreshold == 1 {
		probe.SuccessThreshold = 0
	}
	if probe.PeriodSeconds != 0 && probe.FailureThreshold == 3 {
		probe.FailureThreshold = 0
	}
	if probe.PeriodSeconds != 0 && probe.TimeoutSeconds == 1 {
		probe.TimeoutSeconds = 0
	}
	if own && equality.Semantic.DeepEqual(probe.ProbeHandler, corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{}}) {
		probe.TCPSocket = nil
	}
	if own && *probe == (corev1.Probe{}) {
		container.ReadinessProbe = nil
	}
}

func dropMountDefaults(container *corev1.Container, volumes []corev1.Volume) {
	for i := range container.VolumeMounts {
		mount := &container.VolumeMounts[i]
		for _, volume := range volumes {
			if volume.Name == mount.Name && readOnlyByNature(&volume) {
				mount.ReadOnly = false
			}
		}
	}
}

func dropSecurityDefaults(container *corev1.Container, pod *corev1.PodSecurityContext) {
	for _, secure := range []config.Flag{config.Enabled, config.AllowRootBounded} {
		if live := container.SecurityContext; live != nil && equality.Semantic.DeepEqual(live, secureDefault(container, pod, secure)) {
			container.SecurityContext = nil
		}
	}
}

// readOnlyByNature reports whether Knative mounts a volume of that kind for
// reading only, whatever is said of it.
func readOnlyByNature(volume *corev1.Volume) bool {
	return volume.EmptyDir == nil && volume.PersistentVolumeClaim == nil && volume.Ephemeral == nil
}

// secureDefault returns what Knative makes of no security context where the
// platform has secure-pod-defaults set to that.
func secureDefault(container *corev1.Container, pod *corev1.PodSecurityContext, secure config.Flag) *corev1.SecurityContext {
	spec := servingv1.RevisionSpec{PodSpec: corev1.PodSpec{
		SecurityContext: pod.DeepCopy(),
		Containers:      []corev1.Container{{Ports: container.Ports}},
	}}
	spec.SetDefaults(platformContext(secure))
	return spec.Containers[0].SecurityContext
}

// platformContext lets Knative fill in what it does on a platform with
// secure-pod-defaults set to that, and Knative's own settings.
func platformContext(secure config.Flag) context.Context {
	features, err := config.NewFeaturesConfigFromMap(map[string]string{"secure-pod-defaults": string(secure)})
	if err != nil {
		features = nil // Knative's own
	}
	return config.ToContext(context.Background(), &config.Config{Features: features})
}
