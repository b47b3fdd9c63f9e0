package pki

import (
	"fmt"
	"net/url"
)

// Gateway names the files of Istio's ingress gateway.
const Gateway = "gateway"

// EnsureMesh makes the keys by which istiod and the gateway know one another,
// unless they are there: istiod hands the certificates of hosts only to who
// shows that it is the gateway.
func EnsureMesh(dir, namespace, account string) (Dir, error) {
	return ensure(dir, func(d Dir) error {
		ca, key, err := d.authority("Istio CA")
		if err != nil {
			return err
		}
		identity := &url.URL{Scheme: "spiffe", Host: "cluster.local", Path: fmt.Sprintf("/ns/%s/sa/%s", namespace, account)}
		return d.issue(subject{file: Gateway, name: account, uris: []*url.URL{identity}}, ca, key)
	})
}
