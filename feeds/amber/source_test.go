package amber

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func TestUnderstand_UnderstandsItsRecordings(t *testing.T) {
	feedtest.Recordings(t, func(_ string, body []byte) string {
		all, err := read(body)
		if err != nil {
			return feedtest.Failure(err)
		}
		return feedtest.Told(Config{Import: general, Export: feedIn}.understand(all, two.Add(12*time.Minute)))
	})
}

func TestUnderstand_TakesTheChannelThatIsMeant(t *testing.T) {
	all := []interval{
		{"ActualInterval", 5, two.Add(time.Second), two.Add(5 * time.Minute), general, number("20")},
		{"ActualInterval", 5, two.Add(time.Second), two.Add(5 * time.Minute), controlledLoad, number("9.5")},
	}
	for channel, want := range map[string]string{general: "0.2", controlledLoad: "0.095"} {
		v, err := Config{Import: channel}.understand(all, two)
		if price, _ := v.Import.At(two); err != nil || price.String() != want || len(v.Export.Points) != 0 {
			t.Errorf("%s: %v, want %s, %v", channel, price, want, err)
		}
	}
}

func TestUnderstand_EarnsWhereThePriceOfFeedInIsNegative(t *testing.T) {
	for cents, want := range map[string]string{"-7.125": "0.07125", "3.75": "-0.0375", "0": "0", "-0": "0"} {
		all := []interval{
			{"ActualInterval", 30, two.Add(time.Second), two.Add(30 * time.Minute), general, number("20")},
			{"ActualInterval", 30, two.Add(time.Second), two.Add(30 * time.Minute), feedIn, number(cents)},
		}
		v, err := Config{Import: general, Export: feedIn}.understand(all, two)
		if price, _ := v.Export.At(two); err != nil || price.String() != want {
			t.Errorf("%s cents: %v, want %s, %v", cents, price, want, err)
		}
	}
}

func number(text string) *json.Number { n := json.Number(text); return &n }

// retailer plays the service, with all prices of the market's days that are asked for.
type retailer struct {
	t       *testing.T
	minutes int
	asked   []string
}

func (r *retailer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	query := req.URL.Query()
	r.asked = append(r.asked, query.Get("startDate")+".."+query.Get("endDate"))
	if req.URL.Path != "/v1/sites/01HOME/prices" || req.Header.Get("Authorization") != "Bearer "+token {
		r.t.Errorf("asked for %s with %q", req.URL, req.Header.Get("Authorization"))
	}
	from, err1 := time.Parse("2006-01-02Z07:00", query.Get("startDate")+"+10:00")
	to, err2 := time.Parse("2006-01-02Z07:00", query.Get("endDate")+"+10:00")
	if err1 != nil || err2 != nil || to.Sub(from) >= mostDays*24*time.Hour {
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, "Range requested is too large.")
		return
	}
	all := []map[string]any{}
	step := time.Duration(r.minutes) * time.Minute
	for at := from; at.Before(to.AddDate(0, 0, 1)); at = at.Add(step) {
		all = append(all, map[string]any{
			"type": "ActualInterval", "duration": r.minutes, "channelType": general, "perKwh": 20.5,
			"startTime": at.Add(time.Second).UTC(), "endTime": at.Add(step).UTC(),
		})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(all)
}

