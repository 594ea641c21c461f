package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"
)

// uninstall removes the Helm release and reports the objects that remain.
func (n *node) uninstall() ([]verdict, error) {
	n.say("uninstalling ...")
	// Save the logs first, because the kubelet removes the logs of a pod together with the pod.
	if err := os.CopyFS(n.savedLogs, os.DirFS(n.podLogs)); err != nil {
		return nil, err
	}
	if _, err := n.run("", n.helm, "uninstall", release, "--namespace", release, "--wait", "--timeout", "3m"); err != nil {
		return nil, err
	}
	if err := n.await(90*time.Second, "the end of the release's pods", func() bool {
		pods, err := n.get("-n", release, "pods", "-o", "name")
		return err == nil && pods == ""
	}); err != nil {
		return nil, err
	}
	objects, err := n.get("-A", "-o", "name", "-l", "app.kubernetes.io/instance="+release,
		"all,configmaps,secrets,serviceaccounts,persistentvolumeclaims,poddisruptionbudgets,roles,rolebindings,clusterroles,clusterrolebindings")
	if err != nil {
		return nil, err
	}
	leases, err := n.get("-n", release, "leases", "-o", "name")
	if err != nil {
		return nil, err
	}
	const pinned = "/sys/fs/bpf/natator"
	pins, err := os.ReadDir(pinned)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var kernel []string
	for _, pin := range pins {
		kernel = append(kernel, pinned+"/"+pin.Name())
	}
	return []verdict{
		remains("uninstall: objects", append(strings.Fields(objects), strings.Fields(leases)...)),
		remains("uninstall: kernel", kernel),
	}, nil
}

func remains(what string, left []string) verdict {
	v := verdict{what: what, expected: "-", sent: "nothing remains", shown: "nothing", verdict: right}
	if len(left) > 0 {
		v.shown, v.verdict, v.cause = strings.Join(left, "\n"), "LEFT", causeUninstall
	}
	return v
}
