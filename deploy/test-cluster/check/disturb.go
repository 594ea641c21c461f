package main

import (
	"fmt"
	"strings"
	"time"
)

// disturb sends traffic while Natator's services are replaced, killed and upgraded.
func (n *node) disturb() ([]row, error) {
	// The CronJob runs once per minute, so it starts first and its Jobs run in the meantime.
	if err := n.suspend("report", false); err != nil {
		return nil, err
	}
	var rows []row
	for _, d := range []struct {
		what    string
		port    int
		disturb func() error
	}{
		{"rollout of the server", 23114, func() error { return n.restart("shop", "deployment/stock") }},
		{"collector killed", 23115, n.killCollector},
		{"topology pod replaced", 23116, n.replaceTopologyPod},
		{"upgrade", 23118, n.upgrade},
	} {
		r, err := n.during(d.what, d.port, d.disturb)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
		if err := n.recordPods(); err != nil {
			return nil, err
		}
	}
	late, err := n.leaderDeleted()
	if err != nil {
		return nil, err
	}
	report, err := n.scheduled()
	return append(rows, late, report), err
}

func (n *node) suspend(cronJob string, suspended bool) error {
	_, err := n.kube("-n", "shop", "patch", "cronjob", cronJob, "-p", fmt.Sprintf(`{"spec": {"suspend": %v}}`, suspended))
	return err
}

// during runs a disturbance (such as killing a service) while the workload web sends to the workload stock for about 20
// seconds.
func (n *node) during(what string, port int, disturb func() error) (row, error) {
	n.say("sending: %s", what)
	r := row{what: what, port: port, from: web, to: stock, via: "shop/stock"}
	type outcome struct {
		sent sent
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := n.sendFrom("deployment/web", "--connections=160", "--parallel=8", "--to-server=20000", "--to-client=80000",
			"--interval=500ms", "--hold=500ms", fmt.Sprintf("--seed=%d", port), fmt.Sprintf("stock:%d", port))
		done <- outcome{result, err}
	}()
	disturbed := disturb()
	o := <-done
	r.sent = o.sent
	for _, err := range []error{disturbed, o.err} {
		if err != nil {
			return r, fmt.Errorf("%s: %w", what, err)
		}
	}
	return r, nil
}

func (n *node) restart(namespace, object string) error {
	if _, err := n.kube("-n", namespace, "rollout", "restart", object); err != nil {
		return err
	}
	_, err := n.kube("-n", namespace, "rollout", "status", object, "--timeout=120s")
	return err
}

func (n *node) killCollector() error {
	id, err := n.get("-n", release, "pods", "-l", "app.kubernetes.io/component=collector", "-o",
		"jsonpath={.items[0].status.containerStatuses[0].containerID}")
	if err != nil {
		return err
	}
	if _, err := n.run("", "ctr", "--address", n.containerd, "--namespace", "k8s.io", "tasks", "kill", "--signal", "SIGKILL",
		strings.TrimPrefix(id, "containerd://")); err != nil {
		return err
	}
	if err := n.await(60*time.Second, "the collector's restart", func() bool {
		now, err := n.get("-n", release, "pods", "-l", "app.kubernetes.io/component=collector", "-o",
			"jsonpath={.items[0].status.containerStatuses[0].containerID}")
		return err == nil && now != id
	}); err != nil {
		return err
	}
	_, err = n.kube("-n", release, "rollout", "status", "daemonset/"+release+"-collector", "--timeout=120s")
	return err
}

func (n *node) replaceTopologyPod() error {
	if _, err := n.kube("-n", release, "delete", "pod", release+"-topology-0"); err != nil {
		return err
	}
	_, err := n.kube("-n", release, "rollout", "status", "statefulset/"+release+"-topology", "--timeout=180s")
	return err
}

func (n *node) upgrade() error {
	_, err := n.run("", n.helm, "upgrade", release, n.chart, "--namespace", release, "--reuse-values", "--wait", "--timeout", "5m",
		"--set", "commonLabels.release=second")
	return err
}

// leaderDeleted deletes the enricher's leader, creates a workload, and sends from this workload.
func (n *node) leaderDeleted() (row, error) {
	r := row{what: "created after the leader was deleted", port: 23117, from: shop("Deployment", "late"), to: stock, via: "shop/stock"}
	n.say("sending: %s", r.what)
	leader, err := n.get("-n", release, "lease", release+"-enricher", "-o", "jsonpath={.spec.holderIdentity}")
	if err != nil {
		return r, err
	}
	pods, err := n.get("-n", release, "pods", "-l", "app.kubernetes.io/component=enricher", "-o", "jsonpath={.items[*].metadata.name}")
	if err != nil {
		return r, err
	}
	for _, pod := range strings.Fields(pods) {
		if strings.HasPrefix(leader, pod) {
			if _, err := n.kube("-n", release, "delete", "pod", pod); err != nil {
				return r, err
			}
		}
	}
	if err := n.await(60*time.Second, "another leader", func() bool {
		now, err := n.get("-n", release, "lease", release+"-enricher", "-o", "jsonpath={.spec.holderIdentity}")
		return err == nil && now != "" && now != leader
	}); err != nil {
		return r, err
	}
	if _, err := n.apply(strings.ReplaceAll(oneClient, "$name", "late")); err != nil {
		return r, err
	}
	if _, err := n.kube("-n", "shop", "rollout", "status", "deployment/late", "--timeout=60s"); err != nil {
		return r, err
	}
	r.sent, err = n.sendFrom("deployment/late", "--connections=200", "--parallel=4", "stock:23117")
	return r, err
}

// scheduled waits for two Jobs of the CronJob and adds up the traffic of all its Jobs.
func (n *node) scheduled() (row, error) {
	r := row{what: "CronJob", port: 23109, from: shop("CronJob", "report"), to: stock, via: "shop/stock"}
	n.say("waiting: Jobs of a CronJob's schedule")
	jobs := func() []string {
		names, err := n.get("-n", "shop", "jobs", "-o", "jsonpath={.items[?(@.metadata.ownerReferences[0].name=='report')].metadata.name}")
		if err != nil {
			return nil
		}
		return strings.Fields(names)
	}
	if err := n.await(3*time.Minute, "two Jobs of the CronJob", func() bool { return len(jobs()) >= 2 }); err != nil {
		return r, err
	}
	if err := n.suspend("report", true); err != nil {
		return r, err
	}
	var err error
	if r.sent, err = n.resultsOfJobs(jobs()...); err != nil {
		return r, err
	}
	return r, n.recordPods()
}
