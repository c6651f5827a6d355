package podero

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	cloud "hearth/sim/cloud/podero"
)

// vendor is a service on the wire whose clock can be set.
type vendor struct {
	*cloud.Server
	url   string
	now   time.Time
	asked []string
}

func open(t *testing.T, cfg cloud.Config) *vendor {
	t.Helper()
	v := &vendor{now: day.Start}
	cfg.Now, cfg.ClientID, cfg.ClientSecret = func() time.Time { return v.now }, "hearth", secret
	cfg.Organization, cfg.User = organization, user
	v.Server = cloud.New(cfg)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.asked = append(v.asked, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api/partners/v2.0"))
		v.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	v.url = server.URL + "/api/partners/v2.0"
	return v
}

// source asks that service.
func (v *vendor) source(t *testing.T, settings feeds.Settings) *Source {
	t.Helper()
	all := feeds.Settings{"url": v.url}
	maps.Copy(all, settings)
	return sourceOf(t, all, feeds.Net{Now: func() time.Time { return v.now }})
}

// hourly is a contract with a price for each hour of a span: the i-th costs i hundredths.
func hourly(span energy.Interval) cloud.Contract {
	isWhole := true
	c := cloud.Contract{ID: contractID, Building: building, Kind: "spot_hourly", Currency: "EUR", IsWhole: &isWhole}
	for i := range int(span.Length() / time.Hour) {
		c.Prices = append(c.Prices, cloud.Price{Price: json.Number(fmt.Sprintf("%d.%02d", i/100, i%100)), At: span.Start.Add(time.Duration(i) * time.Hour).Format(time.RFC3339)})
	}
	return c
}

func TestFetch_HasEveryHourOfADayOf23And25(t *testing.T) {
	for _, zone := range []string{"Europe/Rome", "Europe/Berlin"} {
		for date, hours := range map[string]int{"2026-03-29": 23, "2026-06-01": 24, "2026-10-25": 25} {
			for _, isGuide := range []bool{false, true} {
				noon, _ := time.Parse(time.RFC3339, date+"T12:00:00Z")
				span := energy.Day(noon, feedtest.Zone(t, zone))
				v, err := open(t, cloud.Config{IsGuide: isGuide, Contracts: []cloud.Contract{hourly(span)}}).source(t, nil).Fetch(t.Context(), span)
				if err != nil || len(v.Import.Points) != hours || len(v.Import.Gaps(span)) != 0 || !v.Import.Extent().End.Equal(span.End) || len(v.Remarks) != 0 {
					t.Errorf("%s in %s: %d hours, gaps %v, %v", date, zone, len(v.Import.Points), v.Import.Gaps(span), err)
				}
			}
		}
	}
}

func TestFetch_TakesAnotherTokenWhenItHasEndedOrIsRefused(t *testing.T) {
	v := open(t, cloud.Config{Contracts: []cloud.Contract{hourly(day)}})
	s := v.source(t, nil)
	tokens := func() (n int) {
		if _, err := s.Fetch(t.Context(), day); err != nil {
			t.Error(err)
		}
		for _, q := range v.asked {
			if q == "POST /oauth2/token/" {
				n++
			}
		}
		return n
	}
	if n := tokens(); n != 1 {
		t.Errorf("none yet: %d", n)
	}
	v.now = v.now.Add(9 * time.Hour)
	if n := tokens(); n != 1 {
		t.Errorf("after nine hours: %d", n)
	}
	v.now = v.now.Add(time.Hour)
	if n := tokens(); n != 2 {
		t.Errorf("after ten hours: %d", n)
	}
	v.Revoke()
	if n := tokens(); n != 3 {
		t.Errorf("refused: %d", n)
	}
}

func TestFetch_SaysThatItsPricesAreAnEcho(t *testing.T) {
	v, err := open(t, cloud.Config{Contracts: []cloud.Contract{hourly(day)}}).source(t, feeds.Settings{"publish": "yes", "kind": "spot_hourly"}).Fetch(t.Context(), day)
	if err != nil || len(v.Remarks) != 1 || !strings.Contains(v.Remarks[0], "echo") {
		t.Errorf("%q, %v", v.Remarks, err)
	}
}

func TestFetch_WantsToKnowWhichOfSeveralContracts(t *testing.T) {
	second := hourly(day)
	second.ID, second.Building = other, other
	v := open(t, cloud.Config{Contracts: []cloud.Contract{hourly(day), second}})
	_, err := v.source(t, nil).Fetch(t.Context(), day)
	if want := "building: the user has 2 contracts, one has to be named of " + building + ", " + other; feeds.KindOf(err) != feeds.Misconfigured || fmt.Sprint(err) != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := v.source(t, feeds.Settings{"building": strings.ToUpper(other)}).Fetch(t.Context(), day); err != nil {
		t.Error(err)
	}
}

func TestNew_FindsTheTokensOfItsEnvironment(t *testing.T) {
	for url, want := range map[string]string{
		"": "app.podero.com", "https://sandbox-app.podero.com/api/partners/v2.0": "sandbox-app.podero.com",
	} {
		var asked string
		s := sourceOf(t, feeds.Settings{"url": url}, feeds.Net{HTTP: &http.Client{Transport: recorded(func(r *http.Request) (int, string) {
			asked = r.Method + " " + r.URL.String() + " " + r.Header.Get("Content-Type")
			return http.StatusForbidden, `{"detail": "no"}`
		})}})
		if _, err := s.Fetch(t.Context(), day); feeds.KindOf(err) != feeds.Misconfigured || asked != "POST https://"+want+"/oauth2/token/ application/json" {
			t.Errorf("%s: asked %s, %v", url, asked, err)
		}
	}
}

// sample is the settings of the type's sample, with a secret.
func sample() feeds.Settings {
	all := feedtest.Settings(Type)
	all["client_secret"] = secret
	return all
}

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }

func TestNew_NamesWhatIsWrong(t *testing.T) {
	for want, change := range map[string]feeds.Settings{
		`url "podero": must be that of a web service`:      {"url": "podero"},
		`token_url "x": must be that of a web service`:     {"token_url": "x"},
		`token_url "https://p.example/oauth2/token": must`: {"token_url": "https://p.example/oauth2/token"},
		`organization "ours": must be an id`:               {"organization": "ours"},
		`user "../x": must be an id`:                       {"user": "../x"},
		`building "3": must be an id`:                      {"building": "3"},
		`meter "12345678901234567890": must have 19`:       {"meter": "12345678901234567890"},
		`supplier "ssss`:                                   {"supplier": strings.Repeat("s", 101)},
		`kind "Spot Hourly": must be spot_hourly, monthly`: {"kind": "Spot Hourly"},
		`kind: is needed where publish is yes`:             {"kind": ""},
		`spelling "both": must be published or guide`:      {"spelling": "both"},
		`publish "true": must be yes or no`:                {"publish": "true"},
		`sub_hourly "1": must be yes or no`:                {"sub_hourly": "1"},
	} {
		settings := sample()
		maps.Copy(settings, change)
		if _, err := Type.New(settings, feeds.Net{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	settings := sample()
	settings["meter"], settings["supplier"] = strings.Repeat("ü", 19), strings.Repeat("ü", 100)
	if _, err := Type.New(settings, feeds.Net{}); err != nil {
		t.Errorf("letters of two bytes count once: %v", err)
	}
}
