package image

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Libraries lists what a dynamic program needs to run: its loader and its
// shared objects, theirs included. A static program needs none.
func Libraries(program string) ([]string, error) {
	loader, err := interpreter(program)
	if err != nil || loader == "" {
		return nil, err
	}
	found := map[string]bool{loader: true}
	queue := []string{program}
	for len(queue) > 0 {
		names, err := imports(queue[0])
		if err != nil {
			return nil, err
		}
		queue = queue[1:]
		for _, name := range names {
			path, err := locate(name)
			if err != nil {
				return nil, fmt.Errorf("%s needs %w", program, err)
			}
			if filepath.Base(loader) != name && !found[path] {
				found[path] = true
				queue = append(queue, path)
			}
		}
	}
	var all []string
	for path := range found {
		all = append(all, path)
	}
	slices.Sort(all)
	return all, nil
}

func imports(path string) ([]string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer f.Close()
	return f.ImportedLibraries()
}

// interpreter is the program's loader, or nothing for a static program.
func interpreter(path string) (string, error) {
	f, err := elf.Open(path)
	var format *elf.FormatError
	if errors.As(err, &format) || errors.Is(err, io.EOF) {
		return "", nil // no ELF file: a script, or a test's stand-in
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			text, err := io.ReadAll(p.Open())
			return strings.TrimRight(string(text), "\x00"), err
		}
	}
	return "", nil
}

// searched is where Debian and most others keep shared objects.
var searched = []string{"/lib/*-linux-gnu", "/usr/lib/*-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"}

func locate(name string) (string, error) {
	for _, pattern := range searched {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		for _, d := range dirs {
			path := filepath.Join(d, name)
			if _, err := os.Stat(path); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%s, which is in none of %v", name, searched)
}
