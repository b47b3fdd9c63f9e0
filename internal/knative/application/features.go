package application

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"knative.dev/serving/pkg/apis/config"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// featureFlag is one of Knative's switches, and what it must be.
type featureFlag struct {
	serving.Feature
	allowedIsEnough bool // most flags must be Enabled; some only not Disabled
}

func enabled(key string) featureFlag { return featureFlag{serving.FeatureOf(key), false} }

func allowed(key string) featureFlag { return featureFlag{serving.FeatureOf(key), true} }

var (
	featureSidecars           = enabled("multi-container")
	featureSidecarProbes      = enabled("multi-container-probing")
	featureInitContainers     = enabled(config.FeaturePodSpecInitContainers)
	featureFieldRef           = allowed(config.FeaturePodSpecFieldRef)
	featureAddCapabilities    = enabled(config.FeatureContainerSpecAddCapabilities)
	featurePodSecurityContext = allowed(config.FeaturePodSpecSecurityContext)
	featureEmptyDir           = enabled(config.FeaturePodSpecEmptyDir)
	featureHostPath           = enabled(config.FeaturePodSpecHostPath)
	featureVolumeClaim        = enabled(config.FeaturePodSpecPVClaim)
	featureVolumeClaimWrite   = enabled("kubernetes.podspec-persistent-volume-write")
	featureNodeSelector       = allowed(config.FeaturePodSpecNodeSelector)
	featureAffinity           = allowed(config.FeaturePodSpecAffinity)
	featureTolerations        = allowed(config.FeaturePodSpecTolerations)
	featureTopologySpread     = allowed(config.FeaturePodSpecTopologySpreadConstraints)
	featurePriorityClass      = allowed(config.FeaturePodSpecPriorityClassName)
	featureRuntimeClass       = allowed(config.FeaturePodSpecRuntimeClassName)
	featureSchedulerName      = allowed(config.FeaturePodSpecSchedulerName)
	featureHostAliases        = allowed(config.FeaturePodSpecHostAliases)
	featureDNSPolicy          = allowed(config.FeaturePodSpecDNSPolicy)
	featureDNSConfig          = allowed(config.FeaturePodSpecDNSConfig)
)

// needs says in an attribute's description which flag it needs.
func needs(flag featureFlag) string {
	return "Needs Knative's feature `" + flag.Key + "`."
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
		now := f.flag.Of(features)
		if now == config.Enabled || (now == config.Allowed && f.flag.allowedIsEnough) || (f.or != nil && f.or(features)) {
			continue
		}
		where := "is not set there, and Knative's default is"
		if _, set := flags[f.flag.Key]; set {
			where = "is set there to"
		}
		diags.AddAttributeError(f.at, "The platform has this switched off",
			fmt.Sprintf("It needs Knative's feature %[1]s, a key of the ConfigMap %[2]s in the namespace knative-serving. "+
				"It %[3]s %[4]q. Who runs the platform can allow it:\n\n"+
				"kubectl -n knative-serving patch configmap %[2]s --type merge -p '{\"data\":{\"%[1]s\":\"enabled\"}}'",
				f.flag.Key, config.FeaturesConfigName, where, strings.ToLower(string(now))))
	}
	return diags
}
