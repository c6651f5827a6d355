// Command vtn publishes OpenADR 3 programs and events from a JSON file: a price feed to try Hearth with,
// or the one of a building that has prices of its own.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

// Exit codes, as sysexits.h has them.
const (
	exitOK          = 0
	exitUsage       = 64
	exitData        = 65
	exitUnavailable = 69
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run serves until ctx ends and returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("vtn", flag.ContinueOnError)
	flags.SetOutput(errs)
	listen := flags.String("listen", "127.0.0.1:8080", "address on this machine")
	objects := flags.String("objects", "", "JSON file with programs and events (required)")
	client := flags.String("client", "", "client id and secret, as id:secret; empty lets anybody in")
	dialect := flags.String("dialect", string(openadr.Dialect31), "version of OpenADR to speak: 3.1, 3.0 (3.0.1) or 3.0.0")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		return exitUsage
	}
	known := []openadr.Dialect{openadr.Dialect31, openadr.Dialect30, openadr.Dialect300}
	if *objects == "" || flags.NArg() > 0 || !slices.Contains(known, openadr.Dialect(*dialect)) {
		flags.Usage()
		return exitUsage
	}
	id, secret, _ := strings.Cut(*client, ":")
	v := vtn.New(vtn.Config{ClientID: id, ClientSecret: openadr.Secret(secret), Dialect: openadr.Dialect(*dialect)})
	if err := publish(v, *objects); err != nil {
		fmt.Fprintln(errs, "vtn:", err)
		return exitData
	}
	if err := v.Start(*listen); err != nil {
		fmt.Fprintln(errs, "vtn:", err)
		return exitUnavailable
	}
	fmt.Fprintf(out, "OpenADR %s at %s\n", *dialect, v.URL())
	<-ctx.Done()
	if err := v.Close(); err != nil {
		fmt.Fprintln(errs, "vtn:", err)
		return exitUnavailable
	}
	return exitOK
}

// publish puts the objects of a file on the VTN.
func publish(v *vtn.VTN, name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var file struct {
		Programs []openadr.Program `json:"programs"`
		Events   []openadr.Event   `json:"events"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(file.Programs) == 0 {
		return fmt.Errorf("%s: holds no programs", name)
	}
	for _, p := range file.Programs {
		v.PutProgram(p)
	}
	for _, e := range file.Events {
		v.Put(e)
	}
	return nil
}
