package kube

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNotConfigured says that nothing names a cluster to connect to: no setting,
// no kubeconfig file, no pod's service account.
var ErrNotConfigured = errors.New("no cluster is configured")

var errNoPEM = errors.New("it holds no certificate in PEM form")

// SettingError says that one of a Connection's settings cannot be used.
type SettingError struct {
	Setting string // argument's name, such as "host"
	Origin  string // where its value came from, such as "KUBE_HOST"; Setting when it is the argument itself
	Err     error
}

func (e *SettingError) Error() string { return fmt.Sprintf("%s: %s", e.Origin, e.Err) }
func (e *SettingError) Unwrap() error { return e.Err }

// FileError says that a kubeconfig file, or a file that it names, cannot be
// read or understood.
type FileError struct {
	Paths  []string // as they were given; none for a pod's service account
	Origin string   // what named them, such as "config_path"
	Err    error
}

func (e *FileError) Error() string {
	if len(e.Paths) == 0 {
		return fmt.Sprintf("%s: %s", e.Origin, e.Err)
	}
	return fmt.Sprintf("kubeconfig %s (set by %s): %s", strings.Join(e.Paths, ", "), e.Origin, e.Err)
}
func (e *FileError) Unwrap() error { return e.Err }

// EntryError says that the kubeconfig files have no context, cluster or user of
// a name.
type EntryError struct {
	Kind      string   // context, cluster or user
	Name      string   // empty: none is named, and the files choose none
	Origin    string   // what chooses another
	Paths     []string // files that were read
	Available []string // names that they have, sorted
}

func (e *EntryError) Error() string {
	return fmt.Sprintf("no %s %q in kubeconfig %s", e.Kind, e.Name, strings.Join(e.Paths, ", "))
}

// CredentialError says that the program that provides the credential failed.
type CredentialError struct {
	Command string
	Err     error
}

func (e *CredentialError) Error() string {
	return fmt.Sprintf("credential plugin %s: %s", e.Command, e.Err)
}
func (e *CredentialError) Unwrap() error { return e.Err }

// origin returns where a setting's value came from.
func (c Connection) origin(setting string) string {
	if origin, ok := c.Origins[setting]; ok {
		return origin
	}
	return setting
}

func (c Connection) settingError(setting string, err error) error {
	return &SettingError{Setting: setting, Origin: c.origin(setting), Err: err}
}

func (c Connection) entryError(kind, setting, name string, available []string) error {
	return &EntryError{Kind: kind, Name: name, Origin: c.origin(setting), Paths: c.paths(), Available: available}
}
