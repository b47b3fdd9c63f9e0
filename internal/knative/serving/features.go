package serving

import (
	"slices"

	"knative.dev/serving/pkg/apis/config"
)

// Feature is one of Knative's switches for what Kubernetes can do and a platform
// may not want its users to: a key of the ConfigMap config-features.
type Feature struct {
	Key string
	// Of reads the flag, with Knative's own default if it is not set.
	Of func(*config.Features) config.Flag
}

// Features are all switches that Knative has, by their keys. Knative's parser
// keeps the keys to itself; a test compares the two.
var Features = []Feature{
	{"autodetect-http2", func(f *config.Features) config.Flag { return f.AutoDetectHTTP2 }},
	{config.FeatureContainerSpecAddCapabilities, func(f *config.Features) config.Flag { return f.ContainerSpecAddCapabilities }},
	{config.FeaturePodSpecAffinity, func(f *config.Features) config.Flag { return f.PodSpecAffinity }},
	{config.FeaturePodSpecDNSConfig, func(f *config.Features) config.Flag { return f.PodSpecDNSConfig }},
	{config.FeaturePodSpecDNSPolicy, func(f *config.Features) config.Flag { return f.PodSpecDNSPolicy }},
	{config.FeaturePodSpecFieldRef, func(f *config.Features) config.Flag { return f.PodSpecFieldRef }},
	{config.FeaturePodSpecHostAliases, func(f *config.Features) config.Flag { return f.PodSpecHostAliases }},
	{config.FeaturePodSpecHostIPC, func(f *config.Features) config.Flag { return f.PodSpecHostIPC }},
	{config.FeaturePodSpecHostNetwork, func(f *config.Features) config.Flag { return f.PodSpecHostNetwork }},
	{config.FeaturePodSpecHostPID, func(f *config.Features) config.Flag { return f.PodSpecHostPID }},
	{config.FeaturePodSpecInitContainers, func(f *config.Features) config.Flag { return f.PodSpecInitContainers }},
	{config.FeaturePodSpecNodeSelector, func(f *config.Features) config.Flag { return f.PodSpecNodeSelector }},
	{config.FeaturePodSpecPVClaim, func(f *config.Features) config.Flag { return f.PodSpecPersistentVolumeClaim }},
	{"kubernetes.podspec-persistent-volume-write", func(f *config.Features) config.Flag { return f.PodSpecPersistentVolumeWrite }},
	{config.FeaturePodSpecPriorityClassName, func(f *config.Features) config.Flag { return f.PodSpecPriorityClassName }},
	{config.FeaturePodSpecRuntimeClassName, func(f *config.Features) config.Flag { return f.PodSpecRuntimeClassName }},
	{config.FeaturePodSpecSchedulerName, func(f *config.Features) config.Flag { return f.PodSpecSchedulerName }},
	{config.FeaturePodSpecSecurityContext, func(f *config.Features) config.Flag { return f.PodSpecSecurityContext }},
	{config.FeaturePodSpecShareProcessNamespace, func(f *config.Features) config.Flag { return f.PodSpecShareProcessNamespace }},
	{config.FeaturePodSpecTolerations, func(f *config.Features) config.Flag { return f.PodSpecTolerations }},
	{config.FeaturePodSpecTopologySpreadConstraints, func(f *config.Features) config.Flag { return f.PodSpecTopologySpreadConstraints }},
	{config.FeaturePodSpecVolumesCSI, func(f *config.Features) config.Flag { return f.PodSpecVolumesCSI }},
	{config.FeaturePodSpecEmptyDir, func(f *config.Features) config.Flag { return f.PodSpecVolumesEmptyDir }},
	{config.FeaturePodSpecVolumesEphemeral, func(f *config.Features) config.Flag { return f.PodSpecVolumesEphemeral }},
	{config.FeaturePodSpecHostPath, func(f *config.Features) config.Flag { return f.PodSpecVolumesHostPath }},
	{config.FeaturePodSpecVolumesImage, func(f *config.Features) config.Flag { return f.PodSpecVolumesImage }},
	{config.FeaturePodSpecVolumesMountPropagation, func(f *config.Features) config.Flag { return f.PodSpecVolumesMountPropagation }},
	{"multi-container", func(f *config.Features) config.Flag { return f.MultiContainer }},
	{"multi-container-probing", func(f *config.Features) config.Flag { return f.MultiContainerProbing }},
	{"queueproxy.mount-podinfo", func(f *config.Features) config.Flag { return f.QueueProxyMountPodInfo }},
	{"queueproxy.resource-defaults", func(f *config.Features) config.Flag { return f.QueueProxyResourceDefaults }},
	{"secure-pod-defaults", func(f *config.Features) config.Flag { return f.SecurePodDefaults }},
	{"tag-header-based-routing", func(f *config.Features) config.Flag { return f.TagHeaderBasedRouting }},
}

// FeatureOf returns a switch by its key, which there must be.
func FeatureOf(key string) Feature {
	return Features[slices.IndexFunc(Features, func(f Feature) bool { return f.Key == key })]
}
