package application

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// servingContainer returns, of the containers of an encoded template, the one
// that serves requests: of several, the only one with a port.
func servingContainer(template map[string]any) map[string]any {
	containers, _, _ := unstructured.NestedFieldNoCopy(template, "spec", "containers")
	list, _ := containers.([]any)
	var first map[string]any
	for _, element := range list {
		container, ok := element.(map[string]any)
		if !ok {
			continue
		}
		if container["ports"] != nil {
			return container
		}
		if first == nil {
			first = container
		}
	}
	return first
}

// imageOf returns the image that a Service's template has.
func imageOf(service *kube.Object) string {
	template, _, _ := unstructured.NestedFieldNoCopy(service.Object, "spec", "template")
	fields, _ := template.(map[string]any)
	image, _ := servingContainer(fields)["image"].(string)
	return image
}

// setImage sets the image in an encoded template.
func setImage(template map[string]any, image string) {
	if container := servingContainer(template); container != nil {
		container["image"] = image
	}
}
