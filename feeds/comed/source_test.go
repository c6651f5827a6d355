package comed

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func TestUnderstand_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(_ string, body []byte) string {
		var both struct {
			Passed  []quote `json:"5minutefeed"`
			Running []quote `json:"currenthouraverage"`
		}
		if err := json.Unmarshal(body, &both); err != nil {
			return feedtest.Failure(err)
		}
		return feedtest.Told(understand(both.Passed, both.Running, eight.Add(12*time.Minute)))
	})
}

// utility plays the service: it has a price for every five minutes until now, and reads questions by the clock of
// Chicago, an hour that comes twice as the first or the second one.
type utility struct {
	now      time.Time
	isSecond bool
	asked    []string
	down     string // the type that is not answered
}

func (u *utility) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	u.asked = append(u.asked, query.Get("type"))
	if query.Get("type") == u.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	if query.Get("type") == "currenthouraverage" {
		fmt.Fprintf(w, `[{"millisUTC": "%d", "price": "2.5"}]`, u.now.Truncate(step).UnixMilli())
		return
	}
	start, err1 := u.read(query.Get("datestart"))
	end, err2 := u.read(query.Get("dateend"))
	if err1 != nil || err2 != nil {
		http.Error(w, "when?", http.StatusBadRequest)
		return
	}
	quotes := []map[string]string{}
	for at := start; !at.After(end) && !at.After(u.now); at = at.Add(step) {
		quotes = append(quotes, map[string]string{"millisUTC": strconv.FormatInt(at.UnixMilli(), 10), "price": "3.0"})
	}
	_ = json.NewEncoder(w).Encode(quotes)
}

func (u *utility) read(text string) (time.Time, error) {
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.ParseInLocation(layout, text, zone)
	if earlier := t.Add(-time.Hour); earlier.Format(layout) == text {
		t = earlier
	}
	if later := t.Add(time.Hour); u.isSecond && later.Format(layout) == text {
		t = later
	}
	return t, err
}

func open(t *testing.T, u *utility) feeds.Source {
	t.Helper()
	server := httptest.NewServer(u)
	t.Cleanup(server.Close)
	s, err := Type.New(feeds.Settings{"url": server.URL}, feeds.Net{Now: func() time.Time { return u.now }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The clock of Chicago springs from 2 to 3 in March, and shows the hour after 1 twice in November.
func TestFetch_HasAllOfEveryDayHoweverAnHourIsMeant(t *testing.T) {
	for noon, want := range map[time.Time]int{
		time.Date(2026, 3, 8, 18, 0, 0, 0, time.UTC):  23 * 12,
		time.Date(2026, 7, 4, 18, 0, 0, 0, time.UTC):  24 * 12,
		time.Date(2026, 11, 1, 18, 0, 0, 0, time.UTC): 25 * 12,
	} {
		for _, isSecond := range []bool{false, true} {
			s := open(t, &utility{now: noon.AddDate(0, 0, 2), isSecond: isSecond})
			whole := energy.Day(noon, s.About().Zone)
			v, err := s.Fetch(t.Context(), whole)
			if err != nil || len(v.Import.Slice(whole).Points) != want || len(v.Import.Gaps(whole)) != 0 {
				t.Errorf("%v: %d prices, want %d, %v", whole, len(v.Import.Slice(whole).Points), want, err)
			}
		}
	}
}

func TestFetch_HoldsTheHourThatComesTwice(t *testing.T) {
	first := time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC) // one o'clock, for the first time
	for _, isSecond := range []bool{false, true} {
		s := open(t, &utility{now: first.AddDate(0, 0, 1), isSecond: isSecond})
		for _, start := range []time.Time{first, first.Add(30 * time.Minute), first.Add(time.Hour), first.Add(90 * time.Minute)} {
			span := energy.Span(start, 20*time.Minute)
			if v, err := s.Fetch(t.Context(), span); err != nil || len(v.Import.Gaps(span)) != 0 {
				t.Errorf("%v: lacks %v, %v", span, v.Import.Gaps(span), err)
			}
		}
	}
}

func TestFetch_HasAPriceOfNow(t *testing.T) {
	u := &utility{now: eight.Add(12 * time.Minute)}
	s := open(t, u)
	v, err := s.Fetch(t.Context(), energy.Day(u.now, s.About().Zone))
	if err != nil {
		t.Fatal(err)
	}
	if price, isKnown := v.Import.At(u.now); !isKnown || price.String() != "0.025" {
		t.Errorf("now: %v, %v", price, isKnown)
	}
	day := 24 * time.Hour
	if !v.IsPreliminary(feeds.ImportPrice, energy.Span(u.now.Add(-day), day)) || v.IsPreliminary(feeds.ImportPrice, energy.Span(eight.Add(-day), day)) {
		t.Error("the running hour alone is preliminary")
	}
	if fmt.Sprint(u.asked) != "[5minutefeed currenthouraverage]" {
		t.Errorf("asked for %v", u.asked)
	}
}

func TestFetch_KnowsNothingOfTheFuture(t *testing.T) {
	u := &utility{now: eight.Add(12 * time.Minute)}
	s := open(t, u)
	if _, err := s.Fetch(t.Context(), energy.Span(eight.Add(time.Hour), time.Hour)); feeds.KindOf(err) != feeds.NotYet {
		t.Errorf("the next hour: %v", err)
	}
	if s.About().Ahead != 0 {
		t.Errorf("announces %v", s.About().Ahead)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	_, err := Type.New(feeds.Settings{"url": "comed"}, feeds.Net{})
	if feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), `url "comed": must be`) {
		t.Error(err)
	}
}

// One of both questions fails: what the other has told is kept, with a remark.
func TestFetch_KeepsWhatCameOfOneQuestion(t *testing.T) {
	u := &utility{now: eight.Add(12 * time.Minute)}
	s := open(t, u)
	for down, want := range map[string]string{"5minutefeed": "0.025", "currenthouraverage": "0.03"} {
		u.down = down
		v, err := s.Fetch(t.Context(), energy.Span(eight, time.Hour))
		if price, _ := v.Import.At(eight.Add(time.Minute)); err != nil || price.String() != want || len(v.Remarks) != 1 || !strings.Contains(v.Remarks[0], "status 503") {
			t.Errorf("without %s: %v, %q, %v", down, price, v.Remarks, err)
		}
	}
}
