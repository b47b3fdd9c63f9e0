package lifecycle

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// AddError adds what an error means for the user: what was being done, what
// happened, and the way out.
func AddError(diags *diag.Diagnostics, doing string, err error) {
	problem := kube.Diagnose(err)
	diags.AddError(doing+": "+problem.Summary, problem.Detail)
}

// AddErrorAt is AddError for an error that one attribute is the cause of.
func AddErrorAt(diags *diag.Diagnostics, at path.Path, doing string, err error) {
	problem := kube.Diagnose(err)
	diags.AddAttributeError(at, doing+": "+problem.Summary, problem.Detail)
}

// AddWarnings adds the warnings that the API server sent with its answers, each
// once in a run.
func AddWarnings(diags *diag.Diagnostics, cluster *kube.Cluster) {
	for _, text := range cluster.TakeWarnings() {
		diags.AddWarning("The API server warns", text)
	}
}
