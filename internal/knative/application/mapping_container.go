package application

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// containerFields ties what all kinds of containers have, but for their mounts.
func containerFields(c mapping, m *Container, api *corev1.Container) {
	text(c, &m.Image, &api.Image)
	text(c, &m.ImagePullPolicy, &api.ImagePullPolicy)
	words(c, &m.Command, &api.Command)
	words(c, &m.Args, &api.Args)
	text(c, &m.WorkingDir, &api.WorkingDir)
	environment(c, m, &api.Env)
	list(c, &m.EnvFrom, &api.EnvFrom, envFrom)
	resources(c, &m.Resources, &api.Resources)
	part(c, &m.SecurityContext, &api.SecurityContext, securityContext)
}

func probes(c mapping, m *Probes, api *corev1.Container) {
	part(c, &m.StartupProbe, &api.StartupProbe, probe)
	part(c, &m.LivenessProbe, &api.LivenessProbe, probe)
	part(c, &m.ReadinessProbe, &api.ReadinessProbe, probe)
}

func sidecar(c mapping, m *Sidecar, api *corev1.Container) {
	containerFields(c, &m.Container, api)
	keyed(c, &m.VolumeMounts, &api.VolumeMounts, mountPath, volumeMount)
	probes(c, &m.Probes, api)
}

func initContainer(c mapping, m *InitContainer, api *corev1.Container) {
	text(c, &m.Name, &api.Name)
	containerFields(c, &m.Container, api)
	keyed(c, &m.VolumeMounts, &api.VolumeMounts, mountPath, volumeMount)
}

// initContainers ties containers whose order counts, but each of which has an
// owner of its own: what a webhook injects is not ours.
func initContainers(c mapping, m *[]InitContainer, api *[]corev1.Container) {
	if !c.flattening || c.importing {
		list(c, m, api, initContainer)
		return
	}
	if *m == nil {
		return
	}
	live := []InitContainer{}
	for i := range *api {
		ours := slices.IndexFunc(*m, func(prior InitContainer) bool { return prior.Name.ValueString() == (*api)[i].Name })
		if ours >= 0 {
			value := (*m)[ours]
			initContainer(c, &value, &(*api)[i])
			live = append(live, value)
		}
	}
	*m = live
}

// environment ties the one list that the API has for all kinds of variables.
// Plain ones come last: they may refer to the others, as in $(PASSWORD), and the
// kubelet knows only those that come before.
func environment(c mapping, m *Container, api *[]corev1.EnvVar) {
	var fields, configs, secrets, plain []corev1.EnvVar
	for _, v := range *api {
		switch {
		case v.ValueFrom == nil:
			plain = append(plain, v)
		case v.ValueFrom.SecretKeyRef != nil:
			secrets = append(secrets, v)
		case v.ValueFrom.ConfigMapKeyRef != nil:
			configs = append(configs, v)
		case v.ValueFrom.FieldRef != nil:
			fields = append(fields, v)
		}
	}
	keyed(c, &m.FieldEnv, &fields, envName, func(c mapping, m *string, v *corev1.EnvVar) {
		if c.flattening {
			*m = v.ValueFrom.FieldRef.FieldPath
			return
		}
		v.ValueFrom = &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: *m}}
	})
	keyed(c, &m.ConfigEnv, &configs, envName, func(c mapping, m *KeyRef, v *corev1.EnvVar) {
		if !c.flattening {
			v.ValueFrom = &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{}}
		}
		ref := v.ValueFrom.ConfigMapKeyRef
		keyRef(c, m, &ref.Name, &ref.Key, &ref.Optional)
	})
	keyed(c, &m.SecretEnv, &secrets, envName, func(c mapping, m *KeyRef, v *corev1.EnvVar) {
		if !c.flattening {
			v.ValueFrom = &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{}}
		}
		ref := v.ValueFrom.SecretKeyRef
		keyRef(c, m, &ref.Name, &ref.Key, &ref.Optional)
	})
	keyed(c, &m.Env, &plain, envName, func(c mapping, m *string, v *corev1.EnvVar) {
		if c.flattening {
			*m = v.Value
			return
		}
		v.Value = *m
	})
	if !c.flattening {
		*api = slices.Concat(fields, configs, secrets, plain)
	}
}

func envName(v *corev1.EnvVar) *string { return &v.Name }

func keyRef(c mapping, m *KeyRef, name, key *string, optional **bool) {
	text(c, &m.Name, name)
	text(c, &m.Key, key)
	booleanPointer(c, &m.Optional, optional)
}

func envFrom(c mapping, m *EnvFrom, api *corev1.EnvFromSource) {
	text(c, &m.Prefix, &api.Prefix)
	part(c, &m.Secret, &api.SecretRef, func(c mapping, m *ObjectRef, api *corev1.SecretEnvSource) {
		text(c, &m.Name, &api.Name)
		booleanPointer(c, &m.Optional, &api.Optional)
	})
	part(c, &m.ConfigMap, &api.ConfigMapRef, func(c mapping, m *ObjectRef, api *corev1.ConfigMapEnvSource) {
		text(c, &m.Name, &api.Name)
		booleanPointer(c, &m.Optional, &api.Optional)
	})
}

