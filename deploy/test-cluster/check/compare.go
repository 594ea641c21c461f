package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"
)

// link is a link in the response of topology's API. It contains only the fields that the rows need.
type link struct {
	Client            workload         `json:"client"`
	Server            workload         `json:"server"`
	ServerPort        int              `json:"serverPort"`
	Via               string           `json:"via"`
	BytesToServer     int64            `json:"bytesToServer"`
	BytesToClient     int64            `json:"bytesToClient"`
	ConnectionsOpened int64            `json:"connectionsOpened"`
	ConnectionsFailed int64            `json:"connectionsFailed"`
	Failures          map[string]int64 `json:"failures"`
}

func (l link) names() string {
	via := ""
	if l.Via != "" {
		via = " via " + service(l.Via)
	}
	return fmt.Sprintf("%v → %v%s", l.Client, l.Server, via)
}

func (l link) amounts() sent {
	return sent{Connections: l.ConnectionsOpened, ToServer: l.BytesToServer, ToClient: l.BytesToClient, Refused: l.ConnectionsFailed}
}

func (n *node) links() ([]link, error) {
	client := http.Client{Timeout: 20 * time.Second}
	response, err := client.Get("http://" + net.JoinHostPort(n.topology, "7117") + "/api/links?limit=100000")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var shown struct {
		Links []link `json:"links"`
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/api/links: %s: %s", response.Status, body)
	}
	return shown.Links, json.Unmarshal(body, &shown)
}

// verdict is the result of the comparison for one row, which is a line of the printed table.
type verdict struct {
	what, expected, sent, shown string
	verdict                     string
	cause                       string
}

const right = "right"

// compare polls topology until all rows are right, or until topology's links have not changed for a while.
func (n *node) compare(rows []row) []verdict {
	n.say("comparing ...")
	const patience, limit = 30 * time.Second, 3 * time.Minute
	began := time.Now()
	var verdicts []verdict
	var before string
	changed := time.Now()
	for n.ctx.Err() == nil && time.Since(changed) < patience && time.Since(began) < limit {
		links, err := n.links()
		if err == nil {
			verdicts = nil
			wrong := 0
			for _, r := range rows {
				v := r.judge(links, n)
				if v.verdict != right {
					wrong++
				}
				verdicts = append(verdicts, v)
			}
			if wrong == 0 {
				return verdicts
			}
			if now := fmt.Sprint(verdicts); now != before {
				before, changed = now, time.Now()
			}
		} else {
			n.say("topology does not respond: %v", err)
		}
		time.Sleep(2 * time.Second)
	}
	return verdicts
}

func (r row) judge(links []link, n *node) verdict {
	expected := link{Client: r.from, Server: r.to, Via: r.via}
	v := verdict{what: r.what, expected: expected.names(), sent: r.sent.String(), verdict: right}
	var sum sent
	var shown []link
	for _, l := range links {
		if l.ServerPort == r.port {
			sum.add(l.amounts())
			shown = append(shown, l)
		}
	}
	sort.Slice(shown, func(i, j int) bool { return shown[i].names() < shown[j].names() })
	v.shown = sum.String()
	var wrong []link
	for _, l := range shown {
		if l.names() != expected.names() {
			wrong = append(wrong, l)
		}
	}
	switch {
	case sum != r.sent:
		v.verdict = "WRONG AMOUNT"
		v.shown = texts(shown)
	case len(wrong) > 0:
		v.verdict = "WRONG NAME"
		v.shown = texts(shown)
		v.cause = n.cause(r, wrong)
	case r.sent.Refused > 0 && refusals(shown) != r.sent.Refused:
		v.verdict = "WRONG REASON"
		v.shown = texts(shown)
		v.cause = r.known
	}
	return v
}

func refusals(links []link) int64 {
	var sum int64
	for _, l := range links {
		sum += l.Failures["REFUSED"]
	}
	return sum
}

func texts(links []link) string {
	var lines []string
	for _, l := range links {
		text := l.names() + ": " + l.amounts().String()
		for _, reason := range slices.Sorted(maps.Keys(l.Failures)) {
			text += fmt.Sprintf(", %d %s", l.Failures[reason], reason)
		}
		lines = append(lines, text)
	}
	if len(lines) == 0 {
		return "nothing"
	}
	return strings.Join(lines, "\n")
}

func (s sent) String() string {
	text := fmt.Sprintf("%d conn. %d B → %d B ←", s.Connections, s.ToServer, s.ToClient)
	if s.Refused > 0 {
		text += fmt.Sprintf(", %d refused", s.Refused)
	}
	return text
}

// service returns the Service of a link's via, which also has the dialled port: namespace/name:port.
func service(via string) string {
	name, _, _ := strings.Cut(via, ":")
	return name
}
