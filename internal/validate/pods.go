package validate

import (
	"net/netip"
	"path"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"
)

// DNSLabel accepts names of containers and volumes: lower-case letters, digits
// and hyphens, at most 63 characters.
func DNSLabel() validator.String {
	return text{"a DNS label", content.IsDNS1123Label}
}

// ConfigKey accepts keys of Secrets and ConfigMaps.
func ConfigKey() validator.String {
	return text{"a key of a Secret or ConfigMap", validation.IsConfigMapKey}
}

// HeaderName accepts names of HTTP headers.
func HeaderName() validator.String {
	return text{"the name of an HTTP header", validation.IsHTTPHeaderName}
}

// IP accepts addresses of hosts.
func IP() validator.String {
	return text{"an IP address", func(value string) []string {
		if address, err := netip.ParseAddr(value); err != nil || address.Zone() != "" {
			return []string{"write it as 192.0.2.1 or 2001:db8::1"}
		}
		return nil
	}}
}

// AbsolutePath accepts paths from the root, without a way back up.
func AbsolutePath() validator.String {
	return text{"an absolute path", func(value string) []string {
		switch {
		case !path.IsAbs(value):
			return []string{"it does not begin with /"}
		case hasParent(value):
			return []string{`it contains ".."`}
		}
		return nil
	}}
}

// MountPath accepts paths in a container where a volume can be mounted.
func MountPath() validator.String {
	return text{"a path to mount a volume at", func(value string) []string {
		switch {
		case !path.IsAbs(value):
			return []string{"it does not begin with /"}
		case strings.Contains(value, ":"):
			return []string{"it contains a colon"}
		case path.Clean(value) == "/", path.Clean(value) == "/dev", path.Clean(value) == "/dev/log":
			return []string{"Knative reserves /, /dev and /dev/log"}
		}
		return nil
	}}
}

// RelativePath accepts paths within a volume.
func RelativePath() validator.String {
	return text{"a relative path", func(value string) []string {
		switch {
		case value == "":
			return []string{"it is empty"}
		case path.IsAbs(value):
			return []string{"it begins with /"}
		case hasParent(value):
			return []string{`it contains ".."`}
		}
		return nil
	}}
}

func hasParent(value string) bool {
	for _, part := range strings.Split(value, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

// URLPath accepts paths of HTTP requests, with or without a query.
func URLPath() validator.String {
	return text{"the path of a request", func(value string) []string {
		switch {
		case !strings.HasPrefix(value, "/"):
			return []string{"it does not begin with /"}
		case strings.ContainsAny(value, " \t\r\n"):
			return []string{"it contains white space"}
		}
		return nil
	}}
}

var fileMode = regexp.MustCompile(`^0[0-7]{3}$`)

// FileMode accepts permissions of files, as an octal number of four digits.
func FileMode() validator.String {
	return text{"a file mode", func(value string) []string {
		if !fileMode.MatchString(value) {
			return []string{"write it as four octal digits that begin with 0, such as 0644"}
		}
		return nil
	}}
}

var podField = regexp.MustCompile(`^(metadata\.(name|namespace|uid|labels|annotations|(labels|annotations)\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIP|hostIPs|podIP|podIPs))$`)

// PodField accepts fields of a pod that its containers can be told.
func PodField() validator.String {
	return text{"a field of a pod that containers can be told", func(value string) []string {
		if !podField.MatchString(value) {
			return []string{"there are metadata.name, namespace, uid, labels['…'] and annotations['…'], spec.nodeName and serviceAccountName, status.hostIP, hostIPs, podIP and podIPs"}
		}
		return nil
	}}
}

// Network accepts addresses and CIDR blocks of networks.
func Network() validator.String {
	return text{"an IP address or CIDR block", func(value string) []string {
		_, err := netip.ParseAddr(value)
		if _, prefixErr := netip.ParsePrefix(value); err != nil && prefixErr != nil {
			return []string{"write it as 192.0.2.1 or 192.0.2.0/24"}
		}
		return nil
	}}
}
