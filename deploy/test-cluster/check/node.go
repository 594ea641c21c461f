package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"
)

const release = "natator"

//go:embed workloads.yaml
var workloads string

// node is the only node of the cluster, with the programs and addresses that the check uses.
type node struct {
	ctx                                           context.Context
	began                                         time.Time
	kubectl, helm, chart, kafka, address, outside string
	containerd, addresses, layout                 string
	podLogs, savedLogs                            string
	topology                                      string
	evidence                                      *evidence
}

// prepare starts the workloads and installs the chart.
func (n *node) prepare() error {
	n.watchCgroups()
	n.say("starting the workloads ...")
	if _, err := n.apply(strings.ReplaceAll(workloads, "$node", n.address)); err != nil {
		return err
	}
	if err := n.awaitRollouts("shop"); err != nil {
		return err
	}
	n.say("installing the chart ...")
	started := time.Now()
	if _, err := n.run("", n.helm, "install", release, n.chart, "--namespace", release, "--create-namespace", "--wait",
		"--timeout", "5m", "--set", "kafka.bootstrapServers="+n.kafka, "--set", "image.tag=node"); err != nil {
		return fmt.Errorf("%w\n%s", err, n.podsAndEvents(release))
	}
	n.say("the chart is installed after %.1f s", time.Since(started).Seconds())
	var err error
	n.topology, err = n.get("-n", release, "service", release+"-topology", "-o", "jsonpath={.spec.clusterIP}")
	return err
}

func (n *node) say(format string, values ...any) {
	seconds := int(time.Since(n.began).Seconds())
	fmt.Printf("natator: (%d:%02d) %s\n", seconds/60, seconds%60, fmt.Sprintf(format, values...))
}

// run runs a program to its end and returns its output.
func (n *node) run(input string, program string, arguments ...string) (string, error) {
	command := exec.CommandContext(n.ctx, program, arguments...)
	command.Stdin = strings.NewReader(input)
	var out, errors bytes.Buffer
	command.Stdout, command.Stderr = &out, &errors
	if err := command.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %s: %w: %s", program[strings.LastIndex(program, "/")+1:], strings.Join(arguments, " "), err,
			strings.TrimSpace(errors.String()))
	}
	return out.String(), nil
}

func (n *node) kube(arguments ...string) (string, error) {
	return n.run("", n.kubectl, arguments...)
}

func (n *node) get(arguments ...string) (string, error) {
	return n.kube(append([]string{"get"}, arguments...)...)
}

func (n *node) apply(objects string) (string, error) {
	return n.run(objects, n.kubectl, "apply", "-f", "-")
}

func (n *node) awaitRollouts(namespace string) error {
	kinds, err := n.get("-n", namespace, "deployments,statefulsets,daemonsets", "-o", "name")
	if err != nil {
		return err
	}
	for _, object := range strings.Fields(kinds) {
		if _, err := n.kube("-n", namespace, "rollout", "status", object, "--timeout=180s"); err != nil {
			return fmt.Errorf("%w\n%s", err, n.podsAndEvents(namespace))
		}
	}
	return nil
}

// podsAndEvents describes the state of a namespace, for error messages.
func (n *node) podsAndEvents(namespace string) string {
	pods, _ := n.get("-n", namespace, "pods", "-o", "wide")
	events, _ := n.get("-n", namespace, "events", "--sort-by=.lastTimestamp")
	lines := strings.Split(strings.TrimSpace(events), "\n")
	return pods + strings.Join(lines[max(0, len(lines)-15):], "\n")
}

// sent is the traffic as the applications at both ends counted it.
type sent struct {
	Connections int64  `json:"connections"`
	ToServer    int64  `json:"toServer"`
	ToClient    int64  `json:"toClient"`
	Refused     int64  `json:"refused"`
	Error       string `json:"error"`
}

func (s *sent) add(other sent) {
	s.Connections += other.Connections
	s.ToServer += other.ToServer
	s.ToClient += other.ToClient
	s.Refused += other.Refused
}

func parseSent(text string) (sent, error) {
	var s sent
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("'%s' is no result: %w", text, err)
	}
	if s.Error != "" {
		return s, fmt.Errorf("the traffic itself failed: %s", s.Error)
	}
	return s, nil
}

// sendFrom makes a pod of a workload (kind/name) in the namespace shop send. The options are those of 'traffic send'.
func (n *node) sendFrom(workload string, options ...string) (sent, error) {
	out, err := n.kube(append([]string{"-n", "shop", "exec", workload, "--", "/traffic", "send"}, options...)...)
	if err != nil {
		return sent{}, err
	}
	return parseSent(out)
}

// sendFromOutside makes the program 'traffic outside' send.
func (n *node) sendFromOutside(options ...string) (sent, error) {
	connection, err := net.Dial("unix", n.outside)
	if err != nil {
		return sent{}, err
	}
	defer connection.Close()
	if _, err := fmt.Fprintln(connection, strings.Join(options, " ")); err != nil {
		return sent{}, err
	}
	response, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		return sent{}, err
	}
	return parseSent(response)
}

// await polls until the condition is true.
func (n *node) await(limit time.Duration, what string, condition func() bool) error {
	deadline := time.Now().Add(limit)
	for !condition() {
		if n.ctx.Err() != nil {
			return n.ctx.Err()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("timed out waiting for %s after %v", what, limit)
		}
		time.Sleep(500 * time.Millisecond)
	}
	return nil
}
