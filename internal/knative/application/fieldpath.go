package application

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	corev1 "k8s.io/api/core/v1"
	"knative.dev/serving/pkg/apis/autoscaling"
	knative "knative.dev/serving/pkg/apis/serving"
)

// fieldMap finds the attribute that a field of a Knative Service stands for. The
// API counts where HCL has names, so that it must know what was applied to be
// exact; without, it stops at the attribute that holds them all.
type fieldMap struct {
	template *Template
	pod      *corev1.PodSpec
}

// fieldNames are attributes whose name is not that of the field, written in
// small letters with underscores.
var fieldNames = map[string]string{
	"containerConcurrency":        "concurrency",
	"timeoutSeconds":              "timeout",
	"idleTimeoutSeconds":          "idle_timeout",
	"responseStartTimeoutSeconds": "response_start_timeout",
	"serviceAccountName":          "service_account",
	"topologySpreadConstraints":   "topology_spread",
	"priorityClassName":           "priority_class",
	"runtimeClassName":            "runtime_class",
	"ports":                       "port",
	"httpHeaders":                 "headers",
	"secretName":                  "name",
	"secretRef":                   "secret",
	"configMapRef":                "config_map",
	"downwardAPI":                 "downward_api",
	"requiredDuringSchedulingIgnoredDuringExecution":  "required",
	"preferredDuringSchedulingIgnoredDuringExecution": "preferred",
}

var fieldSteps = regexp.MustCompile(`[A-Za-z]+|\[[^\]]*\]`)

// attribute returns the attribute of a field such as
// "spec.template.spec.containers[0].image".
func (f fieldMap) attribute(field string) (path.Path, bool) {
	if rest, ok := strings.CutPrefix(field, "spec.template."); ok {
		if annotation, ok := strings.CutPrefix(rest, "metadata.annotations"); ok {
			return templateAnnotation(strings.Trim(annotation, ".[]")), true
		}
		switch {
		case strings.HasPrefix(rest, "metadata.labels"):
			return path.Root("template_labels"), true
		case rest == "metadata.name":
			return path.Root("name"), true
		}
		if rest, ok = strings.CutPrefix(rest, "spec."); ok {
			return f.podAttribute(fieldSteps.FindAllString(rest, -1))
		}
		return path.Empty(), false
	}
	if annotation, ok := strings.CutPrefix(field, "metadata.annotations"); ok {
		if slices.Contains(knative.RolloutDurationAnnotation, strings.Trim(annotation, ".[]")) {
			return path.Root("rollout_duration"), true
		}
		return path.Root("annotations"), true
	}
	switch {
	case strings.HasPrefix(field, "metadata.labels"):
		return path.Root("labels"), true
	case field == "metadata.name":
		return path.Root("name"), true
	}
	return path.Empty(), false
}

func templateAnnotation(key string) path.Path {
	for _, f := range scalingFields {
		if slices.Contains(f.annotation, key) {
			return path.Root("scaling").AtName(f.attribute)
		}
	}
	switch {
	case strings.HasPrefix(key, autoscaling.GroupName):
		return path.Root("scaling")
	case key == knative.ProgressDeadlineAnnotationKey:
		return path.Root("progress_deadline")
	case strings.HasPrefix(key, "queue.sidecar."):
		return path.Root("queue_proxy")
	}
	return path.Root("template_annotations")
}

func (f fieldMap) podAttribute(steps []string) (path.Path, bool) {
	if len(steps) == 0 {
		return path.Empty(), false
	}
	index, rest := -1, steps[1:]
	if len(steps) > 1 {
		if i, err := strconv.Atoi(strings.Trim(steps[1], "[]")); err == nil {
			index, rest = i, steps[2:]
		}
	}
	switch steps[0] {
	case "containers":
		return f.containerAttribute(index, rest), true
	case "initContainers":
		return f.initContainerAttribute(index, rest), true
	case "volumes":
		at := path.Root("volumes")
		if f.pod != nil && index >= 0 && index < len(f.pod.Volumes) {
			return deeper(at.AtMapKey(f.pod.Volumes[index].Name), nestedAttributes(schemaOnce().Attributes["volumes"]), rest), true
		}
		return at, true
	case "securityContext":
		return deeper(path.Root("pod_security_context"), nestedAttributes(schemaOnce().Attributes["pod_security_context"]), rest), true
	}
	at := deeper(path.Empty(), schemaOnce().Attributes, steps)
	return at, !at.Equal(path.Empty())
}

