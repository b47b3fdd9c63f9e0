package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/image"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/lock"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/store"
)

// Velero's images, as its manifest names them.
const (
	veleroImage    = "velero/velero:v1.18.3"
	awsPluginImage = "velero/velero-plugin-for-aws:v1.14.3"
)

// backups has all ready that clusters are backed up with, which is no cluster's:
// the object store, Velero's images, and its manifest. It prints their folder.
func backups(ctx context.Context, root layout.Root, o options, stdout io.Writer, stderr *os.File) error {
	if o.programs == "" {
		return errUsage("--programs is missing: the folder with velero, velero-plugin-for-aws and " + store.Program)
	}
	held, err := lock.Acquire(ctx, filepath.Join(root.Locks(), "store"), func(holder string) {
		fmt.Fprintf(stderr, "waiting: %s is at work on the object store\n", holder)
	})
	if err != nil {
		return err
	}
	defer held.Release()
	plan, err := address.New(o.name, o.index)
	if err != nil {
		return err
	}
	b, err := newBoot(root, plan)
	if err != nil {
		return err
	}
	w := &work{}
	dir := store.Dir(root.Store())
	registry := w.step("image registry", quiet(b.startRegistry))
	plugin := w.step("build what a plugin's image starts", into(&b.plugin, b.builder.Plugin))
	w.step("object store", quiet(func(ctx context.Context) error {
		return dir.Up(ctx, b.cg, filepath.Join(o.programs, store.Program))
	}))
	images := map[string]string{}
	pushed := w.step("push images of Velero", quiet(func(ctx context.Context) (err error) {
		images, err = b.pushVelero(ctx, o.programs)
		return err
	}), registry, plugin)
	w.step("Velero's manifest", quiet(func(ctx context.Context) error {
		return publishVelero(ctx, root.Store(), filepath.Join(o.programs, "velero"), images)
	}), pushed)
	if err := perform(ctx, stderr, w.all); err != nil {
		return err
	}
	fmt.Fprintln(stdout, root.Store())
	return nil
}

// pushVelero pushes the images that Velero's manifest names.
func (b *boot) pushVelero(ctx context.Context, programs string) (map[string]string, error) {
	server := image.Program(filepath.Join(programs, "velero"), "velero")
	server.As = "/velero" // where its manifest starts it
	if _, err := push(ctx, "velero/velero", "v1.18.3", server, programs); err != nil {
		return nil, err
	}
	const inImage = "/plugins/velero-plugin-for-aws"
	aws := image.Program(filepath.Join(b.plugin, "plugin"), "plugin")
	aws.More = map[string]string{inImage: filepath.Join(programs, "velero-plugin-for-aws")}
	aws.Args = []string{inImage, "/target/velero-plugin-for-aws"}
	// By their tags, which tell the versions: Velero's manifest has no label that would.
	_, err := push(ctx, "velero/velero-plugin-for-aws", "v1.14.3", aws, programs)
	return map[string]string{veleroImage: address.Registry + "/" + veleroImage, awsPluginImage: address.Registry + "/" + awsPluginImage}, err
}

// publishVelero writes Velero's manifest, as velero's own installer makes it, and
// the values that name it and the store.
func publishVelero(ctx context.Context, dir, velero string, images map[string]string) error {
	// It makes a client before it does nothing with it.
	nowhere := filepath.Join(dir, "nowhere.kubeconfig")
	if err := os.WriteFile(nowhere, []byte(`{"apiVersion":"v1","kind":"Config","current-context":"a","contexts":[{"name":"a","context":{"cluster":"a"}}],"clusters":[{"name":"a","cluster":{"server":"https://127.0.0.1:1"}}]}`), 0o600); err != nil {
		return err
	}
	text, err := exec.CommandContext(ctx, velero, "--kubeconfig", nowhere, "install", "--dry-run", "-o", "yaml",
		"--image", veleroImage, "--plugins", awsPluginImage, "--use-volume-snapshots=false",
		"--no-secret", "--no-default-backup-location", // the provider's to make
		"--velero-pod-cpu-request", "10m", "--velero-pod-mem-request", "64Mi").Output()
	if err != nil {
		return fmt.Errorf("velero install --dry-run: %w", err)
	}
	manifest := filepath.Join(dir, "velero.yaml")
	values, err := json.MarshalIndent(map[string]any{
		"velero": map[string]any{"source": manifest, "sha256": fmt.Sprintf("%x", sha256.Sum256(text)), "images": images},
		"store": map[string]any{
			"provider": "aws", "bucket": store.Bucket,
			"config": map[string]string{"region": store.Region, "s3Url": address.Store, "s3ForcePathStyle": "true"},
		},
	}, "", "  ")
	if err != nil {
		return err
	}
	for path, text := range map[string][]byte{manifest: text, filepath.Join(dir, "backups.tfvars.json"): append(values, '\n')} {
		if err := os.WriteFile(path+".partial", text, 0o644); err != nil {
			return err
		}
		if err := os.Rename(path+".partial", path); err != nil {
			return err
		}
	}
	return nil
}
