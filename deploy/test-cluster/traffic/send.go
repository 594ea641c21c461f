package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"time"
)

// options are the options of one series of connections.
type options struct {
	to                 string
	count, parallel    int
	toServer, toClient int64
	interval, hold     time.Duration
	seed               uint64
}

// result is the traffic of a series, as the applications counted it.
type result struct {
	// Number of connections that were established.
	Connections int64 `json:"connections"`
	// Bytes of payload in the established connections, by direction.
	ToServer int64 `json:"toServer"`
	ToClient int64 `json:"toClient"`
	// Number of connections that were refused.
	Refused int64 `json:"refused"`
	// The first failure other than a refusal; empty if there was none. After a failure, the bytes above are incomplete.
	Error string `json:"error,omitempty"`
}

func parseSend(flags *flag.FlagSet, arguments []string) (*options, error) {
	o := &options{}
	flags.IntVar(&o.count, "connections", 1, "the `number` of connections")
	flags.IntVar(&o.parallel, "parallel", 1, "`number` of concurrent connections")
	flags.Int64Var(&o.toServer, "to-server", 1000, "average `bytes` that each connection sends")
	flags.Int64Var(&o.toClient, "to-client", 1000, "average `bytes` that each connection receives")
	flags.DurationVar(&o.interval, "interval", 0, "`pause` before each connection")
	flags.DurationVar(&o.hold, "hold", 0, "`time` for which each stays open after its last byte")
	flags.Uint64Var(&o.seed, "seed", 1, "`seed` of the sizes")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	if flags.NArg() != 1 {
		return nil, fmt.Errorf("name one HOST:PORT")
	}
	o.to = flags.Arg(0)
	return o, nil
}

// size is the payload of one connection, in bytes.
type size struct{ toServer, toClient int64 }

func (o *options) sizes() <-chan size {
	random := rand.New(rand.NewPCG(o.seed, 0))
	sizes := make(chan size)
	go func() {
		defer close(sizes)
		for range o.count {
			sizes <- size{random.Int64N(2*o.toServer + 1), random.Int64N(2*o.toClient + 1)}
		}
	}()
	return sizes
}

func (o *options) send(dial func(network, address string) (net.Conn, error)) result {
	var sum result
	var mutex sync.Mutex
	var workers sync.WaitGroup
	sizes := o.sizes()
	for range o.parallel {
		workers.Go(func() {
			for s := range sizes {
				time.Sleep(o.interval)
				established, err := o.connect(dial, s)
				mutex.Lock()
				sum.add(s, established, err)
				mutex.Unlock()
			}
		})
	}
	workers.Wait()
	return sum
}

func (o *options) connect(dial func(network, address string) (net.Conn, error), s size) (bool, error) {
	connection, err := dial("tcp", o.to)
	if err != nil {
		return false, err
	}
	defer connection.Close()
	if err := exchange(connection, s.toServer, s.toClient); err != nil {
		return true, err
	}
	time.Sleep(o.hold)
	return true, nil
}

func (r *result) add(s size, established bool, err error) {
	switch {
	case err == nil:
		r.Connections++
		r.ToServer += headerSize + s.toServer
		r.ToClient += s.toClient
	case !established && errors.Is(err, syscall.ECONNREFUSED):
		r.Refused++
	case r.Error == "":
		r.Error = err.Error()
	}
}
