package homeassistant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/keep"
	"hearth/feeds/wire"
	"hearth/internal/clock"
)

// hub answers with a state that counts the questions, or with a word.
type hub struct {
	mu    sync.Mutex
	asked int
	word  string
}

func (h *hub) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	state := fmt.Sprint(h.asked)
	if h.word != "" {
		state = h.word
	}
	body := fmt.Sprintf(`{"entity_id":"sensor.price","state":%q,"attributes":{"unit_of_measurement":"g/kWh"},"last_updated":%q}`, state, time.Now().Format(time.RFC3339))
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

func (h *hub) say(word string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.word = word
}

// memory is a store that forgets.
type memory struct{}

func (memory) Get(string) ([]byte, bool, error) { return nil, false, nil }

func (memory) Put(string, []byte) error { return nil }

// keeper is one of a bare state, and its hub.
func keeper(t *testing.T, name string) (*keep.Keeper, *hub) {
	t.Helper()
	h := &hub{}
	cfg := configs["state"]
	cfg.URL, cfg.Token, cfg.Entity = home, token, "sensor.price"
	cfg.Home = feeds.Home{Zone: time.UTC, Currency: "EUR"}
	s, err := New(cfg, wire.New(feeds.Net{HTTP: &http.Client{Transport: h}}, token))
	if err != nil {
		t.Fatal(err)
	}
	return keep.New(name, "home", keep.Parts{Source: s, Store: memory{}, Clock: clock.Wall{}}), h
}

func run(t *testing.T, k *keep.Keeper, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := k.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

// However a home's questions are spread, the present has a value at any time, and it is the last that was heard.
func TestKeeper_AlwaysKnowsWhatIsNow(t *testing.T) {
	for _, name := range []string{"grid", "carbon", "home", "other", "last"} {
		synctest.Test(t, func(t *testing.T) {
			k, h := keeper(t, name)
			for minute := range 60 {
				run(t, k, time.Minute)
				v, isThere := k.Values().Carbon.At(time.Now())
				if !isThere || v != energy.GramsPerKWh(h.asked) {
					t.Fatalf("%s: after %d minutes it is %v, %v, and %d was heard", name, minute, v, isThere, h.asked)
				}
			}
			if h.asked < 13 || h.asked > 16 {
				t.Errorf("%s: %d questions in an hour, want one in four minutes", name, h.asked)
			}
		})
	}
}

// What cannot be heard is not there: neither 0 nor the last value for ever.
func TestKeeper_KnowsNothingOfASilentEntity(t *testing.T) {
	for _, word := range []string{unknown, unavailable, ""} {
		synctest.Test(t, func(t *testing.T) {
			k, h := keeper(t, "grid")
			run(t, k, time.Minute)
			if h.say(word); word == "" {
				h.say("\u00a0") // blank, and no number
			}
			run(t, k, 6*time.Minute)
			if v, isThere := k.Values().Carbon.At(time.Now()); isThere || k.State().Err == nil {
				t.Errorf("%q is %v", word, v)
			}
			h.say("77")
			run(t, k, time.Hour)
			if v, isThere := k.Values().Carbon.At(time.Now()); !isThere || v != 77 {
				t.Errorf("after %q: %v, %v", word, v, isThere)
			}
		})
	}
}
