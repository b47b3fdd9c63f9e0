package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// The pages of the list resources are current: `make generate` leaves them alone
// unless Terraform reports list resources, which it does from 1.14 on.
func TestListResourcePages(t *testing.T) {
	const docs = "../../docs/list-resources"
	pages, err := os.ReadDir(docs)
	if err != nil {
		t.Fatal(err)
	}
	listers := (&slsProvider{}).ListResources(t.Context())
	if len(pages) != len(listers) {
		t.Errorf("there are %d list resources, and %d pages of such", len(listers), len(pages))
	}
	for _, construct := range listers {
		lister := construct()
		var named resource.MetadataResponse
		lister.Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "sls"}, &named)
		var of list.ListResourceSchemaResponse
		lister.ListResourceConfigSchema(t.Context(), list.ListResourceSchemaRequest{}, &of)
		example, err := os.ReadFile(filepath.Join("../../examples/list-resources", named.TypeName, "list-resource.tfquery.hcl"))
		if err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(filepath.Join(docs, strings.TrimPrefix(named.TypeName, "sls_")+".md"))
		if err != nil {
			t.Fatal(err)
		}
		shown := []string{of.Schema.Description, strings.TrimSpace(string(example))}
		for name, attribute := range of.Schema.Attributes {
			shown = append(shown, "- `"+name+"` (", ") "+attribute.GetDescription()+"\n")
		}
		for _, text := range shown {
			if !strings.Contains(string(page)+"\n", text) {
				t.Errorf("the page of the list resource %s does not have %q; write it anew: make generate TERRAFORM=\"$(.ci/terraform)\"", named.TypeName, text)
			}
		}
	}
}
