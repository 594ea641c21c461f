package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	causeCgroups   = "hybrid cgroups: the inode of another pod's v1 directory equals the cgroup id"
	causeNoCgroup2 = "cgroup v1: without a cgroup2 mount, a pod on the host's network is shown as the node"
	causeBridge    = "kube-proxy masquerades: the API has no owner of the bridge's address"
	causeRefused   = "an ICMP refusal during connect() sets no error on the socket: the connection is ABORTED when the application closes it"
	causeHostJob   = "a short-lived container on the host's network: its cgroup is gone at the look-up"
	causeUninstall = "an uninstall leaves the Lease, the volume claims and the pinned BPF programs"
)

var podDirectory = regexp.MustCompile(`/pod([0-9a-f-]{36})(/|$)`)

// evidence records the node's cgroups and pods. It shows whether a wrong name has a known cause.
type evidence struct {
	mutex sync.Mutex
	// UIDs of pods by the inode of a cgroup's directory, one map for the v1 hierarchies and one for cgroup2. In cgroup2
	// the inode is the cgroup's id.
	v1, v2 map[uint64]map[string]bool
	// Names of pods by UID, including deleted pods.
	pods map[string]string
}

// watchCgroups records the pods' cgroups, because most are removed before the rows are compared.
func (n *node) watchCgroups() {
	n.evidence = newEvidence()
	go func() {
		for n.ctx.Err() == nil {
			n.evidence.walk()
			time.Sleep(time.Second)
		}
	}()
}

func newEvidence() *evidence {
	return &evidence{v1: map[uint64]map[string]bool{}, v2: map[uint64]map[string]bool{}, pods: map[string]string{}}
}

func (e *evidence) walk() {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	_ = filepath.WalkDir("/sys/fs/cgroup", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil // the cgroup was removed in the meantime
		}
		pod := podDirectory.FindStringSubmatch(path)
		if pod == nil {
			return nil
		}
		var status syscall.Stat_t
		if syscall.Stat(path, &status) == nil {
			inodes := e.v1
			if strings.HasPrefix(path, "/sys/fs/cgroup/unified/") {
				inodes = e.v2
			}
			e.add(inodes, status.Ino, pod[1])
		}
		return nil
	})
}

func (e *evidence) add(inodes map[uint64]map[string]bool, inode uint64, pod string) {
	if inodes[inode] == nil {
		inodes[inode] = map[string]bool{}
	}
	inodes[inode][pod] = true
}

// recordPods records the names of pods. Call it while the pods exist.
func (n *node) recordPods() error {
	names, err := n.get("pods", "-A", "-o", `jsonpath={range .items[*]}{.metadata.uid} {.metadata.name}{"\n"}{end}`)
	if err != nil {
		return err
	}
	n.evidence.mutex.Lock()
	defer n.evidence.mutex.Unlock()
	for _, line := range strings.Split(strings.TrimSpace(names), "\n") {
		if uid, name, isPair := strings.Cut(line, " "); isPair {
			n.evidence.pods[uid] = name
		}
	}
	return nil
}

// cause returns why the names of a row are wrong; empty if unknown.
func (n *node) cause(r row, wrong []link) string {
	if r.known != "" {
		return r.known
	}
	cause := ""
	for _, l := range wrong {
		if service(l.Via) != r.via {
			return ""
		}
		for _, end := range []struct{ expected, shown workload }{{r.from, l.Client}, {r.to, l.Server}} {
			if end.expected == end.shown {
				continue
			}
			if cause = n.evidence.explain(n.layout, end.expected, end.shown); cause == "" {
				return ""
			}
		}
	}
	return cause
}

// explain returns how the cgroups can have caused one workload to be named as another; empty if they cannot.
func (e *evidence) explain(layout string, expected, shown workload) string {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if layout == "v1" && shown.Kind == "node" {
		return causeNoCgroup2
	}
	for id, own := range e.v2 {
		if !e.hasPodOf(own, expected) || !e.hasPodOf(e.v1[id], shown) {
			continue
		}
		return fmt.Sprintf("%s (%d)", causeCgroups, id)
	}
	return ""
}

func (e *evidence) hasPodOf(uids map[string]bool, owner workload) bool {
	for uid := range uids {
		if strings.HasPrefix(e.pods[uid], owner.Name+"-") {
			return true
		}
	}
	return false
}
