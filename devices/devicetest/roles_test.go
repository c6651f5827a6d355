package devicetest

import (
	"context"
	"time"

	"hearth/energy"
)

// Roles made of functions, to put something wrong in the place of something right.

type meterOf func() energy.Reading[energy.Watts]

func (f meterOf) Power() energy.Reading[energy.Watts] { return f() }

type availabilityOf func() energy.Reading[bool]

func (f availabilityOf) Online() energy.Reading[bool] { return f() }

type switchOf struct {
	on   func() energy.Reading[bool]
	turn func(ctx context.Context, on bool, lease time.Duration) error
}

func (s switchOf) On() energy.Reading[bool] { return s.on() }
func (s switchOf) Turn(ctx context.Context, on bool, lease time.Duration) error {
	return s.turn(ctx, on, lease)
}

type setpointOf struct {
	shown   func() energy.Reading[energy.Watts]
	set     func(ctx context.Context, p energy.Watts, lease time.Duration) error
	release func(ctx context.Context) error
}

func (s setpointOf) Setpoint() energy.Reading[energy.Watts] { return s.shown() }
func (s setpointOf) Release(ctx context.Context) error      { return s.release(ctx) }
func (s setpointOf) SetPower(ctx context.Context, p energy.Watts, lease time.Duration) error {
	return s.set(ctx, p, lease)
}

type driverOf struct {
	run   func(ctx context.Context) error
	close func() error
}

func (d driverOf) Run(ctx context.Context) error { return d.run(ctx) }
func (d driverOf) Close() error                  { return d.close() }
