package application

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"knative.dev/serving/pkg/apis/config"
)

// featureFlag is one of Knative's switches for what Kubernetes can do and a
// platform may not want its users to: a key of the ConfigMap config-features.
type featureFlag struct {
	key string
	// now reads the flag, with Knative's own default if it is not set.
	now func(*config.Features) config.Flag
	// allowedIsEnough: most flags must be Enabled; some only not Disabled.
	allowedIsEnough bool
}

var (
	featureSidecars           = featureFlag{"multi-container", func(f *config.Features) config.Flag { return f.MultiContainer }, false}
	featureSidecarProbes      = featureFlag{"multi-container-probing", func(f *config.Features) config.Flag { return f.MultiContainerProbing }, false}
	featureInitContainers     = featureFlag{config.FeaturePodSpecInitContainers, func(f *config.Features) config.Flag { return f.PodSpecInitContainers }, false}
	featureFieldRef           = featureFlag{config.FeaturePodSpecFieldRef, func(f *config.Features) config.Flag { return f.PodSpecFieldRef }, true}
	featureAddCapabilities    = featureFlag{config.FeatureContainerSpecAddCapabilities, func(f *config.Features) config.Flag { return f.ContainerSpecAddCapabilities }, false}
	featurePodSecurityContext = featureFlag{config.FeaturePodSpecSecurityContext, func(f *config.Features) config.Flag { return f.PodSpecSecurityContext }, true}
	featureEmptyDir           = featureFlag{config.FeaturePodSpecEmptyDir, func(f *config.Features) config.Flag { return f.PodSpecVolumesEmptyDir }, false}
	featureHostPath           = featureFlag{config.FeaturePodSpecHostPath, func(f *config.Features) config.Flag { return f.PodSpecVolumesHostPath }, false}
	featureVolumeClaim        = featureFlag{config.FeaturePodSpecPVClaim, func(f *config.Features) config.Flag { return f.PodSpecPersistentVolumeClaim }, false}
	featureVolumeClaimWrite   = featureFlag{"kubernetes.podspec-persistent-volume-write", func(f *config.Features) config.Flag { return f.PodSpecPersistentVolumeWrite }, false}
	featureNodeSelector       = featureFlag{config.FeaturePodSpecNodeSelector, func(f *config.Features) config.Flag { return f.PodSpecNodeSelector }, true}
	featureAffinity           = featureFlag{config.FeaturePodSpecAffinity, func(f *config.Features) config.Flag { return f.PodSpecAffinity }, true}
	featureTolerations        = featureFlag{config.FeaturePodSpecTolerations, func(f *config.Features) config.Flag { return f.PodSpecTolerations }, true}
	featureTopologySpread     = featureFlag{config.FeaturePodSpecTopologySpreadConstraints, func(f *config.Features) config.Flag { return f.PodSpecTopologySpreadConstraints }, true}
	featurePriorityClass      = featureFlag{config.FeaturePodSpecPriorityClassName, func(f *config.Features) config.Flag { return f.PodSpecPriorityClassName }, true}
	featureRuntimeClass       = featureFlag{config.FeaturePodSpecRuntimeClassName, func(f *config.Features) config.Flag { return f.PodSpecRuntimeClassName }, true}
	featureSchedulerName      = featureFlag{config.FeaturePodSpecSchedulerName, func(f *config.Features) config.Flag { return f.PodSpecSchedulerName }, true}
	featureHostAliases        = featureFlag{config.FeaturePodSpecHostAliases, func(f *config.Features) config.Flag { return f.PodSpecHostAliases }, true}
	featureDNSPolicy          = featureFlag{config.FeaturePodSpecDNSPolicy, func(f *config.Features) config.Flag { return f.PodSpecDNSPolicy }, true}
	featureDNSConfig          = featureFlag{config.FeaturePodSpecDNSConfig, func(f *config.Features) config.Flag { return f.PodSpecDNSConfig }, true}
)

// needs says in an attribute's description which flag it needs.
func needs(flag featureFlag) string {
	return "Needs Knative's feature `" + flag.key + "`."
}

// feature is a flag that a configuration needs, and the attribute that needs it.
type feature struct {
	flag featureFlag
	at   path.Path
	// or is another way to be allowed what the flag allows; nil is none.
	or func(*config.Features) bool
}

