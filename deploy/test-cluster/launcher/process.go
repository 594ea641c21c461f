package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const stopTimeout = 10 * time.Second

// process is one component. The main goroutine must start it, because the child ends with the thread that started it.
type process struct {
	name    string
	command []string
	log     string
	run     *run
	// Number of times that the component was started again after an unexpected end.
	restarts int
}

// run is one run of a component.
type run struct {
	child *exec.Cmd
	ended chan struct{}
	// True if the launcher has asked the component to end.
	ending atomic.Bool
}

func newProcess(dir, name string, command ...string) *process {
	return &process{name: name, command: command, log: filepath.Join(dir, name+".log")}
}

// start runs the component. If the component ends unexpectedly, it is sent to the channel failed.
func (p *process) start(failed chan<- *process) error {
	if p.isRunning() {
		return fmt.Errorf("%s is running already", p.name)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	child := exec.Command(p.command[0], p.command[1:]...)
	child.Stdout, child.Stderr = log, log
	// In a separate process group, a component does not receive the terminal's Ctrl-C. The launcher stops components in order.
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := child.Start(); err != nil {
		return fmt.Errorf("cannot start %s: %w", p.name, err)
	}
	current := &run{child: child, ended: make(chan struct{})}
	p.run = current
	go func() {
		_ = child.Wait()
		close(current.ended)
		if !current.ending.Load() {
			failed <- p
		}
	}()
	return nil
}

func (p *process) isRunning() bool {
	if p.run == nil {
		return false
	}
	select {
	case <-p.run.ended:
		return false
	default:
		return true
	}
}

// signal sends a signal to the component, which must be running.
func (p *process) signal(signal syscall.Signal) error {
	if !p.isRunning() {
		return fmt.Errorf("%s is not running", p.name)
	}
	return p.run.child.Process.Signal(signal)
}

// stop ends the component and waits for its end. After a timeout it kills the component.
func (p *process) stop() {
	if !p.isRunning() {
		return
	}
	p.run.ending.Store(true)
	_ = p.signal(syscall.SIGCONT)
	_ = p.signal(syscall.SIGTERM)
	select {
	case <-p.run.ended:
	case <-time.After(stopTimeout):
		p.kill()
	}
}

// kill ends the component by SIGKILL and waits for its end.
func (p *process) kill() {
	if p.isRunning() {
		p.run.ending.Store(true)
		_ = p.signal(syscall.SIGKILL)
		<-p.run.ended
	}
}

// lastLines returns the last lines of the component's log.
func (p *process) lastLines(count int) string {
	text, err := os.ReadFile(p.log)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
