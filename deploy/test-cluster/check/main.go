// Command check installs the chart on a node, sends traffic of known size while services are replaced, and compares topology's
// links with what was sent.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	// Ctrl-C also ends the kubectl and helm processes that were started.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	n := &node{ctx: ctx, began: time.Now()}
	flag.StringVar(&n.kubectl, "kubectl", "", "kubectl's `program`")
	flag.StringVar(&n.helm, "helm", "", "Helm's `program`")
	flag.StringVar(&n.chart, "chart", "", "the chart's `folder`")
	flag.StringVar(&n.kafka, "kafka", "", "Kafka's `HOST:PORT`")
	flag.StringVar(&n.address, "node-address", "", "the node's `address`")
	flag.StringVar(&n.outside, "outside", "", "the control `socket` of the program outside")
	flag.StringVar(&n.containerd, "containerd", "", "containerd's `socket`")
	flag.StringVar(&n.addresses, "addresses", "", "the `folder` in which the network plugin stores the pods' addresses")
	flag.StringVar(&n.layout, "layout", "", "the node's cgroup `layout`")
	flag.StringVar(&n.podLogs, "pod-logs", "", "the `folder` of the pods' logs")
	flag.StringVar(&n.savedLogs, "saved-logs", "", "a new `folder` for the logs of pods that an uninstall removes")
	keep := flag.Bool("keep", false, "leave the chart installed")
	flag.Parse()
	err := run(n, *keep)
	interrupted := ctx.Err() != nil
	stop()
	if interrupted {
		os.Exit(130) // after Ctrl-C, errors of kubectl and helm are consequences of it, so they are not printed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "natator:", err)
		os.Exit(1)
	}
}

func run(n *node, keep bool) error {
	if err := n.prepare(); err != nil {
		return err
	}
	rows, err := n.sendAll(trafficRows(n))
	if err != nil {
		return err
	}
	further, err := n.disturb()
	if err != nil {
		return err
	}
	rows = append(rows, further...)
	verdicts := n.compare(rows)
	if !keep {
		left, err := n.uninstall()
		if err != nil {
			return err
		}
		verdicts = append(verdicts, left...)
	}
	printTable(os.Stdout, verdicts)
	return summary(verdicts)
}