func open(t *testing.T, minutes int, more feeds.Settings) (*retailer, feeds.Source) {
	t.Helper()
	r := &retailer{t: t, minutes: minutes}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	settings := feeds.Settings{"url": server.URL, "token": token, "site": "01HOME", "zone": "Australia/Sydney"}
	for key, value := range more {
		settings[key] = value
	}
	s, err := Type.New(settings, feeds.Net{Now: func() time.Time { return two }})
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

// The clock of Sydney shows the hour after 2 twice in April, and springs from 2 to 3 in October. The market's does not.
func TestFetch_HasAllOfEveryDay(t *testing.T) {
	for noon, hours := range map[time.Time]int{
		time.Date(2026, 4, 5, 2, 0, 0, 0, time.UTC):  25,
		time.Date(2026, 7, 4, 2, 0, 0, 0, time.UTC):  24,
		time.Date(2026, 10, 4, 1, 0, 0, 0, time.UTC): 23,
	} {
		for _, minutes := range []int{5, 30} {
			_, s := open(t, minutes, nil)
			whole := energy.Day(noon, s.About().Zone)
			v, err := s.Fetch(t.Context(), whole)
			if err != nil || len(v.Import.Slice(whole).Points) != hours*60/minutes || len(v.Import.Gaps(whole)) != 0 {
				t.Errorf("%v: %d prices, %v", whole, len(v.Import.Slice(whole).Points), err)
			}
		}
	}
}

func TestFetch_AsksForDaysOfTheMarketAWeekAtATime(t *testing.T) {
	r, s := open(t, 30, nil)
	// Midnight of Sydney's summer is eleven in the evening for the market.
	span := energy.Day(time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC), s.About().Zone)
	if _, err := s.Fetch(t.Context(), span); err != nil || fmt.Sprint(r.asked) != "[2026-01-04..2026-01-05]" {
		t.Errorf("asked for %v, %v", r.asked, err)
	}
	r.asked = nil
	span.End = span.Start.AddDate(0, 0, 15)
	v, err := s.Fetch(t.Context(), span)
	if err != nil || len(v.Import.Gaps(span)) != 0 || fmt.Sprint(r.asked) != "[2026-01-04..2026-01-10 2026-01-11..2026-01-17 2026-01-18..2026-01-19]" {
		t.Errorf("asked for %v, %v", r.asked, err)
	}
}

func TestFetch_EndsWithTheDayThatHoldsTheEnd(t *testing.T) {
	r, s := open(t, 30, feeds.Settings{"zone": "Australia/Brisbane", "resolution": "30"})
	day := energy.Day(two, s.About().Zone) // Queensland's clock is the market's
	if _, err := s.Fetch(t.Context(), day); err != nil || fmt.Sprint(r.asked) != "[2026-03-02..2026-03-02]" {
		t.Errorf("asked for %v, %v", r.asked, err)
	}
}

func TestAbout_AnnouncesExportWhereItIsWanted(t *testing.T) {
	for export, want := range map[string]string{"": "[import price]", feedIn: "[import price export price]"} {
		_, s := open(t, 5, feeds.Settings{"export": export})
		if about := s.About(); fmt.Sprint(about.Kinds) != want || about.Currency != "AUD" {
			t.Errorf("%+v, want %s", about, want)
		}
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	good := feeds.Settings{"token": token, "site": "01HOME", "zone": "Australia/Sydney"}
	for want, change := range map[string][2]string{
		`token: is missing`:                 {"token", ""},
		`site "": must be`:                  {"site", ""},
		`site "../usage": must be`:          {"site", "../usage"},
		`zone "": must be`:                  {"zone", ""},
		`import "feedIn": must be`:          {"import", "feedIn"},
		`export "general": must be feedIn`:  {"export", "general"},
		`resolution "15": must be 5 or 30`:  {"resolution", "15"},
		`url "amber": must be that of a we`: {"url", "amber"},
	} {
		settings := feeds.Settings{change[0]: change[1]}
		for key, value := range good {
			if key != change[0] {
				settings[key] = value
			}
		}
		_, err := Type.New(settings, feeds.Net{})
		if feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) || strings.Contains(fmt.Sprint(err), token) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestType_TakesTheHomesZone(t *testing.T) {
	adelaide := feedtest.Zone(t, "Australia/Adelaide")
	settings := feedtest.Settings(Type)
	delete(settings, "zone")
	s, err := Type.New(settings, feeds.Net{Home: feeds.Home{Zone: adelaide}})
	if err != nil || s.About().Zone.String() != "Australia/Adelaide" {
		t.Error("the home's zone is not taken", err)
	}
}

func TestUnderstand_SaysLittleOfManyTypes(t *testing.T) {
	var all []interval
	for i := range 100 {
		all = append(all, interval{Type: fmt.Sprint("Type", i)})
	}
	if v, err := (Config{Import: general}).understand(all, two); err != nil || len(v.Remarks) != 20 {
		t.Errorf("%q, %v", v.Remarks, err)
	}
}
