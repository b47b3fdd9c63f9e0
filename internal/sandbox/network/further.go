package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
)

// A further node hangs on the first one, which passes on what goes to the host
// and to other nodes: the host itself forwards nothing. Both ends have an address
// without a network, and a route to the other's.

// upFurther has the node reach the first node, all pods and the host, and be
// reached from there.
func upFurther(ctx context.Context, n address.Node) error {
	if err := ensureLinkToFirst(n); err != nil {
		return fmt.Errorf("link %s: %w", n.Link(), err)
	}
	first := n.Node(1)
	err := Within(Path(first.Netns()), func() error {
		link, err := raise(n.Link(), only(first.IP()))
		if err != nil {
			return err
		}
		if err := route(link, only(n.IP()), nil, first.IP()); err != nil {
			return err
		}
		return route(link, n.PodCIDR(), n.IP().AsSlice(), first.IP())
	})
	if err != nil {
		return fmt.Errorf("the first node's routes to %s: %w", n.Name(), err)
	}
	err = Within(Path(n.Netns()), func() error {
		link, err := raise(nodeLink, only(n.IP()))
		if err != nil {
			return err
		}
		if err := route(link, only(first.IP()), nil, n.IP()); err != nil {
			return err
		}
		if err := route(link, netip.PrefixFrom(netip.IPv4Unspecified(), 0), first.IP().AsSlice(), n.IP()); err != nil {
			return err
		}
		return forward(ctx, n.Plan)
	})
	if err != nil {
		return fmt.Errorf("routes of %s: %w", n.Name(), err)
	}
	host, err := netlink.LinkByName(n.HostLink())
	if err != nil {
		return err
	}
	// Goes with the cluster's link.
	return route(host, only(n.IP()), first.IP().AsSlice(), n.HostIP())
}

// ensureLinkToFirst has a link between the namespaces of the node and the first.
func ensureLinkToFirst(n address.Node) error {
	first, closeFirst, err := handleAt(n.Node(1))
	if err != nil {
		return err
	}
	defer closeFirst()
	file, err := netns.GetFromPath(Path(n.Netns()))
	if err != nil {
		return err
	}
	defer file.Close()
	own, err := netlink.NewHandleAt(file)
	if err != nil {
		return err
	}
	defer own.Close()
	if _, err := own.LinkByName(nodeLink); err == nil {
		return nil
	}
	// An end without the other is the leftover of another namespace.
	if link, err := first.LinkByName(n.Link()); err == nil {
		if err := first.LinkDel(link); err != nil {
			return err
		}
	}
	return first.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: n.Link()}, PeerName: nodeLink, PeerNamespace: netlink.NsFd(file)})
}

// downFurther removes the link to the first node with its routes, as far as they
// are there, and the host's route.
func downFurther(n address.Node) error {
	if host, err := netlink.LinkByName(n.HostLink()); err == nil {
		err := netlink.RouteDel(&netlink.Route{LinkIndex: host.Attrs().Index, Dst: ipNet(only(n.IP()))})
		if err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("the host's route to %s: %w", n.Name(), err)
		}
	}
	if there, err := mounted(n.Node(1).Netns()); err != nil || !there {
		return err
	}
	first, closeFirst, err := handleAt(n.Node(1))
	if err != nil {
		return err
	}
	defer closeFirst()
	link, err := first.LinkByName(n.Link())
	if errors.As(err, new(netlink.LinkNotFoundError)) {
		return nil
	}
	if err == nil {
		err = first.LinkDel(link)
	}
	if err != nil {
		return fmt.Errorf("removing link %s: %w", n.Link(), err)
	}
	return nil
}

// handleAt is the kernel's interface to the links of a node's namespace.
func handleAt(n address.Node) (*netlink.Handle, func(), error) {
	file, err := netns.GetFromPath(Path(n.Netns()))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", Path(n.Netns()), err)
	}
	defer file.Close()
	handle, err := netlink.NewHandleAt(file)
	if err != nil {
		return nil, nil, err
	}
	return handle, handle.Close, nil
}

// route has packets to a range go by a link, from a source of this end's, and by
// a gateway unless the range is at the link's other end.
func route(link netlink.Link, to netip.Prefix, gateway net.IP, source netip.Addr) error {
	r := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(to), Gw: gateway, Src: source.AsSlice()}
	if gateway == nil {
		r.Scope = netlink.SCOPE_LINK
	}
	if err := netlink.RouteReplace(r); err != nil {
		return fmt.Errorf("route to %s: %w", to, err)
	}
	return nil
}

// only is the range of one address.
func only(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }
