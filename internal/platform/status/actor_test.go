package status_test

import (
	"os"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

func TestMain(m *testing.M) {
	acctest.ActAs(acctest.PlatformTeam)
	os.Exit(m.Run())
}
