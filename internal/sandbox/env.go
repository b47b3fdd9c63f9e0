package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
)

// printEnv prints what a shell needs to use the cluster.
func printEnv(root layout.Root, o options, w io.Writer) error {
	files := root.Cluster(o.name)
	plan, err := existing(root, o.name)
	if err != nil {
		return err
	}
	for _, v := range variables(plan, files) {
		fmt.Fprintf(w, "export %s=%s\n", v[0], quote(v[1]))
	}
	return nil
}

// variables are the names and values that env prints.
func variables(plan address.Plan, files layout.Cluster) [][2]string {
	all := [][2]string{
		{"KUBECONFIG", files.Kubeconfig()},
		{"SLS_GATEWAY", plan.Gateway()},
		{"SLS_GATEWAY_TLS", plan.GatewayTLS()},
		{"SLS_DOMAIN", address.Domain},
		{"SLS_REGISTRY", address.Registry},
		{"SLS_REGISTRY_ENDPOINT", address.RegistryEndpoint},
		{"SLS_AUDIT_LOG", files.AuditLog()},
	}
	for _, v := range build.HelloVersions {
		all = append(all, [2]string{"SLS_IMAGE_HELLO_" + strings.ToUpper(v), address.Registry + "/hello:" + v})
	}
	return all
}

// quote makes a value safe for a shell.
func quote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,="
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
