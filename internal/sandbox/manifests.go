package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cachedir"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/pki"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/platform"
)

// manifests has everything ready that the platform is installed from on a
// cluster, and prints the folder of its manifests.
func manifests(ctx context.Context, root layout.Root, o options, stdout io.Writer, stderr *os.File) error {
	plan, err := existing(root, o.name)
	if err != nil {
		return err
	}
	held, err := hold(ctx, root, plan.Name, stderr)
	if err != nil {
		return err
	}
	defer held.Release()
	b, err := newBoot(root, plan)
	if err != nil {
		return err
	}
	if o.previous {
		b.knative = build.Previous
	}
	w := &work{}
	b.supply(w, b.ground(w))
	if err := perform(ctx, stderr, w.all); err != nil {
		return err
	}
	fmt.Fprintln(stdout, b.manifestsDir())
	return nil
}

// manifestsDir is the folder that publish fills.
func (b *boot) manifestsDir() string {
	release := ""
	if b.knative == build.Previous {
		release = "previous"
	}
	return b.cluster.Files.Manifests(release)
}

// render has the manifests that every cluster shares in the cache.
func (b *boot) render(ctx context.Context, say func(string)) error {
	manifests, err := b.builder.Manifests(ctx, b.knative, say)
	if err != nil {
		return err
	}
	// What renders them counts with what they are rendered from.
	key := cachedir.NewKey(filepath.Base(manifests))
	err = key.Files(filepath.Join(b.builder.Source, "platform"), func(path string) bool { return !strings.HasSuffix(path, "_test.go") })
	if err != nil {
		return err
	}
	b.rendered, err = b.builder.Store.Get(ctx, "rendered", key, func(dir string) error { return platform.Render(manifests, dir) })
	return err
}

// publish writes the cluster's own manifests.
func (b *boot) publish(context.Context) error {
	keys, err := b.meshKeys()
	if err != nil {
		return err
	}
	dir := b.cluster.Files.Platform()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if user := b.builder.User; user != nil {
		if err := os.Chown(dir, int(user.Uid), int(user.Gid)); err != nil {
			return err
		}
	}
	return platform.Publish(b.rendered, b.manifestsDir(), keys, b.images, b.builder.User)
}

// meshKeys returns the keys of istiod and of the gateway, which stay the same as
// long as the cluster does.
func (b *boot) meshKeys() (keys platform.Keys, err error) {
	namespace, account := platform.GatewayIdentity()
	dir, err := pki.EnsureMesh(b.cluster.Files.MeshPKI(), namespace, account)
	if err != nil {
		return keys, err
	}
	for path, into := range map[string]*[]byte{
		dir.Cert(pki.CA): &keys.CA, dir.Key(pki.CA): &keys.CAKey, dir.Cert(pki.Gateway): &keys.Gateway, dir.Key(pki.Gateway): &keys.GatewayKey,
	} {
		if *into, err = os.ReadFile(path); err != nil {
			return keys, err
		}
	}
	return keys, nil
}
