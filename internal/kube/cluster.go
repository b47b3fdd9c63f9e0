// Package kube talks to a Kubernetes API server: the connection, typed
// server-side apply, batched reads, waits that follow watch events, and errors
// told apart by kind. It knows nothing of Terraform.
package kube

import (
	"errors"

	"k8s.io/client-go/rest"
)

// ErrUnknownConnection says that the connection's settings are not known yet,
// as when the cluster is made by the same apply.
var ErrUnknownConnection = errors.New("the connection to the cluster is not known yet")

// Cluster is a connection to one API server.
type Cluster struct {
	config *rest.Config
	id     string
}

// Open returns a Cluster for the connection's settings. It sends no request.
// id names the cluster in identities; when it is empty, the cluster is asked.
func Open(config *rest.Config, id string) (*Cluster, error) {
	return &Cluster{config: config, id: id}, nil
}
