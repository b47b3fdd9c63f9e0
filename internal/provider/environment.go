package provider

import "fmt"

// LookupEnv returns the value of an environment variable, and whether it is set.
type LookupEnv func(name string) (value string, ok bool)

// environment names the variable that gives an argument's value when the
// configuration does not. The names are those of hashicorp/kubernetes.
var environment = map[string]string{
	"host":                     "KUBE_HOST",
	"username":                 "KUBE_USER",
	"password":                 "KUBE_PASSWORD",
	"token":                    "KUBE_TOKEN",
	"insecure":                 "KUBE_INSECURE",
	"tls_server_name":          "KUBE_TLS_SERVER_NAME",
	"client_certificate":       "KUBE_CLIENT_CERT_DATA",
	"client_key":               "KUBE_CLIENT_KEY_DATA",
	"cluster_ca_certificate":   "KUBE_CLUSTER_CA_CERT_DATA",
	"config_path":              "KUBE_CONFIG_PATH",
	"config_paths":             "KUBE_CONFIG_PATHS",
	"config_context":           "KUBE_CTX",
	"config_context_auth_info": "KUBE_CTX_AUTH_INFO",
	"config_context_cluster":   "KUBE_CTX_CLUSTER",
	"proxy_url":                "KUBE_PROXY_URL",
}

// orEnv is the sentence about the variable, for an argument's description.
func orEnv(argument string) string {
	return fmt.Sprintf(" Can also be set by `%s`.", environment[argument])
}
