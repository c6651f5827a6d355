package digiwatt

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }

// Nothing is read that is not announced.
func TestType_AnnouncesItsKeys(t *testing.T) {
	var names []string
	for _, k := range Type.Keys {
		names = append(names, k.Name)
	}
	for key := range home("http://127.0.0.1:1", "token_url", "", "stamp_zone", "", "paths.users", "", "onboard", "") {
		table, _, isBelow := strings.Cut(key, ".")
		i := slices.Index(names, table)
		if i < 0 || Type.Keys[i].IsTable != isBelow {
			t.Errorf("%s is not announced as it is", key)
		}
	}
}

func TestType_NamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"url", "digiwatt", `url "digiwatt": must be that of a web service`},
		{"token_url", "token", `token_url "token": must be that of a web service`},
		{"stamp_zone", "Rome", `stamp_zone "Rome": must be a time zone such as Europe/Rome`},
		{"pod", "FR001", `pod "FR001": must begin with IT`},
		{"pod", "IT 001", `pod "IT 001": must begin with IT`},
		{"account_number", "..", `account_number "..": is no number`},
		{"onboard", "maybe", `onboard "maybe": must be yes or no`},
		{"onboard", "yes", `house: is missing, and onboard needs it`},
		{"house.type", "apartment", `house.province: is missing`},
		{"house.size", "87", `house "size": must be type, dimension, dimesion or province`},
		{"residents.cats", "2", `residents "cats": must be adults, children or elderlies`},
		{"appliances.oven", "1", `house.type: is missing`},
		{"paths.bills", "/bills", `paths "bills": must be compound, consumption, distribution, greenness`},
		{"paths.greenness", "greenness", `paths.greenness: "greenness" must begin with /`},
		{"paths.greenness", "https://example.org/", `paths.greenness: "https://example.org/" must begin with /`},
		{"paths.greenness", "/%zz", `paths.greenness: "/%zz" is no path`},
		{"paths.greenness", "/{period}", `paths.greenness: there is no {period} here`},
		{"paths.trend", "/{smartmeterId}/trend", `paths.trend: there is no {smartmeterId} here`},
		{"paths.habits", "/{account_number}/habits", `paths.habits: {period} is missing`},
	} {
		_, err := Type.New(settings("http://127.0.0.1:1", c.key, c.value), feeds.Net{})
		if feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), c.want) || strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%s %q: %v, want %s", c.key, c.value, err, c.want)
		}
	}
	for _, c := range []struct{ key, value, want string }{
		{"house.dimension", "big", `house.dimension "big": must be a number of square metres`},
		{"house.dimension", "NaN", `house.dimension "NaN": must be`},
		{"house.dimension", "-3", `house.dimension "-3": must be`},
		{"residents.children", "1.5", `residents.children "1.5": must be a number of 0 or more`},
		{"residents.adults", "", `residents.adults "": must be`},
		{"appliances.oven", "-1", `appliances.oven "-1": must be`},
	} {
		if _, err := Type.New(home("http://127.0.0.1:1", c.key, c.value), feeds.Net{}); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), c.want) {
			t.Errorf("%s %q: %v, want %s", c.key, c.value, err, c.want)
		}
	}
	nobody := home("http://127.0.0.1:1", "onboard", "yes")
	delete(nobody, "account_number")
	if _, err := Type.New(nobody, feeds.Net{}); !strings.HasPrefix(fmt.Sprint(err), "account_number: is missing, and onboard needs it") {
		t.Error(err)
	}
}

// Both spellings of the size are read, and the vendor's own is what is written.
func TestType_ReadsTheSizeUnderBothNames(t *testing.T) {
	s := home("http://127.0.0.1:1", "house.dimesion", "91.5")
	delete(s, "house.dimension")
	draft, err := order(t, open(t, s, noon), "onboard").Prepare(t.Context(), nil, feeds.Tariff{})
	if err != nil || !strings.Contains(draft.Text, `"dimesion":91.5`) || strings.Contains(draft.Text, "dimension") {
		t.Errorf("%q, %v", draft.Text, err)
	}
}

func TestPaths_AreFilledAndEscaped(t *testing.T) {
	for _, c := range []struct{ account, template, want string }{
		{"1234567890", "", "/consumption/1234567890/habits/last-week"},
		{"12/34 ?", "", "/consumption/12%2F34%20%3F/habits/last-week"},
		{"1 2", "/v2/habits?account={account_number}&of={period}", "/v2/habits?account=1+2&of=last-week"},
		{"1", "/{period}", "/last-week"},
	} {
		var got string
		base := vendor(t, func(w http.ResponseWriter, r *http.Request) {
			got = r.RequestURI
			_, _ = io.WriteString(w, `{"status": 200, "data": {"electricity_data": {"index": [], "columns": [], "data": []}}}`)
		})
		s := settings(base+"/", "account_number", c.account)
		if c.template != "" {
			s["paths.habits"] = c.template
		}
		if _, err := open(t, s, noon).Habits(t.Context(), LastWeek); err != nil || got != c.want {
			t.Errorf("%s: asked for %s, %v, want %s", c.template, got, err, c.want)
		}
	}
}

func TestPaths_WithoutAnAccountOnlyGreennessIsThere(t *testing.T) {
	s := settings(vendor(t, says(`{"status": 200, "data": {"account_number": "7", "time_series": {"index": [], "columns": ["renewable_fraction"], "data": []}}}`)))
	delete(s, "account_number")
	source := open(t, s, noon)
	for _, q := range source.Questions() {
		_, err := q.Ask(t.Context(), feeds.Settings{"period": "yesterday"})
		if q.Name == greenness && err != nil || q.Name != greenness && !strings.HasPrefix(fmt.Sprint(err), "account_number: is missing, and "+q.Name) {
			t.Errorf("%s: %v", q.Name, err)
		}
	}
}

// Days are days, wherever a Z is presumed to be.
func TestSaving_KeepsItsDaysInAnyZone(t *testing.T) {
	body := `{"status": 200, "data": {"saving_data": [{"appliance": "standby", "history": {"consumptions_history": [{"start": "2026-07-11T00:00:00Z", "stop": "2026-07-17T00:00:00Z", "value": 1}]}}]}}`
	table, err := ask(t, open(t, settings(vendor(t, says(body)), "stamp_zone", "Europe/Rome"), noon), saving, nil)
	if err != nil || !strings.Contains(feedtest.ToldTable(table, nil), "2026-07-11 to 2026-07-17") {
		t.Errorf("%s, %v", feedtest.ToldTable(table, nil), err)
	}
}
