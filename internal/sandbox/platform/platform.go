// Package platform makes the manifests of the serverless platform: Istio with
// its ingress gateway, Knative Serving, and the controller that joins them, a
// file for each part that modules/platform installs as one. Everything but the
// gateway comes from the projects' own manifests, and images bear the names
// that the projects give them.
package platform

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
)

// component is a part that is installed as one.
type component struct {
	// input is the input of modules/platform that takes its manifest.
	input string
	// file is the manifest's name.
	file string
	// objects makes it from the folder of the projects' manifests and charts.
	objects func(manifests string) ([]*unstructured.Unstructured, error)
	// secrets are what each cluster has its own of; nil where there are none.
	secrets func(Keys) []*unstructured.Unstructured
}

// components are the parts of the platform, those before that others need.
var components = []component{
	{input: "gateway_api", file: "gateway-api.yaml", objects: folders(build.GatewayAPICRDs)},
	{input: "istio_base", file: "istio-base.yaml", objects: istioBase},
	{input: "istiod", file: "istiod.yaml", objects: istiod, secrets: Keys.istiod},
	{input: "gateway", file: "istio-ingressgateway.yaml", objects: ingressGateway, secrets: Keys.ingressGateway},
	{input: "knative_serving", file: "knative-serving.yaml", objects: knativeServing},
	{input: "ingress", file: "net-gateway-api.yaml", objects: netGatewayAPI},
}

// Render writes a file for each component to dir, without what each cluster
// has its own of.
func Render(manifests, dir string) error {
	for _, c := range components {
		objects, err := c.objects(manifests)
		if err != nil {
			return fmt.Errorf("manifest %s: %w", c.file, err)
		}
		text, err := encode(objects)
		if err != nil {
			return fmt.Errorf("manifest %s: %w", c.file, err)
		}
		if err := os.WriteFile(filepath.Join(dir, c.file), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// encode writes objects as YAML documents.
func encode(objects []*unstructured.Unstructured) ([]byte, error) {
	var all bytes.Buffer
	for _, o := range objects {
		text, err := yaml.Marshal(o.Object)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
		}
		all.WriteString("---\n")
		all.Write(text)
	}
	return all.Bytes(), nil
}

// folders makes what reads the objects of all files in folders.
func folders(names ...string) func(string) ([]*unstructured.Unstructured, error) {
	return func(manifests string) ([]*unstructured.Unstructured, error) {
		var all []*unstructured.Unstructured
		for _, name := range names {
			objects, err := read(filepath.Join(manifests, name))
			if err != nil {
				return nil, err
			}
			all = append(all, objects...)
		}
		return all, nil
	}
}

// read reads the objects of all files in a folder.
func read(dir string) ([]*unstructured.Unstructured, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no manifests in %s", dir)
	}
	var all []*unstructured.Unstructured
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			return nil, err
		}
		objects, err := apply.Decode(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		all = append(all, objects...)
	}
	return all, nil
}

// adaptDeployments makes room for a hundred applications on a machine of two
// cores, and for answers that such a machine gives late.
func adaptDeployments(objects []*unstructured.Unstructured) error {
	for _, o := range objects {
		if o.GetKind() != "Deployment" {
			continue
		}
		if err := adaptDeployment(o); err != nil {
			return fmt.Errorf("the Deployment %s: %w", o.GetName(), err)
		}
	}
	return nil
}

func adaptDeployment(o *unstructured.Unstructured) error {
	path := []string{"spec", "template", "spec", "containers"}
	containers, _, err := unstructured.NestedSlice(o.Object, path...)
	if err != nil {
		return err
	}
	for _, c := range containers {
		container, ok := c.(map[string]any)
		if !ok {
			return fmt.Errorf("container is a %T", c)
		}
		// The scheduler would count what nobody uses, and two cores are few.
		// (Without requests, Kubernetes takes the limits for them.)
		if err := unstructured.SetNestedMap(container, map[string]any{"cpu": "10m", "memory": "32Mi"}, "resources", "requests"); err != nil {
			return err
		}
		if o.GetName() == ingressController {
			env, _, err := unstructured.NestedSlice(container, "env")
			if err != nil {
				return err
			}
			container["env"] = append(env, ingressRate...)
		}
		if probe, ok := container["readinessProbe"].(map[string]any); ok {
			// Ready is seen as soon as it is; late answers of a busy machine don't end its service.
			probe["periodSeconds"], probe["timeoutSeconds"], probe["failureThreshold"] = int64(1), int64(3), int64(30)
		}
	}
	return unstructured.SetNestedSlice(o.Object, containers, path...)
}
