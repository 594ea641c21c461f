package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/fdbased"
	"gvisor.dev/gvisor/pkg/tcpip/link/tun"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// These constants describe the network outside a node, behind a tap device. Its TCP stack is in this process. So this machine's
// kernel sees only one end of each connection that leaves the node, like the kernel of a real node.
const (
	gateway  = "198.51.100.1"
	gateway6 = "2001:db8:1::1"
	host     = "203.0.113.10"
	host6    = "2001:db8:2::10"

	nic      = 1
	mtu      = 1500
	linkName = "\x02\x00\x00\x00\x00\x01"
)

type world struct{ stack *stack.Stack }

// outside serves on the ports. Each line on the control socket contains options of 'send'. outside opens these connections and
// writes a result to the socket.
func outside(arguments []string) error {
	flags := flag.NewFlagSet("outside", flag.ContinueOnError)
	device := flags.String("tap", "", "the tap `device` that leads to the node")
	control := flags.String("control", "", "the `socket` for commands")
	node := flags.String("node", "", "the node's IPv4 `address`")
	node6 := flags.String("node6", "", "the node's IPv6 `address`")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	w, err := newWorld(*device, *node, *node6)
	if err != nil {
		return err
	}
	for _, port := range flags.Args() {
		for _, address := range []string{host, host6} {
			if err := w.serve(address, port); err != nil {
				return err
			}
		}
	}
	commands, err := net.Listen("unix", *control)
	if err != nil {
		return err
	}
	for {
		connection, err := commands.Accept()
		if err != nil {
			return err
		}
		go w.execute(connection)
	}
}

func newWorld(device, node, node6 string) (*world, error) {
	fd, err := tun.OpenTAP(device)
	if err != nil {
		return nil, fmt.Errorf("cannot open the tap device '%s': %w", device, err)
	}
	link, err := fdbased.New(&fdbased.Options{FDs: []int{fd}, MTU: mtu, EthernetHeader: true, Address: linkName})
	if err != nil {
		return nil, err
	}
	s := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol, arp.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6},
	})
	if err := s.CreateNIC(nic, link); err != nil {
		return nil, fmt.Errorf("cannot use the tap device '%s': %v", device, err)
	}
	for _, address := range []string{gateway, host, gateway6, host6} {
		a, protocol := parse(address)
		own := tcpip.ProtocolAddress{Protocol: protocol, AddressWithPrefix: a.WithPrefix()}
		if err := s.AddProtocolAddress(nic, own, stack.AddressProperties{}); err != nil {
			return nil, fmt.Errorf("cannot have the address %s: %v", address, err)
		}
	}
	var routes []tcpip.Route
	for _, address := range []string{node, node6} {
		a, protocol := parse(address)
		all := header.IPv4EmptySubnet
		if protocol == ipv6.ProtocolNumber {
			all = header.IPv6EmptySubnet
		}
		routes = append(routes, tcpip.Route{Destination: a.WithPrefix().Subnet(), NIC: nic},
			tcpip.Route{Destination: all, Gateway: a, NIC: nic})
	}
	s.SetRouteTable(routes)
	return &world{s}, nil
}

func parse(address string) (tcpip.Address, tcpip.NetworkProtocolNumber) {
	ip := net.ParseIP(address)
	if four := ip.To4(); four != nil {
		return tcpip.AddrFrom4Slice(four), ipv4.ProtocolNumber
	}
	return tcpip.AddrFrom16Slice(ip.To16()), ipv6.ProtocolNumber
}

func (w *world) serve(address, port string) error {
	at, protocol, err := full(net.JoinHostPort(address, port))
	if err != nil {
		return err
	}
	listener, err := gonet.ListenTCP(w.stack, at, protocol)
	if err != nil {
		return err
	}
	go serve(listener)
	return nil
}

func full(address string) (tcpip.FullAddress, tcpip.NetworkProtocolNumber, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return tcpip.FullAddress{}, 0, err
	}
	a, protocol := parse(resolved.IP.String())
	return tcpip.FullAddress{NIC: nic, Addr: a, Port: uint16(resolved.Port)}, protocol, nil
}

func (w *world) dial(_, address string) (net.Conn, error) {
	to, protocol, err := full(address)
	if err != nil {
		return nil, err
	}
	from := host
	if protocol == ipv6.ProtocolNumber {
		from = host6
	}
	local, _ := parse(from)
	return gonet.DialTCPWithBind(context.Background(), w.stack, tcpip.FullAddress{NIC: nic, Addr: local}, to, protocol)
}

func (w *world) execute(connection net.Conn) {
	defer connection.Close()
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		flags := flag.NewFlagSet("send", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		sent := result{}
		if o, err := parseSend(flags, strings.Fields(lines.Text())); err != nil {
			sent.Error = err.Error()
		} else {
			sent = o.send(w.dial)
		}
		if err := json.NewEncoder(connection).Encode(sent); err != nil {
			fmt.Fprintln(os.Stderr, "traffic:", err)
			return
		}
	}
}
