package devicetest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"hearth/devices"
	"hearth/energy"
)

// defect is a driver that breaks one law.
type defect struct {
	name  string
	law   string
	says  string // in the failure
	build Factory
}

func defects() []defect {
	var all []defect
	for _, some := range [][]defect{readingDefects(), commandDefects(), refusalDefects(), lifeDefects(), guardDefects(), nudgingDefects()} {
		all = append(all, some...)
	}
	return all
}

func readingDefects() []defect {
	return []defect{
		{"sign as the maker has it", "ReadsWattsWithOurSign", "still not so: power reads 1.234kW", plug(power(func(m *memory, r watts) watts { r.Value = -r.Value; return r }))},
		{"magnitude for sign", "ReadsWattsWithOurSign", "still not so: power reads -432W", battery(func(b *storage, d *devices.Device) {
			power(func(_ *memory, r watts) watts { r.Value = max(r.Value, -r.Value); return r })(b.memory, d)
		})},
		{"kilowatts for watts", "ReadsWattsWithOurSign", "still not so: power reads", plug(power(func(m *memory, r watts) watts { r.Value /= 1000; return r }))},
		{"time of another clock", "ReadsWattsWithOurSign", "a reading just taken is 1h0m", plug(power(func(m *memory, r watts) watts { r.At = r.At.Add(-time.Hour); return r }))},
		{"old values stamped anew", "OldReadingsAreNotValid", "a silent device has no valid reading any more", plug(func(m *memory, d *devices.Device) {
			d.Meter = meterOf(func() watts {
				m.mu.Lock()
				defer m.mu.Unlock()
				return energy.Read(m.seen.Value, m.clock.Now())
			})
		})},
		{"old values for ever", "OldReadingsAreNotValid", "a silent device has no valid reading any more", plug(power(func(m *memory, r watts) watts { r.Valid = true; return r }))},
		{"silent for ever", "OldReadingsAreNotValid", "it is valid again", plug(func(m *memory, d *devices.Device) {
			var wasOld atomic.Bool
			power(func(_ *memory, r watts) watts {
				if !r.Valid && !r.At.IsZero() {
					wasOld.Store(true)
				}
				r.Valid = r.Valid && !wasOld.Load()
				return r
			})(m, d)
		})},
		{"garbage read as a number", "GarbageIsNotAReading", "garbage was read as", plug(power(func(m *memory, r watts) watts {
			if m.has(Garbage) {
				return energy.Read(energy.Watts(32767), m.clock.Now())
			}
			return r
		}))},
		{"deaf after a restart", "ComesBackAfterARestart", "the same device reads on", plug(power(func(m *memory, r watts) watts {
			m.mu.Lock()
			defer m.mu.Unlock()
			r.Valid = r.Valid && m.restarts == 0
			return r
		}))},
		{"gives up after three losses", "ComesBackAfterFlapping", "it reads on", plug(power(func(m *memory, r watts) watts {
			m.mu.Lock()
			defer m.mu.Unlock()
			r.Valid = r.Valid && m.losses < 3
			return r
		}))},
		{"online whatever happens", "SaysWhenItIsOffline", "it is offline", plug(func(m *memory, d *devices.Device) {
			d.Availability = availabilityOf(func() energy.Reading[bool] { return energy.Read(true, m.clock.Now()) })
		})},
		{"offline for ever", "SaysWhenItIsOffline", "it is online", plug(func(m *memory, d *devices.Device) {
			d.Availability = availabilityOf(func() energy.Reading[bool] {
				m.mu.Lock()
				defer m.mu.Unlock()
				return energy.Read(m.losses == 0, m.clock.Now())
			})
		})},
	}
}

