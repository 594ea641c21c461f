package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

const pollInterval = 50 * time.Millisecond

// Maximum number of restarts of a component. A component that ends more often is broken, and a further restart would
// not help.
const maxRestarts = 5

// supervisor starts the components and executes commands on the main goroutine.
type supervisor struct {
	cluster *cluster
	api     *api
	// Receives components that ended unexpectedly.
	failed  chan *process
	stop    chan os.Signal
	stopped bool
	version string
}

func (s *supervisor) startAll() error {
	for _, p := range s.cluster.components {
		if err := p.start(s.failed); err != nil {
			return err
		}
		if p.name == apiServerName {
			if err := s.await("the API server", s.api.ready); err != nil || s.stopped {
				return err
			}
		}
	}
	if err := s.await("the controller manager", s.api.hasDefaultServiceAccount); err != nil || s.stopped {
		return err
	}
	var err error
	s.version, err = s.api.version()
	return err
}

// await polls until the check succeeds or a signal arrives. It fails if a component ends or the start times out.
func (s *supervisor) await(what string, check func() error) error {
	timeout := time.After(startTimeout)
	for err := check(); err != nil; err = check() {
		select {
		case p := <-s.failed:
			return failure(p)
		case <-s.stop:
			s.stopped = true
			return nil
		case <-timeout:
			return fmt.Errorf("%s did not respond within %v: %w: use --data FOLDER to keep the logs", what, startTimeout, err)
		case <-time.After(pollInterval):
		}
	}
	return nil
}

func failure(p *process) error {
	return fmt.Errorf("%s ended unexpectedly (%v): the end of its log:\n%s", p.name, p.run.child.ProcessState, p.lastLines(15))
}

// supervise runs until a signal, the unexpected end of a component, or the end of the commands. A nil channel means that there
// are no commands.
func (s *supervisor) supervise(commands <-chan string) error {
	for {
		select {
		case <-s.stop:
			return nil
		case p := <-s.failed:
			if err := s.restart(p); err != nil {
				return err
			}
		case command, more := <-commands:
			if !more {
				return nil
			}
			if err := s.execute(strings.Fields(command)); err != nil {
				fmt.Println("error:", err)
			} else {
				fmt.Println("ok")
			}
		}
	}
}

// restart starts a controller that ended, as a kubelet does. The scheduler, for example, ends if the API server was killed after
// it stored a binding and before it responded. The API server and etcd do not end by themselves, so their end is an error.
func (s *supervisor) restart(p *process) error {
	if p.name == apiServerName || p.name == etcdName || p.restarts == maxRestarts {
		return failure(p)
	}
	p.restarts++
	fmt.Fprintf(os.Stderr, "natator: starting %s again: it ended (%v)\n", p.name, p.run.child.ProcessState)
	return p.start(s.failed)
}

func (s *supervisor) execute(words []string) error {
	if len(words) == 1 && words[0] == "compact" {
		return s.api.compact()
	}
	if len(words) != 2 {
		return fmt.Errorf("unknown command '%s'", strings.Join(words, " "))
	}
	p, err := s.cluster.component(words[1])
	if err != nil {
		return err
	}
	switch words[0] {
	case "kill":
		p.kill()
		return nil
	case "stop":
		p.stop()
		return nil
	case "start":
		if err := p.start(s.failed); err != nil {
			return err
		}
		return s.awaitAgain(p)
	case "pause":
		return p.signal(syscall.SIGSTOP)
	case "resume":
		return p.signal(syscall.SIGCONT)
	default:
		return fmt.Errorf("unknown command '%s'", words[0])
	}
}

// awaitAgain waits until a restarted API server works. Other components are not checked.
func (s *supervisor) awaitAgain(p *process) error {
	deadline := time.Now().Add(startTimeout)
	for p.name == apiServerName && s.api.ready() != nil {
		if !p.isRunning() {
			return failure(p)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s did not respond within %v", p.name, startTimeout)
		}
		time.Sleep(pollInterval)
	}
	return nil
}
