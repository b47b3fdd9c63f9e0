package status

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/version"
)

// product is a part of the platform that has a version, as HCL names it.
type product string

const (
	kubernetes     product = "kubernetes"
	knativeServing product = "knative_serving"
	istio          product = "istio"
	gatewayAPI     product = "gateway_api"
	velero         product = "velero"
)

var productNames = map[product]string{
	kubernetes:     "Kubernetes",
	knativeServing: "Knative Serving",
	istio:          "Istio",
	gatewayAPI:     "Gateway API",
	velero:         "Velero",
}

func (p product) String() string { return productNames[p] }

// presence says whether a product is on the cluster.
type presence int

const (
	hidden presence = iota // it could not be looked for
	absent
	present
)

// installation is what was found of a product. The version is empty where it is
// not known.
type installation struct {
	presence presence
	version  string
}

// minorOf returns the minor version of a release, 1.35 of 1.35.4.
func minorOf(text string) string {
	parsed, err := version.ParseGeneric(text)
	if err != nil {
		return text
	}
	return minor(parsed)
}

func minor(v *version.Version) string { return fmt.Sprintf("%d.%d", v.Major(), v.Minor()) }

// oldest returns the oldest of several versions: while a product is being
// upgraded, a condition that it is at least so new holds when all of it is.
func oldest(versions []string) string {
	var first *version.Version
	var text string
	for _, candidate := range versions {
		parsed, err := version.ParseSemantic(candidate)
		if err == nil && (first == nil || parsed.LessThan(first)) {
			first, text = parsed, candidate
		}
	}
	return text
}