func commandDefects() []defect {
	return []defect{
		{"sends nothing", "CommandShowsInAReading", "the device obeys on", plug(turn(func(context.Context, *memory, bool, time.Duration) error { return nil }))},
		{"off for on", "CommandShowsInAReading", "the device obeys on", plug(turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
			return m.Turn(ctx, !on, lease)
		}))},
		{"never shows the switch", "CommandShowsInAReading", "a reading shows on", plug(func(m *memory, d *devices.Device) {
			d.Switch = switchOf{func() energy.Reading[bool] { return energy.Read(false, m.clock.Now()) }, m.Turn}
		})},
		{"shows the command before it was read", "CommandShowsInAReading", "was shown by a reading from before it", plug(func(m *memory, d *devices.Device) {
			d.Switch = switchOf{func() energy.Reading[bool] {
				r := m.On()
				r.At = r.At.Add(-30 * time.Second)
				return r
			}, m.Turn}
		})},
		{"charges for discharging", "CommandShowsInAReading", "the device obeys power -2kW", battery(set(func(ctx context.Context, b *storage, p energy.Watts, lease time.Duration) error {
			return b.SetPower(ctx, max(p, -p), lease)
		}))},
		{"kilowatts told for watts", "CommandShowsInAReading", "the device obeys power 2kW", battery(set(func(ctx context.Context, b *storage, p energy.Watts, lease time.Duration) error {
			return b.SetPower(ctx, p/1000, lease)
		}))},
		{"shows what it was told", "LyingDeviceDoesNotShowTheCommand", "a reading shows what the device does not do", plug(parrot)},
		{"shows the power it was told", "LyingDeviceDoesNotShowTheCommand", "a reading shows what the device does not do", battery(func(b *storage, d *devices.Device) {
			var told atomic.Int64
			d.Setpoint = setpointOf{
				func() watts { return energy.Read(energy.Watts(told.Load()), b.clock.Now()) },
				func(ctx context.Context, p energy.Watts, lease time.Duration) error {
					told.Store(int64(p))
					return b.SetPower(ctx, p, lease)
				}, b.Release}
		})},
		{"no lease", "LapsedLeaseEndsTheCommand", "the lapsed lease ends it", plug(turn(func(ctx context.Context, m *memory, on bool, _ time.Duration) error { return m.Turn(ctx, on, 0) }))},
		{"no lease on a power", "LapsedLeaseEndsTheCommand", "the lapsed lease ends it", battery(set(func(ctx context.Context, b *storage, p energy.Watts, _ time.Duration) error {
			return b.SetPower(ctx, p, 0)
		}))},
		{"renews by itself", "LapsedLeaseEndsTheCommand", "the lapsed lease ends it", plug(func(m *memory, d *devices.Device) {
			m.onPoll = func() { // a driver that keeps the device up while nobody asks for it
				if !m.expires.IsZero() {
					m.isOn, m.expires = true, m.clock.Now().Add(time.Minute)
				}
			}
		})},
	}
}

func refusalDefects() []defect {
	return []defect{
		{"takes a negative lease", "RefusesWhatIsOutOfRange", "a negative lease was not refused", plug(turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
			return m.Turn(ctx, on, max(0, lease))
		}))},
		{"cuts a lease in silence", "RefusesWhatIsOutOfRange", "a lease beyond the longest was not refused", plug(turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
			return m.Turn(ctx, on, min(time.Hour, lease))
		}))},
		{"sends what it refuses", "RefusesWhatIsOutOfRange", "refused commands reached the wire", plug(turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
			if lease < 0 || lease > time.Hour {
				return errors.Join(errors.New("refused"), m.Turn(ctx, on, 0))
			}
			return m.Turn(ctx, on, lease)
		}))},
		{"cuts a power in silence", "RefusesWhatIsOutOfRange", "a power out of range was not refused", battery(set(func(ctx context.Context, b *storage, p energy.Watts, lease time.Duration) error {
			return b.SetPower(ctx, min(storagePower, max(-storagePower, p)), lease)
		}))},
		{"sends what is no number", "RefusesWhatIsOutOfRange", "a power out of range was not refused", battery(set(func(ctx context.Context, b *storage, p energy.Watts, lease time.Duration) error {
			if p != p {
				p = 0
			}
			return b.SetPower(ctx, p, lease)
		}))},
		{"ignores its context", "SendsNothingWhenGivenUp", "a command whose context has ended was sent", plug(turn(func(_ context.Context, m *memory, on bool, lease time.Duration) error {
			return m.Turn(context.Background(), on, lease)
		}))},
		{"is slow to give up", "SendsNothingWhenGivenUp", "giving up took", plug(turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
			if ctx.Err() != nil {
				time.Sleep(1100 * time.Millisecond) // of the wall: the law goes by it
			}
			return m.Turn(ctx, on, lease)
		}))},
		{"refuses while another is under way", "SerialisesCommands", "busy", plug(func(m *memory, d *devices.Device) {
			var isBusy atomic.Bool
			turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
				if !isBusy.CompareAndSwap(false, true) {
					return errors.New("busy")
				}
				defer isBusy.Store(false)
				time.Sleep(20 * time.Millisecond) // on the wire
				return m.Turn(ctx, on, lease)
			})(m, d)
		})},
		{"stuck after the eighth", "SerialisesCommands", "the last command holds", plug(func(m *memory, d *devices.Device) {
			var count atomic.Int64
			turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
				if count.Add(1) > 8 {
					return m.Turn(ctx, false, 0)
				}
				return m.Turn(ctx, on, lease)
			})(m, d)
		})},
		{"commands beside a retained ON", "RefusesBesideARetainedCommand", "a command was sent beside a retained one", plug(turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
			m.mu.Lock()
			m.retained = false
			m.mu.Unlock()
			return m.Turn(ctx, on, lease)
		}))},
		{"refuses a retained ON and sends yet", "RefusesBesideARetainedCommand", "1 commands reached the device", plug(turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
			err := m.Turn(ctx, on, lease)
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.retained {
				m.commands++
			}
			return err
		}))},
	}
}

