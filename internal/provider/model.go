package provider

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

const (
	defaultGateway          = "knative-serving/knative-ingress-gateway"
	defaultLocalGateway     = "knative-serving/knative-local-gateway"
	defaultGatewayService   = "istio-system/istio-ingressgateway"
	defaultLocalGatewayHost = "knative-local-gateway.istio-system.svc.cluster.local"
	defaultLocalGatewayPort = 80
	defaultClusterDomain    = "cluster.local"
	defaultVeleroNamespace  = "velero"
	defaultFieldManager     = "sls"
)

// model is the provider block.
type model struct {
	Host                  types.String `tfsdk:"host"`
	Username              types.String `tfsdk:"username"`
	Password              types.String `tfsdk:"password"`
	Token                 types.String `tfsdk:"token"`
	ClientCertificate     types.String `tfsdk:"client_certificate"`
	ClientKey             types.String `tfsdk:"client_key"`
	ClusterCACertificate  types.String `tfsdk:"cluster_ca_certificate"`
	Insecure              types.Bool   `tfsdk:"insecure"`
	TLSServerName         types.String `tfsdk:"tls_server_name"`
	ProxyURL              types.String `tfsdk:"proxy_url"`
	ConfigPath            types.String `tfsdk:"config_path"`
	ConfigPaths           types.List   `tfsdk:"config_paths"`
	ConfigContext         types.String `tfsdk:"config_context"`
	ConfigContextAuthInfo types.String `tfsdk:"config_context_auth_info"`
	ConfigContextCluster  types.String `tfsdk:"config_context_cluster"`
	Exec                  types.List   `tfsdk:"exec"`
	ClusterID             types.String `tfsdk:"cluster_id"`

	DefaultLabels      types.Map    `tfsdk:"default_labels"`
	DefaultAnnotations types.Map    `tfsdk:"default_annotations"`
	Ingress            types.Object `tfsdk:"ingress"`
	VeleroNamespace    types.String `tfsdk:"velero_namespace"`
	FieldManager       types.String `tfsdk:"field_manager"`
}

type execModel struct {
	APIVersion types.String `tfsdk:"api_version"`
	Command    types.String `tfsdk:"command"`
	Args       types.List   `tfsdk:"args"`
	Env        types.Map    `tfsdk:"env"`
}

type ingressModel struct {
	Gateway          types.String `tfsdk:"gateway"`
	GatewayService   types.String `tfsdk:"gateway_service"`
	LocalGateway     types.String `tfsdk:"local_gateway"`
	LocalGatewayHost types.String `tfsdk:"local_gateway_host"`
	LocalGatewayPort types.Int64  `tfsdk:"local_gateway_port"`
	ClusterDomain    types.String `tfsdk:"cluster_domain"`
}

// unknownConnection names the arguments of the connection whose values are
// known after apply only, as when the same apply makes the cluster.
func (m model) unknownConnection() []string {
	var unknown []string
	for _, argument := range []struct {
		name  string
		value attr.Value
	}{
		{"host", m.Host},
		{"username", m.Username},
		{"password", m.Password},
		{"token", m.Token},
		{"client_certificate", m.ClientCertificate},
		{"client_key", m.ClientKey},
		{"cluster_ca_certificate", m.ClusterCACertificate},
		{"insecure", m.Insecure},
		{"tls_server_name", m.TLSServerName},
		{"proxy_url", m.ProxyURL},
		{"config_path", m.ConfigPath},
		{"config_paths", m.ConfigPaths},
		{"config_context", m.ConfigContext},
		{"config_context_auth_info", m.ConfigContextAuthInfo},
		{"config_context_cluster", m.ConfigContextCluster},
		{"exec", m.Exec},
		{"cluster_id", m.ClusterID},
	} {
		if !whollyKnown(argument.value) {
			unknown = append(unknown, argument.name)
		}
	}
	return unknown
}

// whollyKnown reports whether neither value nor anything inside it is unknown.
func whollyKnown(value attr.Value) bool {
	if value.IsUnknown() {
		return false
	}
	var inner []attr.Value
	switch value := value.(type) {
	case basetypes.ListValue:
		inner = value.Elements()
	case basetypes.MapValue:
		for _, element := range value.Elements() {
			inner = append(inner, element)
		}
	case basetypes.ObjectValue:
		for _, attribute := range value.Attributes() {
			inner = append(inner, attribute)
		}
	}
	for _, value := range inner {
		if !whollyKnown(value) {
			return false
		}
	}
	return true
}

