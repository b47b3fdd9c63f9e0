// Package store runs the object store that backups are kept in. Like the image
// registry it is no cluster's, and outlives each of them.
package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/confine"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/network"
)

// Bucket is the bucket that there is.
const Bucket = "backups"

// Region is what the store takes itself to be in.
const Region = "us-east-1"

// Program is the name of the store's program.
const Program = "versitygw"

// starting is how long the store may take to listen.
const starting = 20 * time.Second

// Dir is the store's folder.
type Dir string

func (d Dir) room() confine.Room { return confine.Room{Cgroup: address.StoreCgroup, Dir: string(d)} }

// Credentials is the file with the store's keys, as AWS's tools and Velero read it.
func (d Dir) Credentials() string { return filepath.Join(string(d), "credentials") }

// Log is the store's log.
func (d Dir) Log() string { return filepath.Join(string(d), "store.log") }

func (d Dir) data() string { return filepath.Join(string(d), "data") }

// Up has the store running: program, on the address of the sandbox's own services.
func (d Dir) Up(ctx context.Context, h cgroup.Hierarchies, program string) error {
	if err := os.MkdirAll(filepath.Join(d.data(), Bucket), 0o755); err != nil {
		return err
	}
	access, secret, err := d.keys()
	if err != nil {
		return err
	}
	if err := network.RegistryUp(); err != nil {
		return err
	}
	if err := h.Create(address.StoreCgroup); err != nil {
		return err
	}
	p := confine.Program{
		Name: Program, Path: program, Log: d.Log(),
		Args: []string{"--port", address.StoreEndpoint, "--quiet", "posix", d.data()},
		// Not as arguments, which anybody may read.
		Env: []string{"ROOT_ACCESS_KEY=" + access, "ROOT_SECRET_KEY=" + secret},
	}
	if _, err := d.room().Ensure(ctx, h, p); err != nil {
		return err
	}
	return d.await(ctx, h)
}

// keys returns the store's keys, which are made when it is.
func (d Dir) keys() (access, secret string, err error) {
	text, err := os.ReadFile(d.Credentials())
	if errors.Is(err, fs.ErrNotExist) {
		text = fmt.Appendf(nil, "[default]\naws_access_key_id=%s\naws_secret_access_key=%s\n", rand.Text(), rand.Text())
		if err := os.WriteFile(d.Credentials(), text, 0o600); err != nil {
			return "", "", err
		}
	} else if err != nil {
		return "", "", err
	}
	for line := range strings.Lines(string(text)) {
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), "="); name {
		case "aws_access_key_id":
			access = value
		case "aws_secret_access_key":
			secret = value
		}
	}
	if access == "" || secret == "" {
		return "", "", fmt.Errorf("%s has no keys: remove it", d.Credentials())
	}
	return access, secret, nil
}

func (d Dir) await(ctx context.Context, h cgroup.Hierarchies) error {
	ctx, cancel := context.WithTimeout(ctx, starting)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		pids, err := d.room().Processes(h, Program)
		if err != nil {
			return err
		}
		if len(pids) == 0 {
			return fmt.Errorf("the object store ended as soon as it was started; is %s somebody else's? See %s", address.StoreEndpoint, d.Log())
		}
		if connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address.StoreEndpoint); err == nil {
			return connection.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the object store does not answer at %s: see %s", address.StoreEndpoint, d.Log())
		case <-tick.C:
		}
	}
}

// Down ends the store, and removes what is in it: the backups of clusters that are
// no more.
func (d Dir) Down(ctx context.Context, h cgroup.Hierarchies) error {
	if err := h.Kill(ctx, address.StoreCgroup); err != nil {
		return fmt.Errorf("ending the object store: %w", err)
	}
	if err := h.Remove(ctx, address.StoreCgroup); err != nil {
		return err
	}
	return os.RemoveAll(string(d))
}
