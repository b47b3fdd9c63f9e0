// Command predecessor stands in for a provider that objects are moved from. Terraform
// wants a provider for all that a state holds, also for what a moved block takes
// elsewhere, and asks it for its schema. This one has the schema of kubernetes_manifest
// or kubectl_manifest, as its own name says, and can do nothing else.
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	kind := strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-")
	// The address is for a debugger only.
	err := providerserver.Serve(context.Background(), func() provider.Provider { return predecessor{kind} },
		providerserver.ServeOpts{Address: "registry.terraform.io/predecessor/" + kind, ProtocolVersion: 6})
	if err != nil {
		log.Fatal(err)
	}
}

type predecessor struct{ kind string }

func (p predecessor) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = p.kind
}

func (predecessor) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (predecessor) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (predecessor) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p predecessor) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return manifest(p) }}
}

type manifest struct{ kind string }

func (m manifest) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_manifest"
}

func (m manifest) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	if m.kind == "kubernetes" {
		resp.Schema = kubernetesManifest
		return
	}
	resp.Schema = kubectlManifest
}

func (manifest) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}
func (manifest) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (manifest) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (manifest) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

var (
	text = schema.StringAttribute{Optional: true, Computed: true}
	flag = schema.BoolAttribute{Optional: true, Computed: true}
	list = schema.ListAttribute{Optional: true, ElementType: types.StringType}
)

var kubernetesManifest = schema.Schema{
	Version: 1,
	Attributes: map[string]schema.Attribute{
		"manifest":        schema.DynamicAttribute{Required: true},
		"object":          schema.DynamicAttribute{Optional: true, Computed: true},
		"wait_for":        schema.ObjectAttribute{Optional: true, AttributeTypes: map[string]attr.Type{"fields": types.MapType{ElemType: types.StringType}}},
		"computed_fields": list,
	},
	Blocks: map[string]schema.Block{
		"field_manager": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{"name": text, "force_conflicts": flag}}},
	},
}

var kubectlManifest = schema.Schema{
	Version: 1,
	Attributes: map[string]schema.Attribute{
		"id": text, "uid": text, "live_uid": text, "api_version": text, "kind": text, "name": text, "namespace": text, "override_namespace": text,
		"yaml_body": text, "yaml_body_parsed": text, "yaml_incluster": text, "live_manifest_incluster": text, "field_manager": text,
		"force_new": flag, "server_side_apply": flag, "force_conflicts": flag, "apply_only": flag, "wait": flag, "wait_for_rollout": flag, "validate_schema": flag,
		"sensitive_fields": list, "ignore_fields": list,
	},
}