// platform returns what the provider block says of the platform, without the
// connection. These arguments shape plans, so their values must be known.
func (m model) platform(ctx context.Context) (*lifecycle.Platform, diag.Diagnostics) {
	var diags diag.Diagnostics
	for _, argument := range []struct {
		name  string
		value attr.Value
	}{
		{"default_labels", m.DefaultLabels},
		{"default_annotations", m.DefaultAnnotations},
		{"ingress", m.Ingress},
		{"velero_namespace", m.VeleroNamespace},
		{"field_manager", m.FieldManager},
	} {
		if !whollyKnown(argument.value) {
			diags.AddAttributeError(path.Root(argument.name), "Value not known at plan",
				fmt.Sprintf("%s is part of what a plan shows, so its value must be known before apply: use a literal, "+
					"a variable, or an attribute of something that exists already.", argument.name))
		}
	}
	if diags.HasError() {
		return nil, diags
	}

	platform := &lifecycle.Platform{
		ManagerPrefix:   orString(m.FieldManager, defaultFieldManager),
		VeleroNamespace: orString(m.VeleroNamespace, defaultVeleroNamespace),
	}
	diags.Append(m.DefaultLabels.ElementsAs(ctx, &platform.DefaultLabels, false)...)
	diags.Append(m.DefaultAnnotations.ElementsAs(ctx, &platform.DefaultAnnotations, false)...)

	var ingress ingressModel
	if !m.Ingress.IsNull() {
		diags.Append(m.Ingress.As(ctx, &ingress, basetypes.ObjectAsOptions{})...)
	}
	platform.Ingress = lifecycle.Ingress{
		Gateway:          orString(ingress.Gateway, defaultGateway),
		GatewayService:   orString(ingress.GatewayService, defaultGatewayService),
		LocalGateway:     orString(ingress.LocalGateway, defaultLocalGateway),
		LocalGatewayHost: orString(ingress.LocalGatewayHost, defaultLocalGatewayHost),
		LocalGatewayPort: defaultLocalGatewayPort,
		ClusterDomain:    orString(ingress.ClusterDomain, defaultClusterDomain),
	}
	if !ingress.LocalGatewayPort.IsNull() {
		platform.Ingress.LocalGatewayPort = ingress.LocalGatewayPort.ValueInt64()
	}
	return platform, diags
}

func orString(value types.String, fallback string) string {
	if value.IsNull() {
		return fallback
	}
	return value.ValueString()
}

// connection returns the settings of the connection: the provider block's, and
// the environment's for what the block leaves null. An empty string is a value,
// with which a configuration keeps a variable of the environment out.
//
// Unknown values come out as not given: the caller looks at unknownConnection.
func (m model) connection(ctx context.Context, lookup LookupEnv) (kube.Connection, diag.Diagnostics) {
	var diags diag.Diagnostics
	connection := kube.Connection{Origins: map[string]string{}}

	fromEnv := func(argument string) (string, bool) {
		value, ok := lookup(environment[argument])
		if !ok || value == "" {
			return "", false
		}
		connection.Origins[argument] = environment[argument]
		return value, true
	}
	text := func(argument string, value types.String) string {
		if value.IsNull() {
			found, _ := fromEnv(argument)
			return found
		}
		return value.ValueString()
	}

	connection.Host = text("host", m.Host)
	connection.Username = text("username", m.Username)
	connection.Password = text("password", m.Password)
	connection.Token = text("token", m.Token)
	connection.ClientCertificate = text("client_certificate", m.ClientCertificate)
	connection.ClientKey = text("client_key", m.ClientKey)
	connection.CACertificate = text("cluster_ca_certificate", m.ClusterCACertificate)
	connection.TLSServerName = text("tls_server_name", m.TLSServerName)
	connection.ProxyURL = text("proxy_url", m.ProxyURL)
	connection.ConfigContext = text("config_context", m.ConfigContext)
	connection.ConfigContextAuthInfo = text("config_context_auth_info", m.ConfigContextAuthInfo)
	connection.ConfigContextCluster = text("config_context_cluster", m.ConfigContextCluster)

	if !m.Insecure.IsNull() && !m.Insecure.IsUnknown() {
		connection.Insecure = m.Insecure.ValueBoolPointer()
	} else if value, ok := fromEnv("insecure"); ok && m.Insecure.IsNull() {
		insecure, err := strconv.ParseBool(value)
		if err != nil {
			diags.AddAttributeError(path.Root("insecure"), "Invalid environment variable",
				fmt.Sprintf("%s is %q, and must be true or false.", environment["insecure"], value))
		}
		connection.Insecure = &insecure
	}

	// Either argument keeps both variables out: a file that the configuration
	// names is never replaced by one that the environment happens to name.
	switch {
	case !m.ConfigPath.IsNull():
		connection.ConfigPath = m.ConfigPath.ValueString()
	case !m.ConfigPaths.IsNull():
		if whollyKnown(m.ConfigPaths) {
			diags.Append(m.ConfigPaths.ElementsAs(ctx, &connection.ConfigPaths, false)...)
		}
	default:
		if value, ok := fromEnv("config_path"); ok {
			connection.ConfigPath = value
		} else if value, ok := fromEnv("config_paths"); ok {
			connection.ConfigPaths = filepath.SplitList(value)
		}
	}

	if whollyKnown(m.Exec) && len(m.Exec.Elements()) > 0 {
		var blocks []execModel
		diags.Append(m.Exec.ElementsAs(ctx, &blocks, false)...)
		if diags.HasError() {
			return connection, diags
		}
		connection.Exec = &kube.Exec{
			APIVersion: blocks[0].APIVersion.ValueString(),
			Command:    blocks[0].Command.ValueString(),
		}
		diags.Append(blocks[0].Args.ElementsAs(ctx, &connection.Exec.Args, false)...)
		diags.Append(blocks[0].Env.ElementsAs(ctx, &connection.Exec.Env, false)...)
	}
	return connection, diags
}
