package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
)

// Push has repository:tag in the registry and returns the image's name with
// its digest. Where the registry has an image that was made from the same
// inputs, by its key, nothing is built or sent.
func Push(ctx context.Context, repository, tag, key string, build func() (v1.Image, error)) (string, error) {
	return pushTo(ctx, address.RegistryEndpoint, repository, tag, key, build)
}

func pushTo(ctx context.Context, endpoint, repository, tag, key string, build func() (v1.Image, error)) (string, error) {
	repo, err := name.NewRepository(address.Registry+"/"+repository, name.Insecure)
	if err != nil {
		return "", err
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithTransport(dialer(endpoint))}
	marker := repo.Tag("key-" + key)
	digest, err := headAll(marker, repo.Tag(tag), options)
	if err != nil {
		return "", fmt.Errorf("image %s: %w", repo, err)
	}
	if digest != "" {
		return repo.Digest(digest).String(), nil
	}
	img, err := build()
	if err != nil {
		return "", err
	}
	// The key comes last: it stands for all that was sent before it.
	for _, t := range []name.Tag{repo.Tag(tag), marker} {
		if err := remote.Write(t, img, options...); err != nil {
			return "", fmt.Errorf("pushing %s: %w", t, err)
		}
	}
	d, err := img.Digest()
	if err != nil {
		return "", err
	}
	return repo.Digest(d.String()).String(), nil
}

// headAll returns the digest that both tags have, or nothing.
func headAll(a, b name.Tag, options []remote.Option) (string, error) {
	var digests [2]string
	for i, t := range []name.Tag{a, b} {
		d, err := remote.Head(t, options...)
		var refused *transport.Error
		if errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		digests[i] = d.Digest.String()
	}
	if digests[0] != digests[1] {
		return "", nil
	}
	return digests[0], nil
}
