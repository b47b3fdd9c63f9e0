// Package debian has the machine's own programs installed that the sandbox
// runs but can't build.
package debian

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// needed are programs and the packages that hold them.
var needed = []struct{ file, pkg string }{
	{"/usr/bin/containerd", "containerd"},
	{"/usr/sbin/runc", "runc"},
	{"/usr/lib/cni/ptp", "containernetworking-plugins"},
	{"/usr/sbin/nft", "nftables"},
	{"/usr/bin/mount", "mount"},
}

// missing lists the packages that are needed and not installed.
func missing(exists func(path string) bool, pip bool) []string {
	var packages []string
	for _, n := range needed {
		if !exists(n.file) {
			packages = append(packages, n.pkg)
		}
	}
	if !pip {
		packages = append(packages, "python3-pip")
	}
	return packages
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// hasPip asks Python, which may have come from elsewhere than Debian.
func hasPip() bool { return exec.Command("python3", "-m", "pip", "--version").Run() == nil }

// Install installs the missing packages. containerd's own service, where the
// package starts one, is left to its owner: the sandbox has containerds of
// its own. Python's pip counts as needed only where asked for.
func Install(ctx context.Context, pip bool, say func(string)) error {
	packages := missing(exists, !pip || hasPip())
	if len(packages) == 0 {
		return nil
	}
	list := strings.Join(packages, " ")
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("this machine lacks %s (Debian's names), and has no apt-get to install them with", list)
	}
	say("installing " + list)
	for _, args := range [][]string{{"update", "--quiet"}, append([]string{"install", "--yes", "--quiet", "--no-install-recommends"}, packages...)} {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, tail(string(out), 10))
		}
	}
	if left := missing(exists, !pip || hasPip()); len(left) > 0 {
		return fmt.Errorf("still missing after apt-get: %s", strings.Join(left, " "))
	}
	return nil
}

// tail returns the last n lines of text.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
