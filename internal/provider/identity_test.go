package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// An identity that was stored while its cluster was not known yet must not keep
// its object from being read.
func TestIdentitiesMayLearnTheirCluster(t *testing.T) {
	for _, make := range New("test", nil).Resources(t.Context()) {
		made := make()
		if _, ok := made.(resource.ResourceWithIdentity); !ok {
			continue
		}
		var metadata resource.MetadataResponse
		made.Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: TypeName}, &metadata)
		if !metadata.ResourceBehavior.MutableIdentity {
			t.Errorf("%s: its metadata lacks resp.ResourceBehavior = lifecycle.Behavior", metadata.TypeName)
		}
	}
}
