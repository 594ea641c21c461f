package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	etcdName              = "etcd"
	apiServerName         = "kube-apiserver"
	controllerManagerName = "kube-controller-manager"
	schedulerName         = "kube-scheduler"
	kwokName              = "kwok"

	serviceRange = "10.96.0.0/16,fd00:96::/112"
	podRange     = "10.244.0.0/16,fd00:244::/48"
	// The address of the Service "kubernetes", which is the first address of the range of Services.
	apiService = "10.96.0.1"
	// The endpoint of the Service "kubernetes" if the API server listens on loopback only: Kubernetes does not allow
	// loopback addresses in endpoints. RFC 5737 reserves this address for documentation.
	documentationAddress = "192.0.2.1"
)

// cluster is a control plane. Its keys, data and logs are in one folder.
type cluster struct {
	options    options
	dir        string
	ca         *authority
	token      string
	etcdPort   int
	apiPort    int
	components []*process
}

// newCluster creates the keys and chooses the ports. It starts nothing.
func newCluster(o options) (*cluster, error) {
	ports, err := freePorts(o.address, 3)
	if err != nil {
		return nil, err
	}
	if err := requireFree(o.address, o.port); err != nil {
		return nil, err
	}
	ca, err := newAuthority(o.data)
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 16)
	_, _ = rand.Read(secret)
	c := &cluster{options: o, dir: o.data, ca: ca, token: hex.EncodeToString(secret), etcdPort: ports[0], apiPort: ports[1]}
	if o.port != 0 {
		c.apiPort = o.port
	}
	if err := c.prepare(ports[2]); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *cluster) server() string {
	return "https://" + net.JoinHostPort(c.options.address, strconv.Itoa(c.apiPort))
}

func (c *cluster) etcd() string {
	return "http://127.0.0.1:" + strconv.Itoa(c.etcdPort)
}

func (c *cluster) file(name string) string {
	return filepath.Join(c.dir, name)
}

func (c *cluster) prepare(etcdPeerPort int) error {
	address := net.ParseIP(c.options.address)
	serving, err := c.ca.server("apiserver",
		[]string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"},
		[]net.IP{address, net.ParseIP("127.0.0.1"), net.ParseIP(apiService)})
	if err != nil {
		return err
	}
	if err := writeServiceAccountKey(c.file("sa.key")); err != nil {
		return err
	}
	tokens := fmt.Sprintf("%s,token-admin,token-admin,system:masters\n", c.token)
	if err := os.WriteFile(c.file("tokens.csv"), []byte(tokens), 0o600); err != nil {
		return err
	}
	users := append([]client{
		{"admin", "kubernetes-admin", []string{"system:masters"}},
		{controllerManagerName, "system:kube-controller-manager", nil},
		{schedulerName, "system:kube-scheduler", nil},
	}, c.options.clients...)
	for _, u := range users {
		certificate, err := c.ca.client(u.file, u.user, u.groups...)
		if err != nil {
			return err
		}
		target := c.file(u.file + ".kubeconfig")
		if u.file == "admin" {
			target = c.options.kubeconfig
		}
		if err := writeKubeconfig(target, c.server(), c.ca.files().certificate, certificate); err != nil {
			return err
		}
	}
	c.components = c.commands(serving, etcdPeerPort)
	return nil
}

// commands returns the components in the order in which they start.
func (c *cluster) commands(serving pair, etcdPeerPort int) []*process {
	ca := c.ca.files()
	advertised := c.options.address
	if net.ParseIP(advertised).IsLoopback() {
		advertised = documentationAddress
	}
	etcdPeer := "http://127.0.0.1:" + strconv.Itoa(etcdPeerPort)
	components := []*process{
		newProcess(c.dir, etcdName, c.options.etcd, "--name=test", "--data-dir="+c.file("etcd-data"),
			"--listen-client-urls="+c.etcd(), "--advertise-client-urls="+c.etcd(), "--listen-peer-urls="+etcdPeer,
			"--initial-advertise-peer-urls="+etcdPeer, "--initial-cluster=test="+etcdPeer,
			// etcd does not call fsync, because a test cluster's data need not survive a crash of the machine.
			"--unsafe-no-fsync", "--log-level=warn"),
		newProcess(c.dir, apiServerName, append([]string{c.options.controlPlane, apiServerName,
			"--etcd-servers=" + c.etcd(), "--bind-address=" + c.options.address, "--secure-port=" + strconv.Itoa(c.apiPort),
			"--advertise-address=" + advertised, "--service-cluster-ip-range=" + serviceRange,
			"--tls-cert-file=" + serving.certificate, "--tls-private-key-file=" + serving.key,
			"--client-ca-file=" + ca.certificate, "--token-auth-file=" + c.file("tokens.csv"),
			"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=" + c.file("sa.key"),
			"--service-account-signing-key-file=" + c.file("sa.key"), "--authorization-mode=Node,RBAC",
			"--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
			// A kubelet, if there is one, accepts this certificate for 'kubectl logs' and 'kubectl exec'.
			"--kubelet-client-certificate=" + c.file("admin.crt"), "--kubelet-client-key=" + c.file("admin.key"),
			"--cert-dir=" + c.file("apiserver-certificates")}, c.options.apiServerFlags...)...),
		newProcess(c.dir, controllerManagerName, append([]string{c.options.controlPlane, controllerManagerName,
			"--kubeconfig=" + c.file(controllerManagerName+".kubeconfig"), "--use-service-account-credentials",
			"--service-account-private-key-file=" + c.file("sa.key"), "--root-ca-file=" + ca.certificate,
			"--cluster-signing-cert-file=" + ca.certificate, "--cluster-signing-key-file=" + ca.key,
			"--allocate-node-cidrs", "--cluster-cidr=" + podRange, "--service-cluster-ip-range=" + serviceRange,
			"--leader-elect=false", "--secure-port=0"}, c.options.controllerManagerFlags...)...),
		newProcess(c.dir, schedulerName, append([]string{c.options.controlPlane, schedulerName,
			"--kubeconfig=" + c.file(schedulerName+".kubeconfig"), "--leader-elect=false", "--secure-port=0"},
			c.options.schedulerFlags...)...),
	}
	if c.options.kwok != "" {
		components = append(components, newProcess(c.dir, kwokName, c.options.kwok,
			"--kubeconfig="+c.options.kubeconfig, "--config="+c.options.stages,
			"--manage-all-nodes", "--node-lease-duration-seconds=40", "--server-address="))
	}
	return components
}

func (c *cluster) component(name string) (*process, error) {
	var names []string
	for _, p := range c.components {
		if p.name == name {
			return p, nil
		}
		names = append(names, p.name)
	}
	return nil, fmt.Errorf("there is no component '%s': %s", name, strings.Join(names, ", "))
}

// stop ends the running components in reverse order.
func (c *cluster) stop() {
	for i := len(c.components) - 1; i >= 0; i-- {
		c.components[i].stop()
	}
}

func writeServiceAccountKey(path string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	return writePem(path, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
}

// requireFree checks that no other program listens on the port. Port 0 means any free port.
func requireFree(address string, port int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("cannot use --port %d: %w: stop what listens there, or choose another port", port, err)
	}
	return listener.Close()
}

func freePorts(address string, count int) ([]int, error) {
	var ports []int
	for range count {
		listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
		if err != nil {
			return nil, fmt.Errorf("cannot listen on %s: %w: choose an address of this machine", address, err)
		}
		// The listener stays open until all ports are chosen, so that the ports differ.
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
