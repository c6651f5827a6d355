package interop_test

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"hearth/openadr/push"
)

// wall is the machine's clock.
type wall struct{}

func (wall) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// soon tries again at once: the peers are here.
type soon struct{}

func (soon) Next(error) time.Duration { return 100 * time.Millisecond }

// hints is the broker's client of a home that follows programs, and rings when the VTN tells of something.
func (h home) hints(venID string, programs []string) (rung <-chan struct{}) {
	t := h.t
	t.Helper()
	username, password, err := h.MQTTLogin(t.Context(), h.broker().Authentication)
	if err != nil {
		t.Fatal(err)
	}
	admit(t, username, password)
	ring := make(chan struct{}, 1)
	bell := push.NewBell(func() {
		select {
		case ring <- struct{}{}:
		default:
		}
	})
	broker, err := push.NewBroker(push.BrokerConfig{VENID: func() string { return venID }, Programs: func() []string { return programs }},
		push.Parts{Client: h.Client, Clock: wall{}, Pace: soon{}, Bell: bell, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { _ = broker.Run(context.WithoutCancel(t.Context())) })
	t.Cleanup(func() {
		_ = broker.Close()
		_ = bell.Close()
		running.Wait()
	})
	for deadline := time.Now().Add(patience); broker.Err() != nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(broker.Err())
		}
	}
	return ring
}

// Whoever follows a program, or is only told where VENs are to listen, is rung for each change, and finds it.
func TestPush_RingsForEachChange(t *testing.T) {
	for of, listen := range map[string]func(h home, program string) (venID string, programs []string){
		"a program": func(_ home, program string) (string, []string) { return "", []string{program} },
		"a VEN":     func(h home, _ string) (string, []string) { return h.enrol().ID, nil },
	} {
		t.Run(of, func(t *testing.T) {
			t.Parallel() // a bell is quiet for seconds after each ring
			u := vtn(t)
			program, called := u.program("")
			u.event(program, hours(today, "0.1"))
			h := u.home()
			venID, programs := listen(h, program)
			rung, follower := h.hints(venID, programs), h.follow(called)
			wants := func(when, want string) {
				t.Helper()
				for deadline := time.After(patience); ; {
					select {
					case <-rung:
					case <-deadline:
						t.Fatalf("%s: no ring, prices %s", when, line(follower.Signals(now).ImportPrice))
					}
					if line(poll(t, follower).ImportPrice) == want {
						return
					}
				}
			}
			wants("connected", today+" 0.1")
			event := u.event(program, `"priority":0,`+hours(today, "0.2"))
			wants("published", today+" 0.2")
			u.want(http.StatusOK, "PUT", "/events/"+event, eventBody(program, `"priority":0,`+hours(today, "0.3")))
			wants("changed", today+" 0.3")
			u.want(http.StatusOK, "DELETE", "/events/"+event, "")
			wants("withdrawn", today+" 0.1")
		})
	}
}
