// Command traffic opens TCP connections with a payload of known size: between pods, on a node, and from outside.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `usage: traffic serve [PORT...]
       traffic pause
       traffic send [OPTIONS] HOST:PORT
       traffic outside --tap DEVICE --control SOCKET --node ADDRESS --node6 ADDRESS PORT [PORT...]
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "traffic:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	switch arguments[0] {
	case "pause": // does nothing; as the pod's sandbox container, it keeps the pod's namespaces alive
		awaitSignal()
		return nil
	case "serve":
		return serveUntilStopped(arguments[1:])
	case "send":
		return sendAndReport(arguments[1:])
	case "outside":
		return outside(arguments[1:])
	default:
		return fmt.Errorf("unknown command '%s': serve, pause, send or outside", arguments[0])
	}
}

// serveUntilStopped serves on the ports until stopDelay after SIGTERM, because a Service still forwards connections to a pod
// for a moment after the pod has got the signal.
func serveUntilStopped(ports []string) error {
	for _, port := range ports {
		listener, err := net.Listen("tcp", ":"+port)
		if err != nil {
			return err
		}
		go serve(listener)
	}
	awaitSignal()
	time.Sleep(stopDelay)
	return nil
}

func awaitSignal() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
}

func sendAndReport(arguments []string) error {
	var result string
	flags := flag.NewFlagSet("send", flag.ContinueOnError)
	flags.StringVar(&result, "result", "", "`file` for the result, which is also printed")
	o, err := parseSend(flags, arguments)
	if err != nil {
		return err
	}
	text, err := json.Marshal(o.send(net.Dial))
	if err != nil {
		return err
	}
	fmt.Println(string(text))
	if result == "" {
		return nil
	}
	return os.WriteFile(result, text, 0o644)
}
