package provider

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

func (p *slsProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	attributes := connectionAttributes()
	for name, attribute := range platformAttributes() {
		attributes[name] = attribute
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Runs a serverless platform as code on Kubernetes with Knative Serving, Istio and Velero.\n\n" +
			"The connection takes the arguments and environment variables of `hashicorp/kubernetes`. " +
			"Arguments win over environment variables, both win over the kubeconfig files, and a pod's own " +
			"service account serves when nothing else names a cluster. `KUBECONFIG` and `~/.kube/config` " +
			"are not read unless `config_path` or `config_paths` names them.",
		Attributes: attributes,
		Blocks:     map[string]schema.Block{"exec": execBlock()},
	}
}

// connectionAttributes are the arguments of hashicorp/kubernetes, so that a
// configuration can be carried over as it is.
func connectionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"host": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "URL of the API server, such as `https://203.0.113.10:6443`. A host without a scheme means `https`." + orEnv("host"),
		},
		"username": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "User name for HTTP basic authentication." + orEnv("username"),
		},
		"password": schema.StringAttribute{
			Optional:            true,
			Sensitive:           true,
			MarkdownDescription: "Password for HTTP basic authentication." + orEnv("password"),
		},
		"token": schema.StringAttribute{
			Optional:            true,
			Sensitive:           true,
			MarkdownDescription: "Bearer token." + orEnv("token"),
		},
		"client_certificate": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Client certificate in PEM form. Needs `client_key`." + orEnv("client_certificate"),
		},
		"client_key": schema.StringAttribute{
			Optional:            true,
			Sensitive:           true,
			MarkdownDescription: "Private key of the client certificate in PEM form." + orEnv("client_key"),
		},
		"cluster_ca_certificate": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Certificates, in PEM form, that the API server's certificate is verified against." + orEnv("cluster_ca_certificate"),
		},
		"insecure": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether to accept any certificate of the API server. For a cluster on one's own machine only." + orEnv("insecure"),
		},
		"tls_server_name": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Name to verify the API server's certificate against, where that is not the host's, as behind a tunnel." + orEnv("tls_server_name"),
		},
		"proxy_url": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Proxy for the API server: an `http`, `https` or `socks5` URL." + orEnv("proxy_url"),
		},
		"config_path": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Path to a kubeconfig file; a leading `~` is the home directory." + orEnv("config_path"),
			Validators: []validator.String{
				stringvalidator.ConflictsWith(path.MatchRoot("config_paths")),
			},
		},
		"config_paths": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Paths to kubeconfig files, which are merged; the first to set a value wins." + orEnv("config_paths"),
			Validators: []validator.List{
				listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
			},
		},
		"config_context": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Context of the kubeconfig files to use in place of their current one." + orEnv("config_context"),
		},
		"config_context_auth_info": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "User of the kubeconfig files to use in place of the context's." + orEnv("config_context_auth_info"),
		},
		"config_context_cluster": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Cluster of the kubeconfig files to use in place of the context's." + orEnv("config_context_cluster"),
		},
		"cluster_id": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Name of the cluster in resource identities, which must tell any two clusters apart. " +
				"Defaults to the UID of the namespace `kube-system`, which stays the same when the cluster's address or credentials change.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 253)},
		},
	}
}

func execBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "Program that prints a credential, such as a cloud's command-line tool.",
		Validators:          []validator.List{listvalidator.SizeAtMost(1)},
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"api_version": schema.StringAttribute{
					Required: true,
					MarkdownDescription: "Version of the credential that the program prints: `client.authentication.k8s.io/v1` " +
						"or `client.authentication.k8s.io/v1beta1`.",
					Validators: []validator.String{
						stringvalidator.OneOf("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"),
					},
				},
				"command": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "Program to run: a path, or a name to look up in `PATH`.",
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"args": schema.ListAttribute{
					ElementType:         types.StringType,
					Optional:            true,
					MarkdownDescription: "Arguments of the program.",
				},
				"env": schema.MapAttribute{
					ElementType:         types.StringType,
					Optional:            true,
					MarkdownDescription: "Environment variables of the program, besides Terraform's own.",
				},
			},
		},
	}
}

// platformAttributes say what the cluster's platform looks like, and what all
// objects that the provider makes have in common.
func platformAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"default_labels": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Labels for every object that this provider makes, on its metadata. A resource's own labels win. " +
				"They never reach a revision's template, so that a change of them mints no revision.",
			Validators: []validator.Map{
				mapvalidator.KeysAre(validate.LabelKey()),
				mapvalidator.ValueStringsAre(validate.LabelValue()),
			},
		},
		"default_annotations": schema.MapAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Annotations for every object that this provider makes, on its metadata. A resource's own annotations win.",
			Validators:          []validator.Map{mapvalidator.KeysAre(validate.LabelKey())},
		},
		"ingress": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Gateways that requests come in by. The defaults are the names that net-istio gives them.",
			Attributes: map[string]schema.Attribute{
				"gateway": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Istio's public Gateway, as `namespace/name`. Defaults to `" + defaultGateway + "`.",
					Validators:          []validator.String{validate.NamespacedName()},
				},
				"gateway_service": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "Service of the public gateway's pods, as `namespace/name`: its address is what domains have to point to, and " +
						"certificates for domains belong into its namespace. Defaults to `" + defaultGatewayService + "`.",
					Validators: []validator.String{validate.NamespacedName()},
				},
				"local_gateway": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Istio's Gateway for requests from inside the cluster, as `namespace/name`. Defaults to `" + defaultLocalGateway + "`.",
					Validators:          []validator.String{validate.NamespacedName()},
				},
				"local_gateway_host": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Host of the cluster-local gateway's Service. Defaults to `" + defaultLocalGatewayHost + "`.",
					Validators:          []validator.String{validate.DNSName()},
				},
				"local_gateway_port": schema.Int64Attribute{
					Optional:            true,
					MarkdownDescription: "Port of the cluster-local gateway's Service. Defaults to `80`.",
					Validators:          []validator.Int64{int64validator.Between(1, 65535)},
				},
				"cluster_domain": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "DNS suffix of the cluster. Defaults to `" + defaultClusterDomain + "`.",
					Validators:          []validator.String{validate.DNSName()},
				},
			},
		},
		"velero_namespace": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Namespace that Velero's server runs in. Defaults to `" + defaultVeleroNamespace + "`.",
			Validators:          []validator.String{validate.Namespace()},
		},
		"field_manager": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "First part of the names under which this provider owns fields of objects: `" + defaultFieldManager +
				"`, the default, gives `sls-application` and so on. Two configurations that share an object need two prefixes.",
			Validators: []validator.String{
				// The API server allows 128 characters for the whole name.
				stringvalidator.LengthBetween(1, 64),
				stringvalidator.RegexMatches(regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`),
					"must be lower-case letters, digits and dashes, and begin and end with a letter or digit"),
			},
		},
	}
}
