package main

import (
	"fmt"
	"strings"
	"time"
)

// workload identifies an end of a link, with the fields of topology's API.
type workload struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

func (p workload) String() string {
	if p.Kind == p.Namespace {
		return p.Kind + " " + p.Name
	}
	return p.Kind + " " + p.Namespace + "/" + p.Name
}

func shop(kind, name string) workload { return workload{kind, "shop", name} }

func external(address string) workload { return workload{"external", "external", address} }

// row is one series of connections. No other row uses its port, so each link with that port belongs to this row.
type row struct {
	what     string
	port     int
	from, to workload
	via      string
	sent     sent
	// The known cause for which the row is allowed to be wrong; empty if the row has to be right.
	known string
}

// Addresses of the program 'traffic outside', see traffic/outside.go.
const (
	outsideAddress  = "203.0.113.10"
	outsideAddress6 = "2001:db8:2::10"
)

var (
	web   = shop("Deployment", "web")
	stock = shop("Deployment", "stock")
)

// sender opens connections according to options of 'traffic send'.
type sender func(options ...string) (sent, error)

// series is a row and the function that opens its connections.
type series struct {
	row
	from    sender
	options []string
	address string
}

// trafficRows returns the series that need no more than the workloads in workloads.yaml.
func trafficRows(n *node) []series {
	node := workload{"node", "node", "natator-node"}
	deployment := func(name string) sender {
		return func(options ...string) (sent, error) { return n.sendFrom("deployment/"+name, options...) }
	}
	fromWeb, fromAgent := deployment("web"), deployment("agent")
	many := []string{"--connections=500", "--parallel=8", "--to-server=2000", "--to-client=8000"}
	large := []string{"--connections=4", "--parallel=4", "--to-server=5000000", "--to-client=20000000"}
	some := []string{"--connections=200", "--parallel=4"}
	return []series{
		{row{what: "Service", port: 23101, from: web, to: stock, via: "shop/stock"}, fromWeb, many, "stock:80"},
		{row{what: "Service, large", port: 23120, from: web, to: stock, via: "shop/stock-bulk"}, fromWeb, large, "stock-bulk:23120"},
		{row{what: "headless", port: 23102, from: web, to: shop("StatefulSet", "db")}, fromWeb, many, "db-0.db:23102"},
		{row{what: "node port from a pod", port: 23103, from: web, to: stock, via: "shop/stock-nodeport"},
			fromWeb, many, n.address + ":30103"},
		{row{what: "node port from outside", port: 23104, from: node, to: stock, known: causeBridge},
			n.sendFromOutside, many, n.address + ":30104"},
		{row{what: "node port from outside, policy Local", port: 23119, from: external(outsideAddress), to: stock},
			n.sendFromOutside, many, n.address + ":30119"},
		{row{what: "from the host's network", port: 23105, from: shop("Deployment", "agent"), to: stock, via: "shop/stock"},
			fromAgent, many, "stock:23105"},
		{row{what: "to the host's network", port: 23106, from: web, to: shop("DaemonSet", "edge")}, fromWeb, many, n.address + ":23106"},
		{row{what: "external", port: 23107, from: web, to: external(outsideAddress)}, fromWeb, many, outsideAddress + ":23107"},
		{row{what: "external, IPv6", port: 23121, from: web, to: external(outsideAddress6)},
			fromWeb, many, "[" + outsideAddress6 + "]:23121"},
		{row{what: "Service, IPv6", port: 23108, from: web, to: stock, via: "shop/stock6"}, fromWeb, many, "stock6:23108"},
		{row{what: "Job on the host's network", port: 23110, from: shop("CronJob", "audit"), to: stock, via: "shop/stock", known: causeHostJob},
			n.sendFromJob, nil, ""},
		{row{what: "refused: Service without endpoints", port: 23111, from: web, to: shop("Service", "gone"), known: causeRefused},
			fromWeb, []string{"--connections=20"}, "gone:23111"},
		{row{what: "reused address: before", port: 23112, from: shop("Deployment", "before"), to: stock, via: "shop/stock"},
			n.sendFromAddressOf("before"), some, "stock:23112"},
		{row{what: "reused address: after", port: 23113, from: shop("Deployment", "after"), to: stock, via: "shop/stock"},
			n.sendFromAddressOf("after"), some, "stock:23113"},
	}
}

