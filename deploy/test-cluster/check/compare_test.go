package main

import (
	"strings"
	"testing"
)

var someRow = row{what: "Service", port: 23101, from: web, to: stock, via: "shop/stock", sent: sent{Connections: 2, ToServer: 100, ToClient: 300}}

func TestVerdicts(t *testing.T) {
	whole := link{Client: web, Server: stock, Via: "shop/stock:80", ServerPort: 23101, ConnectionsOpened: 2, BytesToServer: 100, BytesToClient: 300}
	half := whole
	half.ConnectionsOpened, half.BytesToServer, half.BytesToClient = 1, 50, 150
	foreign := half
	foreign.Client = shop("Deployment", "agent")
	other := whole
	other.ServerPort = 23102
	for name, c := range map[string]struct {
		links    []link
		expected string
	}{
		"all in one link":                 {[]link{whole, other}, right},
		"by two links of the same names":  {[]link{half, half}, right},
		"a byte is missing":               {[]link{half}, "WRONG AMOUNT"},
		"nothing is shown":                {nil, "WRONG AMOUNT"},
		"shown twice":                     {[]link{whole, whole}, "WRONG AMOUNT"},
		"partly under another's name":     {[]link{half, foreign}, "WRONG NAME"},
		"whole and something for another": {[]link{whole, foreign}, "WRONG AMOUNT"},
	} {
		n := &node{layout: "hybrid", evidence: newEvidence()}
		if v := someRow.judge(c.links, n); v.verdict != c.expected || v.cause != "" {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestRefusalsNeedTheirReason(t *testing.T) {
	refused := row{port: 23111, from: web, to: shop("Service", "gone"), sent: sent{Refused: 3}, known: causeRefused}
	l := link{Client: web, Server: shop("Service", "gone"), ServerPort: 23111, ConnectionsFailed: 3, Failures: map[string]int64{"REFUSED": 3}}
	n := &node{evidence: newEvidence()}
	if v := refused.judge([]link{l}, n); v.verdict != right {
		t.Errorf("%+v", v)
	}
	l.Failures = map[string]int64{"REFUSED": 2, "ABORTED": 1}
	if v := refused.judge([]link{l}, n); v.verdict != "WRONG REASON" || v.cause != causeRefused {
		t.Errorf("%+v", v)
	}
}

func TestOnlyAnInodeExplainsAWrongName(t *testing.T) {
	agent := shop("Deployment", "agent")
	l := link{Client: agent, Server: stock, Via: "shop/stock:80", ServerPort: 23101, ConnectionsOpened: 2, BytesToServer: 100, BytesToClient: 300}
	n := &node{layout: "hybrid", evidence: newEvidence()}
	n.evidence.pods = map[string]string{"uid-a": "web-1", "uid-b": "agent-1"}
	n.evidence.add(n.evidence.v2, 700, "uid-a")
	n.evidence.add(n.evidence.v1, 701, "uid-b")
	if v := someRow.judge([]link{l}, n); v.verdict != "WRONG NAME" || v.cause != "" {
		t.Errorf("%+v", v)
	}
	n.evidence.add(n.evidence.v1, 700, "uid-b")
	if v := someRow.judge([]link{l}, n); !strings.HasPrefix(v.cause, causeCgroups) {
		t.Errorf("%+v", v)
	}
}

func TestOnlyRowsWithoutAKnownCauseAreAnError(t *testing.T) {
	if err := summary([]verdict{{verdict: right}, {verdict: "WRONG NAME", cause: causeHostJob}}); err != nil {
		t.Error(err)
	}
	if err := summary([]verdict{{verdict: right}, {verdict: "WRONG NAME"}}); err == nil {
		t.Error("no error")
	}
}