// containerAttribute is for the list that the application's container is in,
// first, with its sidecars.
func (f fieldMap) containerAttribute(index int, rest []string) path.Path {
	attributes := schemaOnce().Attributes
	at, own := path.Empty(), index <= 0
	var container *corev1.Container
	if f.pod != nil && index >= 0 && index < len(f.pod.Containers) {
		container = &f.pod.Containers[index]
	}
	switch {
	case own && len(rest) > 0 && rest[0] == "[*]":
		rest = rest[1:] // Knative's way to say all of them
	case own:
	case container == nil:
		return path.Root("sidecars")
	default:
		attributes = nestedAttributes(attributes["sidecars"])
		at = path.Root("sidecars").AtMapKey(container.Name)
	}
	if own && len(rest) > 0 && rest[0] == "name" {
		return path.Root("container_name")
	}
	if found, ok := f.byName(at, attributes, container, rest, own); ok {
		return found
	}
	if at = deeper(at, attributes, rest); at.Equal(path.Empty()) {
		return path.Root("image") // the one that every container has
	}
	return at
}

func (f fieldMap) initContainerAttribute(index int, rest []string) path.Path {
	at := path.Root("init_containers")
	if f.pod == nil || index < 0 || index >= len(f.pod.InitContainers) {
		return at
	}
	at = at.AtListIndex(index)
	attributes := nestedAttributes(schemaOnce().Attributes["init_containers"])
	if found, ok := f.byName(at, attributes, &f.pod.InitContainers[index], rest, false); ok {
		return found
	}
	return deeper(at, attributes, rest)
}

// byName finds variables and mounts, which the API counts.
func (f fieldMap) byName(at path.Path, attributes map[string]schema.Attribute, container *corev1.Container, rest []string, own bool) (path.Path, bool) {
	if container == nil || len(rest) < 2 {
		return at, false
	}
	index, err := strconv.Atoi(strings.Trim(rest[1], "[]"))
	if err != nil {
		return at, false
	}
	switch {
	case rest[0] == "env" && index < len(container.Env):
		v := container.Env[index]
		name := "env"
		switch {
		case v.ValueFrom == nil:
		case v.ValueFrom.SecretKeyRef != nil:
			name = "secret_env"
		case v.ValueFrom.ConfigMapKeyRef != nil:
			name = "config_env"
		case v.ValueFrom.FieldRef != nil:
			name = "field_env"
		}
		return at.AtName(name).AtMapKey(v.Name), true
	case rest[0] == "volumeMounts" && index < len(container.VolumeMounts):
		mount := container.VolumeMounts[index]
		if own && f.template != nil && f.template.Volumes[mount.Name].MountPath.ValueString() == mount.MountPath {
			return deeper(path.Root("volumes").AtMapKey(mount.Name), nestedAttributes(attributes["volumes"]), rest[2:]), true
		}
		at = at.AtName("volume_mounts").AtMapKey(mount.MountPath)
		if len(rest) > 2 && rest[2] == "name" {
			return at.AtName("volume"), true
		}
		return deeper(at, nestedAttributes(attributes["volume_mounts"]), rest[2:]), true
	}
	return at, false
}

// deeper follows fields down as far as there are attributes of that name.
func deeper(at path.Path, attributes map[string]schema.Attribute, fields []string) path.Path {
	for i := 0; i < len(fields); i++ {
		name := snakeCase(fields[i])
		if _, ok := attributes[name]; !ok {
			name = fieldNames[fields[i]]
		}
		attribute, ok := attributes[name]
		if !ok {
			break
		}
		at = at.AtName(name)
		attributes = nestedAttributes(attribute)
		if name == "projected" {
			attribute = attributes["sources"] // Knative leaves this step out
		}
		if _, isList := attribute.(schema.ListNestedAttribute); isList && i+1 < len(fields) {
			if index, err := strconv.Atoi(strings.Trim(fields[i+1], "[]")); err == nil {
				if name == "projected" {
					at, attributes = at.AtName("sources"), nestedAttributes(attribute)
				}
				at = at.AtListIndex(index)
				i++
			}
		}
	}
	return at
}

// snakeCase writes someThing as some_thing.
func snakeCase(field string) string {
	var b strings.Builder
	for _, r := range field {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// nestedAttributes returns the attributes within one.
func nestedAttributes(attribute schema.Attribute) map[string]schema.Attribute {
	switch a := attribute.(type) {
	case schema.SingleNestedAttribute:
		return a.Attributes
	case schema.MapNestedAttribute:
		return a.NestedObject.Attributes
	case schema.ListNestedAttribute:
		return a.NestedObject.Attributes
	}
	return nil
}
