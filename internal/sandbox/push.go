package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cachedir"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/image"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/registry"
)

// push has an image of a built program in the registry. The key of a build
// is the last part of its folder's name.
func push(ctx context.Context, repository, tag string, spec image.Spec, buildDir string) (string, error) {
	key := cachedir.NewKey(filepath.Base(buildDir), fmt.Sprintf("%+v", spec), image.Format).String()
	return registry.Push(ctx, repository, tag, key, func() (v1.Image, error) { return image.Build(spec) })
}

// pushProgram pushes the image of a program of that name.
func pushProgram(ctx context.Context, repository, tag, program, buildDir string) (string, error) {
	return push(ctx, repository, tag, image.Program(filepath.Join(buildDir, program), program), buildDir)
}

func (b *boot) pushKubernetes(ctx context.Context) (err error) {
	if _, err = pushProgram(ctx, "kubernetes/pause", "v1", "pause", b.platform); err != nil {
		return err
	}
	b.coreDNS, err = pushProgram(ctx, "kubernetes/coredns", "v1.15.0", "coredns", b.platform)
	return err
}

func (b *boot) pushKnative(ctx context.Context) (err error) {
	programs := b.platform
	if b.knativePrograms != "" {
		programs = b.knativePrograms
	}
	b.images.Knative = map[string]string{}
	for _, program := range build.KnativePrograms {
		if b.images.Knative[program], err = pushProgram(ctx, "knative/"+program, b.knative.Version, program, programs); err != nil {
			return err
		}
	}
	b.images.NetGatewayAPI, err = push(ctx, "knative/net-gateway-api", "v0.48.0", image.Program(filepath.Join(b.platform, "net-gateway-api"), "controller"), b.platform)
	return err
}

func (b *boot) pushIstio(ctx context.Context) (err error) {
	if b.images.Istiod, err = pushProgram(ctx, "istio/pilot", "v"+build.Istio, "pilot-discovery", b.istio); err != nil {
		return err
	}
	b.images.Envoy, err = push(ctx, "envoy/envoy", "v1.40.0", image.Program(b.envoy, "envoy"), filepath.Dir(b.envoy))
	return err
}

func (b *boot) pushHello(ctx context.Context) error {
	for _, v := range build.HelloVersions {
		if _, err := push(ctx, "hello", v, image.Program(filepath.Join(b.hello, "hello-"+v), "hello"), b.hello); err != nil {
			return err
		}
	}
	return nil
}

// pushFolders pushes an image of folders, and prints its name. Its digest is its
// key: what it is made of is small enough to be read each time.
func pushFolders(ctx context.Context, operands []string, stdout io.Writer) error {
	if len(operands) < 2 {
		return errUsage("an image is made of a NAME:TAG and folders")
	}
	repository, tag, ok := strings.Cut(operands[0], ":")
	if !ok || repository == "" || tag == "" {
		return errUsage(operands[0] + " is no NAME:TAG")
	}
	made, err := image.Folders(operands[1:]...)
	if err != nil {
		return err
	}
	digest, err := made.Digest()
	if err != nil {
		return err
	}
	name, err := registry.Push(ctx, repository, tag, digest.Hex, func() (v1.Image, error) { return made, nil })
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, name)
	return err
}
