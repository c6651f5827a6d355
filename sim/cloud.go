package sim

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// cloud is a vendor's service at an address of its own.
type cloud struct {
	url    string
	server *http.Server
	ended  chan error
}

// serve opens a service on a free loopback port.
func serve(h http.Handler) (*cloud, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // on this machine it does not wait
	if err != nil {
		return nil, fmt.Errorf("open cloud: %w", err)
	}
	c := &cloud{"http://" + l.Addr().String(), &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}, make(chan error, 1)}
	go func() { c.ended <- c.server.Serve(l) }()
	return c, nil
}

func (c *cloud) close() error {
	err := c.server.Close()
	if ended := <-c.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// openClouds opens the services that the home's place has.
func (h *Home) openClouds() error {
	s := &h.sockets
	s.clouds = map[string]*cloud{}
	handlers, err := h.vendors()
	if err != nil {
		return err
	}
	for name, handler := range handlers {
		if s.clouds[name], err = serve(handler); err != nil {
			delete(s.clouds, name)
			return err
		}
	}
	return nil
}

// secret is what all the vendors know of this home: only this process can reach them.
const secret = "simulated-home"

// secretFile writes the secret where the configuration can name it.
func secretFile(dir, name string) (string, error) {
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("configure simulated home: %w", err)
	}
	return file, nil
}
