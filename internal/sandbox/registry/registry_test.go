package registry

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
)

// serve serves dir as a registry until the returned function is called, and
// returns its address.
func serve(t *testing.T, dir string) (string, func()) {
	t.Helper()
	s, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), server.Close
}

func reference(t *testing.T, endpoint, ref string) name.Reference {
	t.Helper()
	r, err := name.ParseReference(endpoint + "/" + ref)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestImagesOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	endpoint, stop := serve(t, dir)
	img, err := random.Image(1000, 2)
	if err != nil {
		t.Fatal(err)
	}
	index, err := random.Index(500, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(reference(t, endpoint, "a/b:v1"), img); err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(reference(t, endpoint, "index:v1"), index); err != nil {
		t.Fatal(err)
	}
	stop()

	endpoint, _ = serve(t, dir)
	got, err := remote.Image(reference(t, endpoint, "a/b:v1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(got); err != nil {
		t.Error(err)
	}
	want, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Head(reference(t, endpoint, "a/b@"+want.String())); err != nil {
		t.Errorf("by digest: %v", err)
	}
	// Its manifest refers to others, whatever order they are read in.
	if _, err := remote.Index(reference(t, endpoint, "index:v1")); err != nil {
		t.Errorf("an index is gone: %v", err)
	}
}

func TestDeletedStaysDeleted(t *testing.T) {
	dir := t.TempDir()
	endpoint, stop := serve(t, dir)
	img, err := random.Image(100, 1)
	if err != nil {
		t.Fatal(err)
	}
	ref := reference(t, endpoint, "app:v1")
	if err := remote.Write(ref, img); err != nil {
		t.Fatal(err)
	}
	if err := remote.Delete(ref); err != nil {
		t.Fatal(err)
	}
	stop()
	endpoint, _ = serve(t, dir)
	if _, err := remote.Head(reference(t, endpoint, "app:v1")); err == nil {
		t.Error("a deleted tag came back")
	}
}

func TestRefusedManifestIsNotKept(t *testing.T) {
	dir := t.TempDir()
	endpoint, _ := serve(t, dir)
	// An index of something that isn't there.
	body := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":"sha256:` + strings.Repeat("0", 64) + `"}]}`
	r, err := http.NewRequest(http.MethodPut, "http://"+endpoint+"/v2/app/manifests/v1", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/vnd.oci.image.index.v1+json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode == http.StatusCreated {
		t.Fatalf("the registry answers %s", answer.Status)
	}
	if notes, err := filepath.Glob(filepath.Join(dir, "manifests", "*")); err != nil || len(notes) > 0 {
		t.Errorf("kept %v, %v", notes, err)
	}
}

func TestLostBlobsDoNotStopTheRegistry(t *testing.T) {
	dir := t.TempDir()
	endpoint, stop := serve(t, dir)
	index, err := random.Index(100, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(reference(t, endpoint, "app:v1"), index); err != nil {
		t.Fatal(err)
	}
	stop()
	notes, err := filepath.Glob(filepath.Join(dir, "manifests", "*.json"))
	if err != nil || len(notes) < 2 {
		t.Fatalf("kept %v, %v", notes, err)
	}
	// Half of them go: one way or the other the index lacks something.
	if err := os.Remove(notes[0]); err != nil {
		t.Fatal(err)
	}
	serve(t, dir)
}

func TestPushBuildsOnlyWhatIsMissing(t *testing.T) {
	endpoint, _ := serve(t, t.TempDir())
	built := 0
	push := func(tag, key string) string {
		t.Helper()
		got, err := pushTo(t.Context(), endpoint, "hello", tag, key, func() (v1.Image, error) {
			built++
			return random.Image(100, 1)
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := push("v1", "1111")
	if !strings.HasPrefix(first, address.Registry+"/hello@sha256:") {
		t.Errorf("named %s", first)
	}
	if again := push("v1", "1111"); again != first || built != 1 {
		t.Errorf("the same inputs: %s, then %s, built %d times", first, again, built)
	}
	if changed := push("v1", "2222"); changed == first || built != 2 {
		t.Errorf("other inputs: %s, then %s, built %d times", first, changed, built)
	}
	// The tag has moved on since: what has the key is not what the tag names.
	push("v1", "1111")
	if built != 3 {
		t.Errorf("built %d times: the tag names an image of other inputs", built)
	}
}

func TestPushTellsWhatFailed(t *testing.T) {
	endpoint, _ := serve(t, t.TempDir())
	boom := errors.New("boom")
	if _, err := pushTo(t.Context(), endpoint, "hello", "v1", "k", func() (v1.Image, error) { return nil, boom }); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
}
