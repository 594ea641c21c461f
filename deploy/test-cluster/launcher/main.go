// Command launcher starts a Kubernetes control plane for tests and runs until the control plane ends or a signal arrives.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// Maximum time until the control plane works. On an idle machine, this takes a few seconds.
const startTimeout = 180 * time.Second

func init() {
	// Linux kills a child when the thread that started it ends (PR_SET_PDEATHSIG, prctl(2)). So this thread, which lives
	// as long as the process, starts all children.
	runtime.LockOSThread()
}

func main() {
	if err := launch(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "natator:", err)
		os.Exit(1)
	}
}

func launch(arguments []string) error {
	// Signals are caught before the first component starts, so that Ctrl-C always stops the components in order.
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	o, err := parseOptions(arguments, os.Stdout)
	if o == nil || err != nil {
		return err
	}
	if o.temporary {
		defer os.RemoveAll(o.data)
	}
	c, err := newCluster(*o)
	if err != nil {
		return err
	}
	defer c.stop()
	s := &supervisor{cluster: c, api: newAPI(c), failed: make(chan *process, 64), stop: stop}
	began := time.Now()
	if err := s.startAll(); err != nil || s.stopped {
		return err
	}
	fmt.Printf("natator: Kubernetes %s is ready after %.1f s; Ctrl-C ends it\n", s.version, time.Since(began).Seconds())
	fmt.Printf("\n  export KUBECONFIG=%s\n\n  server  %s\n  token   %s\n  data    %s\n\n", o.kubeconfig, c.server(), c.token, o.data)
	var commands chan string
	if o.control {
		commands = make(chan string)
		go readLines(commands)
	}
	return s.supervise(commands)
}

func readLines(lines chan<- string) {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		lines <- in.Text()
	}
	close(lines)
}
