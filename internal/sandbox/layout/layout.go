// Package layout says where the sandbox keeps its files: builds and run-time
// state, all under one folder outside the checkout.
package layout

import (
	"fmt"
	"os"
	"path/filepath"
)

// Env is the environment variable that names the folder.
const Env = "SLS_CACHE"

// maxRoot keeps the paths of Unix sockets below the kernel's limit of 107
// bytes: the longest of them is made by the kubelet inside a cluster's
// folder.
const maxRoot = 60

// Root is the folder that holds everything.
type Root string

// Find resolves the folder: $SLS_CACHE, else $XDG_CACHE_HOME or ~/.cache
// with the project's name.
func Find(getenv func(string) string) (Root, error) {
	dir := getenv(Env)
	if dir == "" {
		base := getenv("XDG_CACHE_HOME")
		if base == "" {
			home := getenv("HOME")
			if home == "" {
				return "", fmt.Errorf("no folder for caches: set %s (HOME is not set either)", Env)
			}
			base = filepath.Join(home, ".cache")
		}
		dir = filepath.Join(base, "terraform-provider-sls")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("folder for caches: %w", err)
	}
	if len(dir) > maxRoot {
		return "", fmt.Errorf("the folder for caches, %s, has a path of %d bytes; sockets inside need it to be at most %d: set %s to a shorter one", dir, len(dir), maxRoot, Env)
	}
	return Root(dir), nil
}

func (r Root) path(elem ...string) string {
	return filepath.Join(append([]string{string(r)}, elem...)...)
}

// Builds holds what was compiled, rendered and fetched; each entry is named
// by a hash of its inputs.
func (r Root) Builds() string { return r.path("builds") }

// Logs holds the logs of builds.
func (r Root) Logs() string { return r.path("logs") }

// Locks holds lock files.
func (r Root) Locks() string { return r.path("locks") }

// Registry holds the image registry's blobs and manifests.
func (r Root) Registry() string { return r.path("registry") }

// Store holds the object store for backups, and what Velero is installed from.
func (r Root) Store() string { return r.path("store") }

// Clusters holds a folder for each cluster.
func (r Root) Clusters() string { return r.path("clusters") }

// Cluster is the folder of the cluster called name.
func (r Root) Cluster(name string) Cluster { return Cluster(r.path("clusters", name)) }

// ClusterNames lists the clusters that have a folder.
func (r Root) ClusterNames() ([]string, error) {
	entries, err := os.ReadDir(r.Clusters())
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Cluster is one cluster's folder. All of it goes when the cluster goes.
type Cluster string

func (c Cluster) path(elem ...string) string {
	return filepath.Join(append([]string{string(c)}, elem...)...)
}

// Record is the file that says which cluster this is.
func (c Cluster) Record() string { return c.path("cluster.json") }

// PKI holds keys and certificates.
func (c Cluster) PKI() string { return c.path("pki") }

// MeshPKI holds the keys and certificates of Istio's mesh.
func (c Cluster) MeshPKI() string { return c.path("mesh-pki") }

// Kubeconfig is the administrator's kubeconfig: what users and tests get.
func (c Cluster) Kubeconfig() string { return c.path("kubeconfig") }

// Platform belongs to the user: what installs the platform, and remembers what
// it has installed.
func (c Cluster) Platform() string { return c.path("platform") }

// Manifests holds the platform's manifests for this cluster; release tells
// them from those of other versions, and is empty for the current one.
func (c Cluster) Manifests(release string) string {
	if release != "" {
		release = "-" + release
	}
	return c.path("platform", "manifests"+release)
}

// AuditLog is the API server's audit log.
func (c Cluster) AuditLog() string { return c.path("logs", "audit.log") }

// Etcd is etcd's data.
func (c Cluster) Etcd() string { return c.path("etcd") }