func lifeDefects() []defect {
	return []defect{
		{"runs on when closed", "CloseEndsRunAtAnyTime", "run of a closed device does not end", plug(func(m *memory, d *devices.Device) {
			d.Driver = driverOf{m.Run, func() error { return nil }}
		})},
		{"fails to close twice", "CloseEndsRunAtAnyTime", "second close: closed", plug(func(m *memory, d *devices.Device) {
			var isClosed atomic.Bool
			d.Driver = driverOf{m.Run, func() error {
				if isClosed.Swap(true) {
					return errors.New("closed")
				}
				return m.Close()
			}}
		})},
		{"fails to close before it ran", "CloseEndsRunAtAnyTime", "close before run: not running", plug(func(m *memory, d *devices.Device) {
			d.Driver = driverOf{m.Run, func() error { _ = m.Close(); return errors.New("not running") }}
		})},
		{"takes a close for a failure", "CloseEndsRunAtAnyTime", "run of a closed device: connection lost", plug(func(m *memory, d *devices.Device) {
			d.Driver = driverOf{func(ctx context.Context) error { _ = m.Run(ctx); return errors.New("connection lost") }, m.Close}
		})},
		{"runs on without its context", "RunEndsWithItsContext", "run without its context does not end", plug(func(m *memory, d *devices.Device) {
			d.Driver = driverOf{func(ctx context.Context) error { return m.Run(context.WithoutCancel(ctx)) }, m.Close}
		})},
		{"takes the end for a failure", "RunEndsWithItsContext", "run without its context: context canceled", plug(func(m *memory, d *devices.Device) {
			d.Driver = driverOf{func(ctx context.Context) error { return errors.Join(m.Run(ctx), ctx.Err()) }, m.Close}
		})},
	}
}

func guardDefects() []defect {
	return []defect{
		{"a tenth of the lease", "GuardRenewsTheLease", "the device stopped", plug(turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
			return m.Turn(ctx, on, lease/10)
		}))},
		{"hides that the device lies", "GuardNoticesALie", "the lie is noticed", plug(parrot)},
		{"overrules the resident", "GuardLetsTheResidentWin", "the hand is seen", plug(func(m *memory, d *devices.Device) {
			isWanted := false
			m.onPoll = func() {
				if isWanted = isWanted || m.isOn; isWanted {
					m.isOn = true
				}
			}
			d.Switch = switchOf{func() energy.Reading[bool] {
				r := m.On()
				m.mu.Lock()
				defer m.mu.Unlock()
				r.Value = r.Value || isWanted
				return r
			}, m.Turn}
		})},
		{"never safe", "GuardLeavesTheSafeState", "the device is safe", plug(turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
			if !on {
				return nil
			}
			return m.Turn(ctx, on, lease)
		}))},
		{"never released", "GuardLeavesTheSafeState", "the device is safe", battery(func(b *storage, d *devices.Device) {
			d.Setpoint = setpointOf{b.Setpoint, b.SetPower, func(context.Context) error { return nil }}
		})},
	}
}

type watts = energy.Reading[energy.Watts]

// power puts something between the meter and who reads it.
func power(change func(*memory, watts) watts) func(*memory, *devices.Device) {
	return func(m *memory, d *devices.Device) {
		d.Meter = meterOf(func() watts { return change(m, m.Power()) })
	}
}

// turn puts something in the place of the switch's command.
func turn(other func(ctx context.Context, m *memory, on bool, lease time.Duration) error) func(*memory, *devices.Device) {
	return func(m *memory, d *devices.Device) {
		d.Switch = switchOf{m.On, func(ctx context.Context, on bool, lease time.Duration) error { return other(ctx, m, on, lease) }}
	}
}

// set puts something in the place of the command of a power.
func set(other func(ctx context.Context, b *storage, p energy.Watts, lease time.Duration) error) func(*storage, *devices.Device) {
	return func(b *storage, d *devices.Device) {
		d.Setpoint = setpointOf{b.Setpoint, func(ctx context.Context, p energy.Watts, lease time.Duration) error { return other(ctx, b, p, lease) }, b.Release}
	}
}

// parrot says that the switch is as it was told.
func parrot(m *memory, d *devices.Device) {
	var told atomic.Bool
	d.Switch = switchOf{
		func() energy.Reading[bool] { return energy.Read(told.Load(), m.clock.Now()) },
		func(ctx context.Context, on bool, lease time.Duration) error {
			told.Store(on)
			return m.Turn(ctx, on, lease)
		},
	}
}

// leaking leaves a goroutine behind at each command.
func leaking(m *memory, d *devices.Device) {
	never := make(chan struct{}) // that nobody closes
	turn(func(ctx context.Context, m *memory, on bool, lease time.Duration) error {
		go func() { <-never }()
		return m.Turn(ctx, on, lease)
	})(m, d)
}
