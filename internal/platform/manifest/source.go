// Package manifest reads release manifests, as Knative, Istio or Velero publish
// them, and makes of them the objects that a cluster is to have: namespaces
// filled in, images rewritten, labels stamped, sorted into stages. It asks no
// cluster, so that a plan needs none.
package manifest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// mostBytes bounds a manifest: Istio's and Knative's are below 2 MiB, and an
	// address that leads to something else must not fill the memory.
	mostBytes = 64 << 20
	// fetchTime bounds the download of a manifest.
	fetchTime = 2 * time.Minute
)

// Content is a manifest as it was read, not yet parsed.
type Content struct {
	Files []File
	// Digest is the SHA-256 of the bytes, in hexadecimal digits. A directory's
	// is that of the list that `sha256sum` prints of its files, in the order of
	// their paths.
	Digest string
}

// File is one file of a manifest.
type File struct {
	Name string // for messages: a path below the directory, or the source itself
	Data []byte
}

// Error is what is wrong with a manifest, in words for who wrote the
// configuration.
type Error struct {
	Attribute string // the resource's attribute that is at fault
	Summary   string
	Detail    string // what happened, and the way out
}

func (e *Error) Error() string { return e.Summary + ": " + e.Detail }

// IsURL reports whether a source is downloaded.
func IsURL(source string) bool {
	return strings.HasPrefix(source, "https://") || strings.HasPrefix(source, "http://")
}

// Inline returns a manifest that is given as text.
func Inline(text string) *Content {
	return &Content{Files: []File{{Name: "manifest", Data: []byte(text)}}, Digest: digestOf([]byte(text))}
}

// Load reads a manifest from a file, a directory or a URL. Its errors are *Error.
func Load(ctx context.Context, source string) (*Content, error) {
	if IsURL(source) {
		return download(ctx, source)
	}
	info, err := os.Stat(source)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, sourceError("The manifest does not exist", fmt.Sprintf("There is no file or directory %q. "+
			"Paths are relative to the folder that Terraform runs in: in a module, begin them with path.module.", source))
	case err != nil:
		return nil, sourceError("The manifest can't be read", err.Error())
	case info.IsDir():
		return directory(source)
	}
	data, err := readFile(source)
	if err != nil {
		return nil, err
	}
	return &Content{Files: []File{{Name: source, Data: data}}, Digest: digestOf(data)}, nil
}

func sourceError(summary, detail string) *Error {
	return &Error{Attribute: "source", Summary: summary, Detail: detail}
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, sourceError("The manifest can't be read", err.Error())
	}
	defer file.Close()
	return readAll(file, path)
}

func readAll(from io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, mostBytes+1))
	if err != nil {
		return nil, sourceError("The manifest can't be read", fmt.Sprintf("Reading %s: %s.", name, err))
	}
	if len(data) > mostBytes {
		return nil, sourceError("This is no manifest", fmt.Sprintf("%s has more than %d MiB.", name, mostBytes>>20))
	}
	return data, nil
}

// extensions are those of the files of a directory that belong to a manifest.
var extensions = []string{".yaml", ".yml", ".json"}

// directory reads the manifests below a directory, in the order of their paths.
func directory(root string) (*Content, error) {
	content := &Content{}
	list := sha256.New()
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains(extensions, filepath.Ext(path)) {
			relative, relErr := filepath.Rel(root, path)
			paths, err = append(paths, filepath.ToSlash(relative)), relErr
		}
		return err
	})
	if err != nil {
		return nil, sourceError("The manifest can't be read", err.Error())
	}
	slices.Sort(paths)
	for _, path := range paths {
		data, err := readFile(filepath.Join(root, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		content.Files = append(content.Files, File{Name: path, Data: data})
		fmt.Fprintf(list, "%s  %s\n", digestOf(data), path)
	}
	if len(content.Files) == 0 {
		return nil, sourceError("The directory holds no manifest", fmt.Sprintf("Below %q there is no file that ends with %s.", root, strings.Join(extensions, ", ")))
	}
	content.Digest = hex.EncodeToString(list.Sum(nil))
	return content, nil
}

// download fetches a manifest. Proxies are those of the environment.
func download(ctx context.Context, source string) (*Content, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return nil, sourceError("This is no URL", err.Error())
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if inner := (*url.Error)(nil); errors.As(err, &inner) {
			err = inner.Err // the rest repeats the URL, which may hold a password
		}
		return nil, sourceError("The manifest can't be downloaded", fmt.Sprintf("GET %s: %s.\n\n"+
			"Check the URL, and HTTPS_PROXY if there is a proxy. Where the network does not reach it, keep the file beside the configuration, and name its path as the source.", request.URL.Redacted(), err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, sourceError("The manifest can't be downloaded", fmt.Sprintf("GET %s: the server answers %s.\n\n"+
			"Check the URL: a release that was withdrawn, a version that does not exist, or a file of another name answer so.", request.URL.Redacted(), response.Status))
	}
	data, err := readAll(response.Body, request.URL.Redacted())
	if err != nil {
		return nil, err
	}
	return &Content{Files: []File{{Name: request.URL.Redacted(), Data: data}}, Digest: digestOf(data)}, nil
}

// Verify compares the content with the checksum that it should have.
func (c *Content) Verify(sha256 string) error {
	if sha256 == "" || strings.EqualFold(sha256, c.Digest) {
		return nil
	}
	return &Error{
		Attribute: "sha256",
		Summary:   "The manifest has another checksum",
		Detail: fmt.Sprintf("The source has the SHA-256 %s, and the configuration wants %s.\n\n"+
			"If the source was changed on purpose, such as for another version, look at what changed and write the new checksum down. Otherwise somebody has put something else in its place.",
			c.Digest, strings.ToLower(sha256)),
	}
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
