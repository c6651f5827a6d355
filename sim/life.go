package sim

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hearth/energy"
	"hearth/openadr/vtn"
	"hearth/sim/cloud/podero"
	"hearth/sim/market"
	"hearth/sim/slave"
	"hearth/sim/tasmota"
)

// sockets is what a started home has open.
type sockets struct {
	mu        sync.Mutex // of starting, running and closing
	isStarted bool
	isClosed  bool
	stop      context.CancelFunc // of the run; nil before
	running   sync.WaitGroup

	vtn     *vtn.VTN
	broker  *broker
	cabinet *slave.Server // meters and battery
	garage  *slave.Server // charger
	plugs   map[string]*tasmota.Plug

	clouds    map[string]*cloud // vendors' services, where the place has them
	contracts *podero.Server    // nil: no supplier keeps its prices there

	days []energy.Interval // that the VTN shows; of Start, then of Run
}

// Start opens the sockets and publishes the prices; the home can be met when it returns. A home starts once.
func (h *Home) Start() error {
	s := &h.sockets
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isStarted || s.isClosed {
		return errors.New("start simulated home: started or closed before")
	}
	s.isStarted = true
	if err := h.open(); err != nil {
		return errors.Join(fmt.Errorf("start simulated home: %w", err), s.close())
	}
	return nil
}

func (h *Home) open() error {
	s := &h.sockets
	s.broker = &broker{}
	if err := s.broker.start(); err != nil {
		return err
	}
	if h.market.Place().Name == market.Germany.Name {
		s.vtn = h.newVTN()
		if err := s.vtn.Start("127.0.0.1:0"); err != nil {
			return err
		}
	}
	if err := h.openClouds(); err != nil {
		return err
	}
	if err := h.publish(); err != nil {
		return err
	}
	var err error
	if s.cabinet, err = slave.Serve(h.cabinetUnits()); err != nil {
		return err
	}
	if s.garage, err = slave.Serve(h.garageUnits()); err != nil {
		return err
	}
	s.plugs = map[string]*tasmota.Plug{Dishwasher: h.newPlug(Dishwasher), Boiler: h.newPlug(Boiler)}
	return nil
}

// Run lets time pass, the plugs live and tomorrow's prices come out, until ctx ends or Close; it returns
// nil then. Start comes first; a home runs once.
func (h *Home) Run(ctx context.Context) error {
	ctx, err := h.sockets.run(ctx)
	if err != nil {
		return err
	}
	defer h.sockets.running.Done()
	var plugs sync.WaitGroup
	defer plugs.Wait()
	defer h.sockets.stop()
	for _, p := range h.sockets.plugs {
		plugs.Go(func() { p.Run(ctx) })
	}
	for {
		if err := h.publish(); err != nil {
			return fmt.Errorf("run simulated home: %w", err)
		}
		if h.clock.Sleep(ctx, h.tick()) != nil {
			return nil
		}
	}
}

func (s *sockets) run(ctx context.Context) (context.Context, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isStarted || s.isClosed || s.stop != nil {
		return nil, errors.New("run simulated home: not started, run before, or closed")
	}
	ctx, s.stop = context.WithCancel(ctx)
	s.running.Add(1)
	return ctx, nil
}

// tick is how often things of the home look around: each step, or forty times in a second of the wall.
func (h *Home) tick() time.Duration { return h.wire(step, 25*time.Millisecond) }

// Close ends the runs and closes the sockets. It may be called before Start, while Run runs, and twice.
func (h *Home) Close() error {
	s := &h.sockets
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isClosed = true
	if s.stop != nil {
		s.stop()
	}
	s.running.Wait()
	return s.close()
}

// close closes what is open, in reverse order. Whoever calls it holds mu.
func (s *sockets) close() error {
	var errs []error
	for _, server := range []*slave.Server{s.garage, s.cabinet} {
		if server != nil {
			errs = append(errs, server.Close())
		}
	}
	for _, c := range s.clouds {
		errs = append(errs, c.close())
	}
	if s.vtn != nil { // it tells by the broker
		errs = append(errs, s.vtn.Close())
	}
	if s.broker != nil {
		errs = append(errs, s.broker.stop())
	}
	return errors.Join(errs...)
}
