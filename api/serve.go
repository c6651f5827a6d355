package api

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// stopTime bounds how long Serve waits for answers under way after its context has ended. Streams end at
// once; the rest is small, so what is still open then has a reader that does not read.
const stopTime = 3 * time.Second

// Serve answers requests until ctx ends, then stops and closes the listener. It returns nil after an
// ordered stop and an error when the listener fails. A nil log is silent.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return run(ctx, newServer(ctx, h, log), l)
}

func run(ctx context.Context, server *http.Server, l net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		_ = server.Close() // the listener's fault is the one to tell
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if server.Shutdown(late) != nil {
		_ = server.Close() // cuts off what is still open
	}
	<-failed
	return nil
}

func newServer(ctx context.Context, h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // so that streams end with it
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second, // for a body nobody asked for; the stream lifts it
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10, // a browser's cookies for "localhost" come from every program on it
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
