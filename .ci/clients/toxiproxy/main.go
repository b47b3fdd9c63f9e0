// Toxiproxy stands between the provider and an API server and spoils their connections, as it is told over its own
// HTTP API. It listens at the address that it is called with, and ends with its standard input: with the test that
// started it, however that ends.
package main

import (
	"io"
	"net"
	"os"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

func main() {
	log := zerolog.New(os.Stderr).Level(zerolog.WarnLevel)
	if len(os.Args) != 2 {
		log.Fatal().Msg("usage: toxiproxy HOST:PORT")
	}
	host, port, err := net.SplitHostPort(os.Args[1])
	if err != nil {
		log.Fatal().Err(err).Send()
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), log).Listen(host, port)
}
