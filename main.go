// Command terraform-provider-sls is a Terraform provider for serverless
// platforms of Knative Serving, Istio and Velero. Terraform starts it.
package main

import (
	"context"
	"flag"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

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

	collectLate(os.LookupEnv)

	server, err := provider.NewServer(version, os.LookupEnv)
	if err != nil {
		log.Fatal(err)
	}
	// Terraform asks for the schema first; it is put together while Terraform and the server are still connecting.
	go func() { _, _ = server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{}) }()

	var options []tf6server.ServeOpt
	if *debugMode {
		options = append(options, tf6server.WithManagedDebug())
	}
	err = tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer { return server }, options...)
	if err != nil {
		log.Fatal(err)
	}
}
