package registry_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// bucket is the one that the registry keeps everything in.
const bucket = "registry"

// registry is boring-registry over an object store, for one test. Both speak TLS
// only, under an authority of the test's own.
type registry struct {
	host        string // as addresses name it
	authorities string // path, PEM

	program string
	env     []string
	objects string // the folder that the store keeps the bucket in
}

// newRegistry starts a registry that knows the keys of the signers and has
// nothing else. It ends with the test.
func newRegistry(t *testing.T, signers ...*openpgp.Entity) *registry {
	t.Helper()
	if os.Getenv("SLS_PUBLISH") == "" {
		t.Skip("SLS_PUBLISH is not set: a registry takes minutes to compile, see make testacc-registry")
	}
	program := acctest.ClientProgram(t, "boring-registry")
	authority := newAuthority(t)
	store, access, secret := acctest.FreeAddress(t), rand.Text(), rand.Text()
	data := t.TempDir()
	// With a dot, and so no localhost: an address of a module takes no other host.
	r := &registry{
		host: acctest.FreeAddress(t), authorities: authority.certificate, program: program,
		objects: filepath.Join(data, bucket),
		// Settings that a person has for AWS are none of the registry's.
		env: []string{
			"HOME=" + t.TempDir(),
			"SSL_CERT_FILE=" + authority.certificate,
			"AWS_ACCESS_KEY_ID=" + access, "AWS_SECRET_ACCESS_KEY=" + secret,
			"BORING_REGISTRY_STORAGE_S3_BUCKET=" + bucket,
			"BORING_REGISTRY_STORAGE_S3_REGION=us-east-1",
			"BORING_REGISTRY_STORAGE_S3_ENDPOINT=https://" + store,
			"BORING_REGISTRY_STORAGE_S3_PATHSTYLE=true",
		},
	}

	// A bucket is a folder of the store's.
	keys := filepath.Join(r.objects, "providers", namespace)
	if err := os.MkdirAll(keys, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(keys, "signing-keys.json"), signingKeys(t, signers))

	gateway := exec.Command(filepath.Join(filepath.Dir(program), "versitygw"), //nolint:noctx // ended with the test
		"--port", store, "--cert", authority.serverCertificate, "--key", authority.serverKey, "posix", data)
	gateway.Env = []string{"ROOT_ACCESS_KEY=" + access, "ROOT_SECRET_KEY=" + secret}
	acctest.StartService(t, "the object store", gateway)
	acctest.AwaitListener(t, store)

	server := exec.Command(program, "server", //nolint:noctx // as above
		"--listen-address", r.host, "--listen-telemetry-address", acctest.FreeAddress(t),
		"--tls-cert-file", authority.serverCertificate, "--tls-key-file", authority.serverKey)
	server.Env = r.env
	acctest.StartService(t, "the registry", server)
	acctest.AwaitListener(t, r.host)
	t.Logf("boring-registry is at https://%s, over S3 at https://%s", r.host, store)
	return r
}

// signingKeys is the registry's file of whom it believes.
func signingKeys(t *testing.T, signers []*openpgp.Entity) []byte {
	t.Helper()
	type key struct {
		ID    string `json:"key_id"`
		Armor string `json:"ascii_armor"`
	}
	var keys []key
	for _, signer := range signers {
		keys = append(keys, key{signer.PrimaryKey.KeyIdString(), publicKey(t, signer)})
	}
	text, err := json.Marshal(map[string]any{"gpg_public_keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// provider returns the address of the provider.
func (r *registry) provider() string { return r.host + "/" + namespace + "/sls" }

// module returns the address of a module.
func (r *registry) module(name string) string { return r.host + "/" + namespace + "/" + name + "/sls" }

// upload publishes something as its maintainer does, and returns what the
// registry's own client says.
func (r *registry) upload(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), r.program, append([]string{"upload"}, arguments...)...)
	command.Env = r.env
	output, err := command.CombinedOutput()
	t.Logf("$ boring-registry upload %s\n%s", arguments[0], output)
	return string(output), err
}

// publish publishes the provider.
func (r *registry) publish(t *testing.T, of release) {
	t.Helper()
	if output, err := r.uploadProvider(t, of); err != nil {
		t.Fatalf("publishing the provider %s: %s\n%s", of.version, err, output)
	}
}

func (r *registry) uploadProvider(t *testing.T, of release) (string, error) {
	t.Helper()
	return r.upload(t, "provider", "--namespace", namespace, "--filename-sha256sums", of.sums())
}

// publishModules publishes all modules of the checkout, and returns their names.
func (r *registry) publishModules(t *testing.T, version string) []string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "modules")
	command := exec.CommandContext(t.Context(), filepath.Join(root, ".ci", "package-modules"), dir, version, r.host)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf(".ci/package-modules: %s\n%s", err, output)
	}
	if output, err := r.upload(t, "module", "--ignore-existing=false", dir); err != nil {
		t.Fatalf("publishing the modules %s: %s\n%s", version, err, output)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// tamper puts files of a release in the place of the published ones, behind the
// registry's back: as who has got hold of the store can.
func (r *registry) tamper(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		published := filepath.Join(r.objects, "providers", namespace, "sls", filepath.Base(path))
		was, err := os.ReadFile(published)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(was, content) {
			t.Fatalf("%s is what was published", filepath.Base(path))
		}
		// Another file: what the store notes beside the old one goes with it.
		if err := os.Remove(published); err != nil {
			t.Fatal(err)
		}
		write(t, published, content)
	}
}
