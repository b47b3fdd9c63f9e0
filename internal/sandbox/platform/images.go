package platform

import (
	"bytes"
	"maps"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
)

// Images names the platform's images in the sandbox's registry, with digests.
type Images struct {
	// Knative's, by the name of the program.
	Knative                      map[string]string
	NetGatewayAPI, Istiod, Envoy string
}

// Knative's manifests name an image by the import path of its program.
const imageScheme = "ko://knative.dev/"

// The images of Istio's charts and of the gateway's manifest.
const (
	istiodImage = "registry.istio.io/testing/pilot:latest"
	envoyImage  = "docker.io/envoyproxy/envoy:v1.40.0"
)

// rewrites says which image takes the place of which.
func (i Images) rewrites() map[string]string {
	all := map[string]string{
		imageScheme + "net-gateway-api/cmd/controller": i.NetGatewayAPI,
		istiodImage: i.Istiod,
		envoyImage:  i.Envoy,
	}
	for _, program := range build.KnativePrograms {
		all[imageScheme+"serving/cmd/"+program] = i.Knative[program]
	}
	return all
}

// of returns those that a manifest has.
func (i Images) of(manifest []byte) map[string]string {
	all := i.rewrites()
	maps.DeleteFunc(all, func(name, _ string) bool { return !bytes.Contains(manifest, []byte(name+"\n")) })
	return all
}
