package validate

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/apimachinery/pkg/api/validate/content"
)

// DNSName accepts names of hosts and domains, without wildcards.
func DNSName() validator.String {
	return text{"a DNS name", content.IsDNS1123Subdomain}
}

// NamespacedName accepts references to objects as namespace/name.
func NamespacedName() validator.String {
	return text{"of the form namespace/name", func(value string) []string {
		namespace, name, ok := strings.Cut(value, "/")
		if !ok {
			return []string{"it has no slash"}
		}
		return append(content.IsDNS1123Label(namespace), content.IsDNS1123Subdomain(name)...)
	}}
}
