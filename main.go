// Command terraform-provider-sls is a Terraform provider for serverless
// platforms of Knative Serving, Istio and Velero. Terraform starts it.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"runtime/debug"

	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/sls-platform/terraform-provider-sls/internal/provider"
)

// version is set by the linker in releases.
var version = "dev"

func main() {
	debugMode := flag.Bool("debug", false, "run for a debugger, and print how Terraform attaches to it")
	flag.Parse()

	if err := quietSDK(os.LookupEnv, os.Setenv); err != nil {
		log.Fatal(err)
	}
	if percent, ok := gcPercent(os.LookupEnv); ok {
		debug.SetGCPercent(percent)
	}

	err := providerserver.Serve(context.Background(), func() fwprovider.Provider { return provider.New(version, os.LookupEnv) },
		providerserver.ServeOpts{Address: provider.Address, Debug: *debugMode})
	if err != nil {
		log.Fatal(err)
	}
}
