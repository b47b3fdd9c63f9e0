package kube

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// paths returns the kubeconfig files to read, as they were given.
func (c Connection) paths() []string {
	if c.ConfigPath != "" {
		return []string{c.ConfigPath}
	}
	return slices.DeleteFunc(slices.Clone(c.ConfigPaths), func(path string) bool { return path == "" })
}

// podOrigin is where a pod's own connection comes from.
const podOrigin = "the pod's service account"

// pathsOrigin returns what named the files that base reads.
func (c Connection) pathsOrigin() string {
	switch {
	case c.ConfigPath != "":
		return c.origin("config_path")
	case len(c.paths()) > 0:
		return c.origin("config_paths")
	}
	return podOrigin
}

// fromKubeconfig returns the cluster and the user that the files' context
// chooses. Every file must be there: kubectl's way of skipping a missing one
// hides a mistyped path behind an unknown context.
func (c Connection) fromKubeconfig() (*clientcmdapi.Cluster, *clientcmdapi.AuthInfo, error) {
	config, err := c.readKubeconfig()
	if err != nil {
		return nil, nil, err
	}

	name := c.ConfigContext
	if name == "" {
		name = config.CurrentContext
	}
	context := clientcmdapi.NewContext()
	if found, ok := config.Contexts[name]; ok {
		context = found
	} else if name != "" || (c.Host == "" && c.ConfigContextCluster == "") {
		return nil, nil, c.entryError("context", "config_context", name, keys(config.Contexts))
	}
	if c.ConfigContextCluster != "" {
		context.Cluster = c.ConfigContextCluster
	}
	if c.ConfigContextAuthInfo != "" {
		context.AuthInfo = c.ConfigContextAuthInfo
	}

	cluster, user := clientcmdapi.NewCluster(), clientcmdapi.NewAuthInfo()
	if context.Cluster != "" {
		found, ok := config.Clusters[context.Cluster]
		if !ok {
			return nil, nil, c.entryError("cluster", "config_context_cluster", context.Cluster, keys(config.Clusters))
		}
		cluster = found
	}
	if context.AuthInfo != "" {
		found, ok := config.AuthInfos[context.AuthInfo]
		if !ok {
			return nil, nil, c.entryError("user", "config_context_auth_info", context.AuthInfo, keys(config.AuthInfos))
		}
		user = found
	}
	return cluster, user, nil
}

func (c Connection) readKubeconfig() (*clientcmdapi.Config, error) {
	var paths []string
	for _, given := range c.paths() {
		path, err := expandHome(given)
		if err == nil {
			// Read each file on its own first: the loader skips missing files
			// and joins the errors of the others into one text.
			_, err = clientcmd.LoadFromFile(path)
		}
		if err != nil {
			return nil, &FileError{Paths: []string{given}, Origin: c.pathsOrigin(), Err: err}
		}
		paths = append(paths, path)
	}
	config, err := (&clientcmd.ClientConfigLoadingRules{Precedence: paths}).Load()
	if err != nil {
		return nil, &FileError{Paths: c.paths(), Origin: c.pathsOrigin(), Err: err}
	}
	return config, nil
}

// expandHome replaces a leading ~ by the user's home directory, which in a
// provider's argument no shell does.
func expandHome(path string) (string, error) {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || (rest != "" && !os.IsPathSeparator(rest[0])) {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, rest), nil
}

func keys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
