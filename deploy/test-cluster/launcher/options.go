package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
)

type options struct {
	etcd, controlPlane, kwok               string
	data, kubeconfig, address              string
	port                                   int
	control                                bool
	stages                                 string
	apiServerFlags, controllerManagerFlags []string
	schedulerFlags                         []string
	clients                                []client
	temporary                              bool
}

// client is an additional user of the API, for whom the launcher writes a kubeconfig.
type client struct {
	file, user string
	groups     []string
}

const usage = `Starts a Kubernetes control plane on this machine and prints its kubeconfig; Ctrl-C ends it.

etcd, kube-apiserver, kube-controller-manager and kube-scheduler are real. Nodes and pods exist in the API only: kwok assigns
addresses and makes them ready. RBAC, admission and service account tokens have their defaults.

usage: deploy/test-cluster/up [OPTIONS]

`

// parseOptions parses the command line. It returns nil without an error if only help was requested.
func parseOptions(arguments []string, out io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.etcd, "etcd", "", "etcd's `program`")
	flags.StringVar(&o.controlPlane, "control-plane", "", "the control plane's `program`")
	flags.StringVar(&o.kwok, "kwok", "", "kwok's `program`; without it pods stay pending")
	flags.StringVar(&o.stages, "stages", "", "a `file` of kwok's Stages, which define how pods and nodes start and end (default: at once)")
	flags.StringVar(&o.data, "data", "", "an empty `folder` for keys, data and logs (default: a temporary one, removed at the end)")
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "the `file` for the administrator's kubeconfig (default: DATA/kubeconfig)")
	flags.StringVar(&o.address, "address", "127.0.0.1", "the `IP` address that the API server listens on")
	flags.IntVar(&o.port, "port", 0, "the API server's `port` (default: a free one)")
	flags.BoolVar(&o.control, "control", false, "read commands from standard input and end with it: kill, stop, start, pause or resume COMPONENT; compact")
	flags.Func("api-server-flag", "a further `flag` of kube-apiserver; may be repeated", appendTo(&o.apiServerFlags))
	flags.Func("controller-manager-flag", "a further `flag` of kube-controller-manager; may be repeated", appendTo(&o.controllerManagerFlags))
	flags.Func("scheduler-flag", "a further `flag` of kube-scheduler; may be repeated", appendTo(&o.schedulerFlags))
	flags.Func("client", "a further user, `NAME=USER[,GROUP...]`: writes DATA/NAME.kubeconfig; may be repeated", o.addClient)
	err := flags.Parse(arguments)
	if err == flag.ErrHelp {
		fmt.Fprint(out, usage)
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: see --help", err)
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument '%s': see --help", flags.Arg(0))
	}
	if o.etcd == "" || o.controlPlane == "" {
		return nil, fmt.Errorf("--etcd and --control-plane are missing: start deploy/test-cluster/up, which sets them")
	}
	if net.ParseIP(o.address) == nil {
		return nil, fmt.Errorf("--address '%s' is no IP address", o.address)
	}
	if o.stages == "" {
		o.stages = filepath.Join(filepath.Dir(o.kwok), "stages.yaml")
	}
	return o, o.prepareFolder()
}

func (o *options) addClient(value string) error {
	file, user, isPair := strings.Cut(value, "=")
	if !isPair || file == "" || user == "" {
		return fmt.Errorf("'%s' is not NAME=USER[,GROUP...]", value)
	}
	names := strings.Split(user, ",")
	o.clients = append(o.clients, client{file, names[0], names[1:]})
	return nil
}

func (o *options) prepareFolder() error {
	if o.data == "" {
		dir, err := os.MkdirTemp("", "natator-test-cluster.")
		if err != nil {
			return err
		}
		o.data, o.temporary = dir, true
	} else if err := requireEmpty(o.data); err != nil {
		return err
	}
	if o.kubeconfig == "" {
		o.kubeconfig = filepath.Join(o.data, "kubeconfig")
	}
	return nil
}

func requireEmpty(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("the folder %s is not empty: each cluster starts empty: name another --data", dir)
	}
	return nil
}

func appendTo(list *[]string) func(string) error {
	return func(value string) error {
		*list = append(*list, value)
		return nil
	}
}
