// Package privilege gets the sandbox the rights that it needs: those of root,
// for network namespaces and containers.
package privilege

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrNoWay says that there is neither root nor sudo.
var ErrNoWay = errors.New(`the sandbox needs root, for network namespaces and containers, and there is no sudo here: run it as root,
or use a cluster of your own in its place by setting SLS_KUBECONFIG to its kubeconfig`)

// Ensure returns when this process is root's. Otherwise it says so and
// becomes the same command under sudo; it returns only if that fails. The
// variables of set are set there.
func Ensure(stderr io.Writer, environ []string, set map[string]string) error {
	if os.Geteuid() == 0 {
		return nil
	}
	sudo, err := exec.LookPath("sudo")
	if err != nil {
		return ErrNoWay
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Fprintln(stderr, "the sandbox needs root, for network namespaces and containers: asking sudo")
	return fmt.Errorf("sudo: %w", unix.Exec(sudo, sudoArgs(self, os.Args[1:], environ, set), environ))
}

// kept are the variables, by the beginning of their names, that builds need.
// They pass by name, so that their values show in no list of processes.
var kept = []string{"GO", "PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_", "TERM", "CI", "LANG"}

// sudoArgs is sudo's command line. PATH is set by way of env, as sudo has a
// PATH of its own that it prefers.
func sudoArgs(self string, args, environ []string, set map[string]string) []string {
	var names []string
	path := ""
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if name == "PATH" {
			path = value
		}
		if slices.ContainsFunc(kept, func(k string) bool { return strings.HasPrefix(name, k) }) {
			names = append(names, name)
		}
	}
	line := []string{"sudo"}
	if len(names) > 0 {
		line = append(line, "--preserve-env="+strings.Join(names, ","))
	}
	line = append(line, "env", "PATH="+path)
	for _, k := range slices.Sorted(maps.Keys(set)) {
		line = append(line, k+"="+set[k])
	}
	return append(append(line, self), args...)
}

// Invoker is the user who called sudo, or nil where nobody did.
func Invoker(getenv func(string) string) (*syscall.Credential, error) {
	return invoker(os.Geteuid(), getenv)
}

func invoker(euid int, getenv func(string) string) (*syscall.Credential, error) {
	if text := getenv("SUDO_UID"); text == "" || text == "0" || euid != 0 {
		return nil, nil
	}
	uid, err := strconv.ParseUint(getenv("SUDO_UID"), 10, 32)
	if err != nil {
		return nil, fmt.Errorf("SUDO_UID: %w", err)
	}
	gid, err := strconv.ParseUint(getenv("SUDO_GID"), 10, 32)
	if err != nil {
		return nil, fmt.Errorf("SUDO_GID: %w", err)
	}
	c := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	u, err := user.LookupId(getenv("SUDO_UID"))
	if err != nil {
		return nil, err
	}
	groups, err := u.GroupIds()
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if n, err := strconv.ParseUint(g, 10, 32); err == nil {
			c.Groups = append(c.Groups, uint32(n))
		}
	}
	return c, nil
}
