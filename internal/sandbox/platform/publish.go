package platform

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
)

// ValuesFile is the name of the file with the values of examples/platform that
// install what is published beside it.
const ValuesFile = "platform.tfvars.json"

// values are the variables of examples/platform.
type values struct {
	Manifests map[string]manifest `json:"manifests"`
	Config    map[string]any      `json:"config"`
}

type manifest struct {
	Source string            `json:"source"`
	SHA256 string            `json:"sha256"`
	Images map[string]string `json:"images,omitempty"`
}

// config is what the sandbox sets by sls_platform_config.
func config() map[string]any {
	return map[string]any{
		"domain": map[string]any{address.Domain: map[string]any{}},
		// A hundred applications fit on a machine of two cores.
		"deployment": map[string]any{"queue_sidecar_cpu_request": "5m"},
		// Applications may be deployed without starting a pod.
		"autoscaler": map[string]any{"allow_zero_initial_scale": true},
	}
}

// Publish writes the manifests of one cluster to dir: those that Render left in
// rendered, with the cluster's own keys, and the values that install them.
// They belong to the user for whom root works, if any.
func Publish(rendered, dir string, keys Keys, images Images, user *syscall.Credential) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	all := values{Manifests: map[string]manifest{}, Config: config()}
	for _, c := range components {
		text, err := os.ReadFile(filepath.Join(rendered, c.file))
		if err != nil {
			return err
		}
		mode := os.FileMode(0o644)
		if c.secrets != nil {
			more, err := encode(c.secrets(keys))
			if err != nil {
				return err
			}
			text, mode = append(text, more...), 0o600
		}
		path := filepath.Join(dir, c.file)
		if err := write(path, text, mode, user); err != nil {
			return err
		}
		all.Manifests[c.input] = manifest{Source: path, SHA256: fmt.Sprintf("%x", sha256.Sum256(text)), Images: images.of(text)}
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	// Last: what it names is there.
	return write(filepath.Join(dir, ValuesFile), append(text, '\n'), 0o644, user)
}

// write writes a file as a whole or not at all, and never readable for others
// than it is meant for.
func write(path string, text []byte, mode os.FileMode, user *syscall.Credential) error {
	partial := path + ".partial"
	if err := os.RemoveAll(partial); err != nil { // with another mode, maybe
		return err
	}
	if err := os.WriteFile(partial, text, mode); err != nil {
		return err
	}
	if user != nil {
		if err := os.Chown(partial, int(user.Uid), int(user.Gid)); err != nil {
			return err
		}
	}
	return os.Rename(partial, path)
}
