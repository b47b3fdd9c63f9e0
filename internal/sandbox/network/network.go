// Package network makes and removes the network namespaces of a cluster's nodes
// with their links, and the host's address for the registry.
package network

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
)

// Dir is where named network namespaces are mounted (iproute2's place, so
// that its tools see them).
const Dir = "/run/netns"

// Path is the file of the namespace called name.
func Path(name string) string { return filepath.Join(Dir, name) }

// nodeLink is the name of a node's end of its link.
const nodeLink = "eth0"

// Up makes the node's namespace and whatever of its link, addresses, routes and
// settings is missing, so that an interrupted run can be taken up. The first
// node's link is to the host; a further one's is to the first, which must be up.
func Up(ctx context.Context, n address.Node) error {
	if err := ensureNamespace(n.Netns()); err != nil {
		return fmt.Errorf("network namespace %s: %w", n.Netns(), err)
	}
	if !n.First() {
		return upFurther(ctx, n)
	}
	if err := ensureLink(n.Plan); err != nil {
		return fmt.Errorf("link %s: %w", n.HostLink(), err)
	}
	return Within(Path(n.Netns()), func() error { return insideNamespace(ctx, n) })
}

// ensureNamespace makes the namespace, also where a file without a namespace
// behind it was left by a reboot.
func ensureNamespace(name string) error {
	if ok, err := mounted(name); err != nil || ok {
		return err
	}
	if err := os.Remove(Path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	runtime.LockOSThread()
	// Not unlocked on failure: a thread in the wrong namespace must not be used again.
	host, err := netns.Get()
	if err != nil {
		return err
	}
	defer host.Close()
	made, err := netns.NewNamed(name) // moves this thread into it
	if err != nil {
		return err
	}
	defer made.Close()
	if err := netns.Set(host); err != nil {
		return err
	}
	runtime.UnlockOSThread()
	return nil
}

// mounted tells whether a namespace lies behind the name.
func mounted(name string) (bool, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(Path(name), &s); errors.Is(err, unix.ENOENT) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	return s.Type == unix.NSFS_MAGIC, nil
}

func ensureLink(p address.Plan) error {
	handle, err := netns.GetFromPath(Path(p.Netns()))
	if err != nil {
		return err
	}
	defer handle.Close()
	inside, err := netlink.NewHandleAt(handle)
	if err != nil {
		return err
	}
	defer inside.Close()
	if _, err := inside.LinkByName(nodeLink); err != nil {
		// A host's end without a node's end is another namespace's leftover.
		if err := deleteLink(p.HostLink()); err != nil {
			return err
		}
		veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: p.HostLink()}, PeerName: nodeLink, PeerNamespace: netlink.NsFd(handle)}
		if err := netlink.LinkAdd(veth); err != nil {
			return err
		}
	}
	host, err := netlink.LinkByName(p.HostLink())
	if err != nil {
		return err
	}
	if err := netlink.AddrReplace(host, addr(p.LinkCIDR(p.HostIP()))); err != nil {
		return err
	}
	return netlink.LinkSetUp(host)
}

func insideNamespace(ctx context.Context, n address.Node) error {
	node, err := raise(nodeLink, n.LinkCIDR(n.IP()))
	if err != nil {
		return err
	}
	if err := netlink.RouteReplace(&netlink.Route{LinkIndex: node.Attrs().Index, Gw: net.IP(n.HostIP().AsSlice())}); err != nil {
		return fmt.Errorf("default route: %w", err)
	}
	return forward(ctx, n.Plan)
}

// raise gives a link of this namespace its address, and has it up, with the
// loopback link.
func raise(name string, address netip.Prefix) (netlink.Link, error) {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return nil, err
	}
	if err := netlink.LinkSetUp(loopback); err != nil {
		return nil, err
	}
	link, err := netlink.LinkByName(name)
	if err != nil {
		return nil, err
	}
	if err := netlink.AddrReplace(link, addr(address)); err != nil {
		return nil, err
	}
	return link, netlink.LinkSetUp(link)
}

// forward has this namespace forward, between its pods and its node. The host's
// setting stays as it is.
func forward(ctx context.Context, p address.Plan) error {
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644); err != nil {
		return err
	}
	return masquerade(ctx, p)
}

// masquerade lets pods reach the host, which knows no route to them, under
// the node's address; among themselves, on other nodes too, pods have their own.
// One rule for all pods spares a firewall change for each.
func masquerade(ctx context.Context, p address.Plan) error {
	rules := fmt.Sprintf(`table ip sls
delete table ip sls
table ip sls {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr %[1]s ip daddr != %[1]s oifname %[2]q masquerade
  }
}
`, p.PodCIDR(), nodeLink)
	cmd := exec.CommandContext(ctx, "nft", "-f", "-")
	cmd.Stdin = bytes.NewBufferString(rules)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("masquerading pods: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// Down removes the node's namespace, and with it its links and firewall rules.
// The node's processes must have ended: they would keep it alive.
func Down(n address.Node) error {
	if err := removeLink(n); err != nil {
		return err
	}
	path := Path(n.Netns())
	if err := unix.Unmount(path, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("network namespace %s: %w", n.Netns(), err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("network namespace %s: %w", n.Netns(), err)
	}
	return nil
}

func removeLink(n address.Node) error {
	if n.First() {
		return deleteLink(n.HostLink())
	}
	return downFurther(n)
}

// RegistryUp gives the host the registry's address. It is on the loopback
// link, which any kernel has, and with a scope that keeps it from becoming
// the source of other traffic; clusters reach it by way of their own links.
func RegistryUp() error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.AddrReplace(loopback, registryAddr()); err != nil {
		return fmt.Errorf("address %s: %w", address.RegistryIP, err)
	}
	return nil
}

// RegistryDown takes the registry's address away.
func RegistryDown() error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.AddrDel(loopback, registryAddr()); err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) {
		return fmt.Errorf("removing address %s: %w", address.RegistryIP, err)
	}
	return nil
}

func registryAddr() *netlink.Addr {
	a := addr(netip.MustParsePrefix(address.RegistryIP + "/32"))
	a.Scope = int(netlink.SCOPE_HOST)
	return a
}

func deleteLink(name string) error {
	link, err := netlink.LinkByName(name)
	if errors.As(err, new(netlink.LinkNotFoundError)) {
		return nil
	}
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if err != nil {
		return fmt.Errorf("removing link %s: %w", name, err)
	}
	return nil
}

// Within runs f on a thread inside the namespace at path. Programs that f
// starts are born there.
func Within(path string, f func() error) error {
	done := make(chan error)
	go func() {
		// The thread is never unlocked: it ends with this goroutine, so
		// that no other one can find itself in the namespace.
		runtime.LockOSThread()
		done <- func() error {
			handle, err := netns.GetFromPath(path)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			defer handle.Close()
			if err := netns.Set(handle); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			return f()
		}()
	}()
	return <-done
}

func addr(p netip.Prefix) *netlink.Addr { return &netlink.Addr{IPNet: ipNet(p)} }

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