// sendAll opens the connections of all series, one series after the other.
func (n *node) sendAll(all []series) ([]row, error) {
	var rows []row
	for _, s := range all {
		n.say("sending: %s", s.what)
		// The sizes differ from row to row, so that bytes that are counted in a wrong row change its sum.
		result, err := s.from(append(s.options[:len(s.options):len(s.options)], fmt.Sprintf("--seed=%d", s.port), s.address)...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.what, err)
		}
		s.sent = result
		rows = append(rows, s.row)
		if err := n.recordPods(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// sendFromJob creates a Job from a CronJob, as the schedule would. The CronJob contains the options of 'traffic send'.
func (n *node) sendFromJob(...string) (sent, error) {
	if _, err := n.kube("-n", "shop", "create", "job", "audit-1", "--from=cronjob/audit"); err != nil {
		return sent{}, err
	}
	return n.resultsOfJobs("audit-1")
}

// resultsOfJobs waits for the Jobs' pods and adds up what they have sent.
func (n *node) resultsOfJobs(jobs ...string) (sent, error) {
	var sum sent
	for _, job := range jobs {
		if _, err := n.kube("-n", "shop", "wait", "--for=condition=Complete", "job/"+job, "--timeout=60s"); err != nil {
			return sum, err
		}
		message, err := n.get("-n", "shop", "pods", "-l", "job-name="+job, "-o",
			"jsonpath={.items[0].status.containerStatuses[0].state.terminated.message}")
		if err != nil {
			return sum, err
		}
		result, err := parseSent(message)
		if err != nil {
			return sum, fmt.Errorf("Job %s: %w", job, err)
		}
		sum.add(result)
	}
	return sum, nil
}

// The address of the first Deployment's pod. The second Deployment's pod gets the same address afterwards.
var reusedAddress string

const oneClient = `apiVersion: apps/v1
kind: Deployment
metadata: {name: $name, namespace: shop}
spec:
  selector: {matchLabels: {app: $name}}
  template:
    metadata: {labels: {app: $name}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: client, image: "natator-node/traffic:1", args: [serve]}]}
`

// sendFromAddressOf returns a sender that creates a Deployment, sends from its pod, and deletes the Deployment. The pod of the
// second Deployment gets the address of the first Deployment's pod.
func (n *node) sendFromAddressOf(name string) sender {
	return func(options ...string) (sent, error) {
		if err := n.reserveAddress(reusedAddress); err != nil {
			return sent{}, err
		}
		if _, err := n.apply(strings.ReplaceAll(oneClient, "$name", name)); err != nil {
			return sent{}, err
		}
		if _, err := n.kube("-n", "shop", "rollout", "status", "deployment/"+name, "--timeout=60s"); err != nil {
			return sent{}, err
		}
		address, err := n.get("-n", "shop", "pods", "-l", "app="+name, "-o", "jsonpath={.items[0].status.podIP}")
		if err != nil {
			return sent{}, err
		}
		if reusedAddress != "" && address != reusedAddress {
			return sent{}, fmt.Errorf("the pod has %s instead of %s", address, reusedAddress)
		}
		reusedAddress = address
		result, err := n.sendFrom("deployment/"+name, options...)
		if err != nil {
			return sent{}, err
		}
		if _, err := n.kube("-n", "shop", "delete", "deployment", name); err != nil {
			return sent{}, err
		}
		return result, n.await(60*time.Second, "the end of "+name, func() bool {
			pods, err := n.get("-n", "shop", "pods", "-l", "app="+name, "-o", "name")
			return err == nil && pods == ""
		})
	}
}
