package kube

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/version"
)

// Version returns the version of the API server as it names itself, such as
// v1.35.4. Every authenticated user may ask for it, unless the cluster's owner
// took that away.
func (c *Cluster) Version(ctx context.Context) (string, error) {
	body, err := c.raw.Get().AbsPath("/version").DoRaw(ctx)
	if err != nil {
		return "", err
	}
	var info version.Info
	if err := json.Unmarshal(body, &info); err != nil {
		return "", fmt.Errorf("the API server's answer to /version: %w", err)
	}
	return info.GitVersion, nil
}
