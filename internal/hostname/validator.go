package hostname

import (
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// Validator accepts names of hosts: lower-case DNS names whose labels have at
// most 63 characters, without a wildcard, a port, or a dot at the end.
func Validator() validator.String {
	return validate.Text("the name of a host, such as shop.example.com", Problems)
}
