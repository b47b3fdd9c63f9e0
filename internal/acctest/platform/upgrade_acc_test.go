package platform_test

import (
	"os"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
)

// applicationGone is how long Knative may take to remove an application.
const applicationGone = time.Minute

// Knative is upgraded while requests come in, and none fails: of those to an
// application that runs, nor of those to one that starts for them. An
// application that was deployed before can be changed after.
func TestAccPlatformUpgrade(t *testing.T) {
	t.Parallel()
	if os.Getenv("SLS_PLATFORM") == "" {
		t.Skip("SLS_PLATFORM is not set: the previous Knative takes minutes to compile, see make testacc-platform")
	}
	first, second := acctest.Image(t, "HELLO_V1"), acctest.Image(t, "HELLO_V2")
	p := acctest.NoPlatform(t, 6)
	must(t, "the version before", p.Install(t, "--previous", "image="+first))
	if version := knativeVersion(t, p); version != "1.22.0" {
		t.Fatalf("the version before is %s", version)
	}
	url := "http://first.default." + acctest.Domain(t) + "/"
	p.GetUntil(t, url, acctest.OK)

	attack := load.Start(t, load.Options{Gateway: p.Gateway}, load.Get(url))
	attack.For(t, 10*time.Second)
	began := time.Now()
	must(t, "the upgrade", p.Install(t, "image="+first))
	took := time.Since(began)
	attack.For(t, 20*time.Second)
	if version := knativeVersion(t, p); version != "1.23.0" {
		t.Errorf("the upgraded version is %s", version)
	}
	must(t, "the plan after the upgrade, which should be empty", p.Terraform(t, "plan", "-detailed-exitcode", "-no-color"))

	// A change of the application by the new version's controllers, under load too.
	must(t, "a change of the application", p.Install(t, "image="+second))
	attack.For(t, 10*time.Second)
	report := attack.Stop()
	if failed := report.Failed(); len(failed) > 0 {
		t.Errorf("of %d requests, %d failed:\n%s", len(report), len(failed), failed)
	}
	if versions := report.Versions(); versions["v2"] == 0 {
		t.Errorf("the changed application never answered: %v", versions)
	}
	t.Logf("Knative was upgraded within %s; %d requests, %d failed", took.Round(time.Second), len(report), len(report.Failed()))
}

// knativeVersion is what the platform says of itself.
func knativeVersion(t *testing.T, p acctest.Platform) string {
	t.Helper()
	return lastLine(must(t, "the version", p.Terraform(t, "output", "-raw", "-no-color", "knative_version")))
}
