package openadr_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

// wants is one of the things that can wait.
func wants(t *testing.T, c *openadr.Client) error {
	t.Helper()
	_, err := c.Programs(t.Context(), openadr.Query{})
	return err
}

func wantNotAsked(t *testing.T, err error) {
	t.Helper()
	if e := wantKind(t, err, openadr.Unavailable); !errors.Is(err, openadr.ErrNotAsked) || !e.Temporary() || e.RetryAfter() != 0 {
		t.Errorf("got %v", err)
	}
}

func TestPatient_AsksNothingBeforeAPollWasAnswered(t *testing.T) {
	v := published(t, 1, vtn.Config{ClientID: "home", ClientSecret: "s"})
	client := connect(t, serve(t, v.ServeHTTP), withSecret)
	patient := client.Patient()
	wantNotAsked(t, wants(t, patient))
	if got := v.Requests(); len(got) > 0 {
		t.Errorf("asked %v", got)
	}
	if err := poll(t, client); err != nil {
		t.Fatal(err)
	}
	if err := wants(t, patient); err != nil {
		t.Errorf("after a poll: %v", err)
	}
	if got := count(v.Requests(), "POST /auth/token"); got != 1 {
		t.Errorf("%d tokens for one home", got)
	}
}

func TestPatient_WaitsWhileAServerIsInTrouble(t *testing.T) {
	for _, c := range []struct {
		status    int
		isTrouble bool
	}{
		{429, true}, {502, true}, {503, true}, {504, true},
		{500, false}, {501, false}, {400, false}, {403, false}, {404, false}, {409, false}, {302, false}, {200, false},
	} {
		status, asked := 200, 0
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "[]")
		})
		client := connect(t, url)
		patient := client.Patient()
		if err := poll(t, client); err != nil {
			t.Fatal(err)
		}
		status, asked = c.status, 0
		_ = poll(t, client)
		if _ = wants(t, patient); (asked == 1) != c.isTrouble {
			t.Errorf("after a %d the server was asked %d times", c.status, asked)
		}
		if c.isTrouble {
			err := wants(t, patient)
			if wantNotAsked(t, err); !strings.Contains(err.Error(), "get events") {
				t.Errorf("it does not say why: %v", err)
			}
		}
		status = 200
		if err := errors.Join(poll(t, client), wants(t, patient)); err != nil {
			t.Errorf("after the %d was over: %v", c.status, err)
		}
	}
}

func TestPatient_ThatMeetsTroubleWaitsForThePollAsWell(t *testing.T) {
	v := published(t, 1, vtn.Config{})
	client := connect(t, serve(t, v.ServeHTTP))
	patient := client.Patient()
	if err := poll(t, client); err != nil {
		t.Fatal(err)
	}
	v.Break(vtn.Busy, nil)
	if err := wants(t, patient); errors.Is(err, openadr.ErrNotAsked) {
		t.Errorf("it was not asked, though all was well: %v", err)
	}
	v.Heal()
	wantNotAsked(t, wants(t, patient)) // the answer to this one may be another crowd
	if err := errors.Join(poll(t, client), wants(t, patient)); err != nil {
		t.Errorf("after a poll: %v", err)
	}
}

func TestPatient_LearnsNothingFromRequestsThatWeEnded(t *testing.T) {
	v := published(t, 1, vtn.Config{})
	client := connect(t, serve(t, v.ServeHTTP))
	if err := poll(t, client); err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := client.Events(ended, openadr.Query{}); err == nil {
		t.Fatal("an ended request was answered")
	}
	if err := wants(t, client.Patient()); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestPatient_SharesWhatOthersLearn(t *testing.T) {
	v := published(t, 1, vtn.Config{})
	client := connect(t, serve(t, v.ServeHTTP), func(c *openadr.Config) { c.Timeout = 50 * time.Millisecond })
	v.Break(vtn.Silent, nil)
	if err := poll(t, client); openadr.KindOf(err) != openadr.Unreachable {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			patient := client.Patient()
			for range 100 {
				if err := wants(t, patient); !errors.Is(err, openadr.ErrNotAsked) {
					t.Errorf("got %v", err)
				}
			}
		})
	}
	all.Wait()
	if got := count(v.Requests(), "GET /programs"); got != 0 {
		t.Errorf("a silent VTN was asked %d times", got)
	}
}
