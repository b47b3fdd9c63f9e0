package image

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// searchPath is where programs of an image of folders are looked for.
const searchPath = "PATH=/usr/local/bin:/usr/bin:/bin"

// Folders makes an image of folders, each of them a layer with its files where
// they are in it. A link stands for the file that it leads to. What programs of
// the host need to run comes with them: their libraries.
func Folders(folders ...string) (v1.Image, error) {
	var layers [][]file
	seen := map[string]bool{}
	for i, folder := range folders {
		files, err := folderFiles(folder, seen)
		if err != nil {
			return nil, fmt.Errorf("image of %s: %w", folder, err)
		}
		if i == 0 {
			files = append(base(), files...)
		}
		layers = append(layers, files)
	}
	return assemble(v1.Config{Env: []string{searchPath}}, layers...)
}

// folderFiles lists a folder's files, and the libraries of those that are
// programs unless they were seen.
func folderFiles(folder string, seen map[string]bool) ([]file, error) {
	var files []file
	libraries := map[string]bool{}
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		mode := int64(info.Mode().Perm())
		if info.IsDir() {
			files = append(files, file{name: name + "/", mode: mode})
			return nil
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is no file", name)
		}
		files = append(files, file{name: name, mode: mode, path: path})
		if mode&0o111 == 0 {
			return nil
		}
		needed, err := Libraries(path)
		for _, library := range needed {
			if !seen[library] {
				seen[library], libraries[library] = true, true
			}
		}
		return err
	})
	for _, library := range slices.Sorted(maps.Keys(libraries)) {
		files = append(files, file{name: library[1:], mode: 0o755, path: library})
	}
	return files, err
}
