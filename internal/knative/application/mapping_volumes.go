package application

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
)

func volume(c mapping, m *Volume, api *corev1.Volume) {
	part(c, &m.Secret, &api.Secret, func(c mapping, m *FilesOf, api *corev1.SecretVolumeSource) {
		filesOf(c, m, &api.SecretName, &api.Optional, &api.DefaultMode, &api.Items)
	})
	part(c, &m.ConfigMap, &api.ConfigMap, func(c mapping, m *FilesOf, api *corev1.ConfigMapVolumeSource) {
		filesOf(c, m, &api.Name, &api.Optional, &api.DefaultMode, &api.Items)
	})
	part(c, &m.Projected, &api.Projected, func(c mapping, m *Projected, api *corev1.ProjectedVolumeSource) {
		fileMode(c, &m.DefaultMode, &api.DefaultMode)
		list(c, &m.Sources, &api.Sources, projection)
	})
	part(c, &m.EmptyDir, &api.EmptyDir, func(c mapping, m *EmptyDir, api *corev1.EmptyDirVolumeSource) {
		text(c, &m.Medium, &api.Medium)
		amount(c, &m.SizeLimit, &api.SizeLimit)
	})
	part(c, &m.PersistentVolumeClaim, &api.PersistentVolumeClaim, func(c mapping, m *VolumeClaim, api *corev1.PersistentVolumeClaimVolumeSource) {
		text(c, &m.ClaimName, &api.ClaimName)
		boolean(c, &m.ReadOnly, &api.ReadOnly)
	})
	part(c, &m.HostPath, &api.HostPath, func(c mapping, m *HostPath, api *corev1.HostPathVolumeSource) {
		text(c, &m.Path, &api.Path)
		kind := string(valueOf(api.Type))
		text(c, &m.Type, &kind)
		if !c.flattening && kind != "" {
			api.Type = (*corev1.HostPathType)(&kind)
		}
	})
}

func valueOf[T any](pointer *T) (value T) {
	if pointer != nil {
		value = *pointer
	}
	return value
}

func filesOf(c mapping, m *FilesOf, name *string, optional **bool, defaultMode **int32, items *[]corev1.KeyToPath) {
	text(c, &m.Name, name)
	booleanPointer(c, &m.Optional, optional)
	fileMode(c, &m.DefaultMode, defaultMode)
	list(c, &m.Items, items, item)
}

func projectedFiles(c mapping, m *ProjectedFiles, name *string, optional **bool, items *[]corev1.KeyToPath) {
	text(c, &m.Name, name)
	booleanPointer(c, &m.Optional, optional)
	list(c, &m.Items, items, item)
}

func item(c mapping, m *Item, api *corev1.KeyToPath) {
	text(c, &m.Key, &api.Key)
	text(c, &m.Path, &api.Path)
	fileMode(c, &m.Mode, &api.Mode)
}

func projection(c mapping, m *Projection, api *corev1.VolumeProjection) {
	part(c, &m.Secret, &api.Secret, func(c mapping, m *ProjectedFiles, api *corev1.SecretProjection) {
		projectedFiles(c, m, &api.Name, &api.Optional, &api.Items)
	})
	part(c, &m.ConfigMap, &api.ConfigMap, func(c mapping, m *ProjectedFiles, api *corev1.ConfigMapProjection) {
		projectedFiles(c, m, &api.Name, &api.Optional, &api.Items)
	})
	part(c, &m.ServiceAccountToken, &api.ServiceAccountToken, func(c mapping, m *ServiceAccountToken, api *corev1.ServiceAccountTokenProjection) {
		text(c, &m.Path, &api.Path)
		text(c, &m.Audience, &api.Audience)
		numberPointer(c, &m.ExpirationSeconds, &api.ExpirationSeconds)
	})
	part(c, &m.DownwardAPI, &api.DownwardAPI, func(c mapping, m *DownwardAPI, api *corev1.DownwardAPIProjection) {
		list(c, &m.Items, &api.Items, podField)
	})
}

func podField(c mapping, m *PodField, api *corev1.DownwardAPIVolumeFile) {
	if api.FieldRef == nil {
		api.FieldRef = &corev1.ObjectFieldSelector{}
	}
	text(c, &m.Field, &api.FieldRef.FieldPath)
	text(c, &m.Path, &api.Path)
	fileMode(c, &m.Mode, &api.Mode)
}

func mountPath(mount *corev1.VolumeMount) *string { return &mount.MountPath }

func volumeMount(c mapping, m *VolumeMount, api *corev1.VolumeMount) {
	text(c, &m.Volume, &api.Name)
	text(c, &m.SubPath, &api.SubPath)
	boolean(c, &m.ReadOnly, &api.ReadOnly)
}

// volumes ties the pod's volumes and the mounts of the application's container.
// A volume says itself where that has it; volume_mounts is for a volume that is
// mounted there more than once.
func volumes(c mapping, t *Template, api *[]corev1.Volume, mounts *[]corev1.VolumeMount) {
	keyed(c, &t.Volumes, api, func(v *corev1.Volume) *string { return &v.Name }, volume)
	if !c.flattening {
		keyed(c, &t.VolumeMounts, mounts, mountPath, volumeMount)
		for name, m := range t.Volumes {
			if !m.MountPath.IsNull() {
				mount := corev1.VolumeMount{Name: name}
				ownMount(c, &m, &mount)
				*mounts = append(*mounts, mount)
			}
		}
		slices.SortFunc(*mounts, func(a, b corev1.VolumeMount) int { return cmp.Compare(a.MountPath, b.MountPath) })
		return
	}
	others := slices.Clone(*mounts)
	for name, m := range t.Volumes {
		if !c.importing && m.MountPath.IsNull() {
			continue
		}
		at := findMount(others, name, m.MountPath.ValueString(), t.VolumeMounts)
		if at < 0 {
			m.MountPath, m.SubPath, m.ReadOnly = types.StringNull(), types.StringNull(), types.BoolNull()
		} else {
			ownMount(c, &m, &others[at])
			others = slices.Delete(others, at, at+1)
		}
		t.Volumes[name] = m
	}
	keyed(c, &t.VolumeMounts, &others, mountPath, volumeMount)
}

func ownMount(c mapping, m *Volume, api *corev1.VolumeMount) {
	text(c, &m.MountPath, &api.MountPath)
	text(c, &m.SubPath, &api.SubPath)
	boolean(c, &m.ReadOnly, &api.ReadOnly)
}

// findMount finds the mount that a volume speaks of itself: the one at its path,
// else the first that is not spoken of elsewhere.
func findMount(mounts []corev1.VolumeMount, volume, path string, elsewhere map[string]VolumeMount) int {
	at := slices.IndexFunc(mounts, func(m corev1.VolumeMount) bool { return m.Name == volume && m.MountPath == path })
	if at >= 0 {
		return at
	}
	return slices.IndexFunc(mounts, func(m corev1.VolumeMount) bool {
		_, spokenOf := elsewhere[m.MountPath]
		return m.Name == volume && !spokenOf
	})
}