// requiredFeatures returns the flags that the configuration needs, in the order
// in which the attributes are told about.
func requiredFeatures(m *nested) []feature {
	t := m.template
	var needed []feature
	need := func(used bool, flag featureFlag, at path.Path) {
		if used {
			needed = append(needed, feature{flag: flag, at: at})
		}
	}
	root := path.Root
	need(len(t.Sidecars) > 0, featureSidecars, root("sidecars"))
	need(len(t.InitContainers) > 0, featureInitContainers, root("init_containers"))
	need(len(t.NodeSelector) > 0, featureNodeSelector, root("node_selector"))
	need(t.Affinity != nil, featureAffinity, root("affinity"))
	need(len(t.Tolerations) > 0, featureTolerations, root("tolerations"))
	need(len(t.TopologySpread) > 0, featureTopologySpread, root("topology_spread"))
	need(!t.PriorityClass.IsNull(), featurePriorityClass, root("priority_class"))
	need(!t.RuntimeClass.IsNull(), featureRuntimeClass, root("runtime_class"))
	need(!t.SchedulerName.IsNull(), featureSchedulerName, root("scheduler_name"))
	need(len(t.HostAliases) > 0, featureHostAliases, root("host_aliases"))
	need(!t.DNSPolicy.IsNull(), featureDNSPolicy, root("dns_policy"))
	need(t.DNSConfig != nil, featureDNSConfig, root("dns_config"))
	if t.PodSecurityContext != nil {
		needed = append(needed, feature{featurePodSecurityContext, root("pod_security_context"), secureSeccomp(t.PodSecurityContext)})
	}
	needed = append(needed, volumeFeatures(t)...)
	needed = append(needed, containerFeatures(&t.Container, nil)...)
	for _, name := range slices.Sorted(maps.Keys(t.Sidecars)) {
		sidecar, at := t.Sidecars[name], root("sidecars").AtMapKey(name)
		needed = append(needed, containerFeatures(&sidecar.Container, &at)...)
		need(sidecar.StartupProbe != nil, featureSidecarProbes, at.AtName("startup_probe"))
		need(sidecar.LivenessProbe != nil, featureSidecarProbes, at.AtName("liveness_probe"))
		need(sidecar.ReadinessProbe != nil, featureSidecarProbes, at.AtName("readiness_probe"))
	}
	for i := range t.InitContainers {
		at := root("init_containers").AtListIndex(i)
		needed = append(needed, containerFeatures(&t.InitContainers[i].Container, &at)...)
	}
	return needed
}

func volumeFeatures(t *Template) (needed []feature) {
	for _, name := range slices.Sorted(maps.Keys(t.Volumes)) {
		volume, at := t.Volumes[name], path.Root("volumes").AtMapKey(name)
		if volume.EmptyDir != nil {
			needed = append(needed, feature{flag: featureEmptyDir, at: at.AtName("empty_dir")})
		}
		if volume.HostPath != nil {
			needed = append(needed, feature{flag: featureHostPath, at: at.AtName("host_path")})
		}
		if claim := volume.PersistentVolumeClaim; claim != nil {
			at = at.AtName("persistent_volume_claim")
			needed = append(needed, feature{flag: featureVolumeClaim, at: at})
			if !claim.ReadOnly.ValueBool() {
				needed = append(needed, feature{flag: featureVolumeClaimWrite, at: at})
			}
		}
	}
	return needed
}

// containerFeatures returns what one container needs; in is nil for the
// application's own.
func containerFeatures(container *Container, in *path.Path) (needed []feature) {
	at := path.Root
	if in != nil {
		at = in.AtName
	}
	if len(container.FieldEnv) > 0 {
		needed = append(needed, feature{flag: featureFieldRef, at: at("field_env")})
	}
	if sc := container.SecurityContext; sc != nil && sc.Capabilities != nil && len(sc.Capabilities.Add) > 0 {
		lowPorts := slices.Equal(sc.Capabilities.Add, []string{"NET_BIND_SERVICE"})
		needed = append(needed, feature{
			featureAddCapabilities, at("security_context").AtName("capabilities").AtName("add"),
			func(f *config.Features) bool { return lowPorts && secureDefaults(f) },
		})
	}
	return needed
}

// secureSeccomp tells whether secure-pod-defaults allows a pod's security
// context: it does if only the seccomp profile is set.
func secureSeccomp(sc *PodSecurityContext) func(*config.Features) bool {
	rest := *sc
	rest.SeccompProfile = nil
	only := rest.RunAsUser.IsNull() && rest.RunAsGroup.IsNull() && rest.RunAsNonRoot.IsNull() &&
		rest.FSGroup.IsNull() && len(rest.SupplementalGroups) == 0 &&
		sc.SeccompProfile != nil && sc.SeccompProfile.LocalhostProfile.IsNull() && sc.SeccompProfile.Type.ValueString() != "Localhost"
	return func(f *config.Features) bool { return only && secureDefaults(f) }
}

func secureDefaults(f *config.Features) bool {
	return f.SecurePodDefaults == config.Enabled || f.SecurePodDefaults == config.AllowRootBounded
}

// checkFeatures returns an error for each attribute whose flag is off. flags is
// the data of the ConfigMap config-features in the namespace knative-serving;
// what is missing there has Knative's default.
func checkFeatures(flags map[string]string, needed []feature) (diags diag.Diagnostics) {
	features, err := config.NewFeaturesConfigFromMap(flags)
	if err != nil {
		return nil // Knative itself goes on with what it had before
	}
	for _, f := range needed {
		now := f.flag.now(features)
		if now == config.Enabled || (now == config.Allowed && f.flag.allowedIsEnough) || (f.or != nil && f.or(features)) {
			continue
		}
		where := "is not set there, and Knative's default is"
		if _, set := flags[f.flag.key]; set {
			where = "is set there to"
		}
		diags.AddAttributeError(f.at, "The platform has this switched off",
			fmt.Sprintf("It needs Knative's feature %[1]s, a key of the ConfigMap %[2]s in the namespace knative-serving. "+
				"It %[3]s %[4]q. Who runs the platform can allow it:\n\n"+
				"kubectl -n knative-serving patch configmap %[2]s --type merge -p '{\"data\":{\"%[1]s\":\"enabled\"}}'",
				f.flag.key, config.FeaturesConfigName, where, strings.ToLower(string(now))))
	}
	return diags
}
