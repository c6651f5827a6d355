package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"hearth/internal/mdns"
	"hearth/openadr/vtn"
)

// Exit codes, as sysexits.h has them.
const (
	exitOK          = 0
	exitUsage       = 64
	exitData        = 65
	exitUnavailable = 69
	exitIO          = 74
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command{out: os.Stdout, errs: os.Stderr}.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// command is what the program meets outside.
type command struct {
	out, errs io.Writer
	network   mdns.Config
}

// run serves until ctx ends and returns the exit code.
func (c command) run(ctx context.Context, args []string) int {
	o, err := readOptions(args, c.errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	changed := make(chan struct{}, 1)
	cfg := o.config()
	cfg.Changed = func() {
		select {
		case changed <- struct{}{}:
		default: // there is a change to save already
		}
	}
	v := vtn.New(cfg)
	if err := begin(v, o); err != nil {
		fmt.Fprintln(c.errs, "vtn:", err)
		return exitData
	}
	if err := v.Start(o.listen); err != nil {
		fmt.Fprintln(c.errs, "vtn:", err)
		return exitUnavailable
	}
	fmt.Fprintf(c.out, "OpenADR %s at %s\n", o.dialect, v.URL())
	return c.serve(ctx, v, o, changed)
}

// serve keeps the state and the announcement until ctx ends.
func (c command) serve(ctx context.Context, v *vtn.VTN, o options, changed <-chan struct{}) int {
	var all sync.WaitGroup
	if o.public != nil {
		all.Go(func() { c.announce(ctx, service(o, v.Programs())) })
	}
	if o.state != "" {
		all.Go(func() { c.keep(ctx, v, o.state, changed) })
	}
	<-ctx.Done()
	all.Wait()
	code := exitOK
	if err := v.Close(); err != nil {
		fmt.Fprintln(c.errs, "vtn:", err)
		code = exitUnavailable
	}
	if o.state != "" { // after the last request
		if err := save(v, o.state); err != nil {
			fmt.Fprintln(c.errs, "vtn:", err)
			code = exitIO
		}
	}
	return code
}

// keep saves changes, no more often than once a second.
func (c command) keep(ctx context.Context, v *vtn.VTN, name string, changed <-chan struct{}) {
	var last string
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
		c.complain(&last, save(v, name))
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// announce tries again once a minute: the network may come after us.
func (c command) announce(ctx context.Context, s mdns.Service) {
	var last string
	for ctx.Err() == nil {
		c.complain(&last, c.network.Announce(ctx, s))
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute):
		}
	}
}

// complain says once what goes wrong again and again.
func (c command) complain(last *string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != "" && text != *last {
		fmt.Fprintln(c.errs, "vtn:", text)
	}
	*last = text
}

// begin puts on the VTN what it starts with: the state that it left, or else the objects of a file.
func begin(v *vtn.VTN, o options) error {
	if o.state != "" {
		isThere, err := load(v, o.state)
		if isThere || err != nil {
			return err
		}
	}
	if o.objects == "" { // the business side will publish
		return nil
	}
	return publish(v, o.objects)
}