// resources are no pointer in the API: there are some if any amount is set.
func resources(c mapping, m **Resources, api *corev1.ResourceRequirements) {
	live := api
	if c.flattening && *m == nil && len(api.Requests) == 0 && len(api.Limits) == 0 {
		live = nil
	}
	part(c, m, &live, func(c mapping, m *Resources, _ *corev1.ResourceRequirements) {
		amounts(c, &m.Requests, &api.Requests)
		amounts(c, &m.Limits, &api.Limits)
	})
}

// port ties the one port that Knative allows. It tells h2c from http1 by the
// port's name.
func port(c mapping, m **Port, api *[]corev1.ContainerPort) {
	if !c.flattening {
		if *m != nil {
			*api = []corev1.ContainerPort{{Name: (*m).Protocol.ValueString(), ContainerPort: int32((*m).Number.ValueInt64())}}
		}
		return
	}
	var live *corev1.ContainerPort
	if len(*api) > 0 {
		live = &(*api)[0]
	}
	part(c, m, &live, func(_ mapping, m *Port, api *corev1.ContainerPort) {
		m.Number, m.Protocol = types.Int64Value(int64(api.ContainerPort)), types.StringValue(protocolHTTP1)
		if api.Name != "" {
			m.Protocol = types.StringValue(api.Name)
		}
	})
}

func probe(c mapping, m *Probe, api *corev1.Probe) {
	part(c, &m.HTTPGet, &api.HTTPGet, httpGet)
	part(c, &m.TCPSocket, &api.TCPSocket, func(c mapping, m *TCPSocket, api *corev1.TCPSocketAction) {
		probePort(c, &m.Port, &api.Port)
		text(c, &m.Host, &api.Host)
	})
	part(c, &m.GRPC, &api.GRPC, func(c mapping, m *GRPCHealth, api *corev1.GRPCAction) {
		number(c, &m.Port, &api.Port)
		textPointer(c, &m.Service, &api.Service)
	})
	part(c, &m.Exec, &api.Exec, func(c mapping, m *Exec, api *corev1.ExecAction) {
		words(c, &m.Command, &api.Command)
	})
	number(c, &m.InitialDelaySeconds, &api.InitialDelaySeconds)
	number(c, &m.PeriodSeconds, &api.PeriodSeconds)
	number(c, &m.TimeoutSeconds, &api.TimeoutSeconds)
	number(c, &m.SuccessThreshold, &api.SuccessThreshold)
	number(c, &m.FailureThreshold, &api.FailureThreshold)
}

func httpGet(c mapping, m *HTTPGet, api *corev1.HTTPGetAction) {
	text(c, &m.Path, &api.Path)
	probePort(c, &m.Port, &api.Port)
	text(c, &m.Host, &api.Host)
	text(c, &m.Scheme, &api.Scheme)
	keyed(c, &m.Headers, &api.HTTPHeaders, func(h *corev1.HTTPHeader) *string { return &h.Name },
		func(c mapping, m *string, h *corev1.HTTPHeader) {
			if c.flattening {
				*m = h.Value
				return
			}
			h.Value = *m
		})
}

// probePort ties a port by its number. Knative allows one other name than none,
// that of the container's own port, which is what no port stands for as well.
func probePort(c mapping, m *types.Int64, api *intstr.IntOrString) {
	number(c, m, &api.IntVal)
}

func securityContext(c mapping, m *SecurityContext, api *corev1.SecurityContext) {
	numberPointer(c, &m.RunAsUser, &api.RunAsUser)
	numberPointer(c, &m.RunAsGroup, &api.RunAsGroup)
	booleanPointer(c, &m.RunAsNonRoot, &api.RunAsNonRoot)
	booleanPointer(c, &m.ReadOnlyRootFilesystem, &api.ReadOnlyRootFilesystem)
	booleanPointer(c, &m.AllowPrivilegeEscalation, &api.AllowPrivilegeEscalation)
	booleanPointer(c, &m.Privileged, &api.Privileged)
	part(c, &m.Capabilities, &api.Capabilities, func(c mapping, m *Capabilities, api *corev1.Capabilities) {
		words(c, &m.Add, &api.Add)
		words(c, &m.Drop, &api.Drop)
	})
	part(c, &m.SeccompProfile, &api.SeccompProfile, seccompProfile)
}

func podSecurityContext(c mapping, m *PodSecurityContext, api *corev1.PodSecurityContext) {
	numberPointer(c, &m.RunAsUser, &api.RunAsUser)
	numberPointer(c, &m.RunAsGroup, &api.RunAsGroup)
	booleanPointer(c, &m.RunAsNonRoot, &api.RunAsNonRoot)
	numberPointer(c, &m.FSGroup, &api.FSGroup)
	list(c, &m.SupplementalGroups, &api.SupplementalGroups, func(c mapping, m, api *int64) {
		if c.flattening {
			*m = *api
			return
		}
		*api = *m
	})
	part(c, &m.SeccompProfile, &api.SeccompProfile, seccompProfile)
}

func seccompProfile(c mapping, m *SeccompProfile, api *corev1.SeccompProfile) {
	text(c, &m.Type, &api.Type)
	textPointer(c, &m.LocalhostProfile, &api.LocalhostProfile)
}
