package podero

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/feedtest"
	cloud "hearth/sim/cloud/podero"
)

// tariffOf is a home that pays the i-th of some thousandths of a EUR for the i-th step of a span.
func tariffOf(span energy.Interval, step time.Duration, thousandths ...int) feeds.Tariff {
	s := energy.Series[energy.Price]{Currency: "EUR"}
	grid := energy.Grid{Interval: span, Step: step}
	for i := range grid.Count() {
		p := energy.Price(thousandths[i%len(thousandths)]) * 1_000_000_000
		s.Points = append(s.Points, energy.Point[energy.Price]{Interval: grid.Slot(i), Value: p})
	}
	return feeds.Tariff{Import: s}
}

func prepare(t *testing.T, s *Source, tariff feeds.Tariff) (feeds.Draft, error) {
	t.Helper()
	orders := s.Orders()
	if len(orders) != 1 || orders[0].Name != "contract" {
		t.Fatalf("%+v", orders)
	}
	return orders[0].Prepare(t.Context(), feeds.Settings{}, tariff)
}

// send sends what has to be something.
func send(t *testing.T, draft feeds.Draft, err error) feeds.Table {
	t.Helper()
	if err != nil || draft.Send == nil {
		t.Fatalf("nothing to send: %+v, %v", draft, err)
	}
	table, err := draft.Send(t.Context())
	if err != nil || len(table.Remarks) != 0 {
		t.Fatalf("%+v, %v", table, err)
	}
	return table
}

func TestContract_IsMadeOnceAndThenLeftAlone(t *testing.T) {
	for _, spelling := range []string{"published", "guide"} {
		for date, hours := range map[string]int{"2026-03-29": 23, "2026-10-25": 25} {
			noon, _ := time.Parse(time.RFC3339, date+"T12:00:00Z")
			span := energy.Day(noon, feedtest.Zone(t, "Europe/Berlin"))
			v := open(t, cloud.Config{IsGuide: spelling == "guide"})
			v.now = span.Start
			s := v.source(t, feeds.Settings{"building": building, "kind": "spot_hourly", "spelling": spelling, "meter": "DE0071", "supplier": "Stadtwerk Musterau"})
			tariff := tariffOf(span, time.Hour, 310, 280, -10)
			draft, err := prepare(t, s, tariff)
			if err != nil || !strings.HasPrefix(draft.Text, "POST "+v.url) || v.Writes() != 0 {
				t.Fatalf("%s: %+v, %v", spelling, draft, err)
			}
			send(t, draft, err)
			made := v.Contracts()
			if len(made) != 1 || len(made[0].Prices) != hours || made[0].Building != building || made[0].Meter != "DE0071" || made[0].Supplier != "Stadtwerk Musterau" || made[0].Kind != "spot_hourly" || !*made[0].IsWhole {
				t.Errorf("%s: %+v", spelling, made)
			}
			draft, err = prepare(t, s, tariff)
			if err != nil || draft.Send != nil || !strings.Contains(draft.Text, "is so already") {
				t.Errorf("%s, the second time: %+v, %v", spelling, draft, err)
			}
			got, err := s.Fetch(t.Context(), span)
			if err != nil || len(got.Import.Points) != hours || len(got.Import.Gaps(span)) != 0 || got.Import.Points[2].Value.String() != "-0.01" {
				t.Errorf("%s, read back: %+v, %v", spelling, got.Import, err)
			}
		}
	}
}

func TestContract_IsShownBeforeItIsSent(t *testing.T) {
	v := open(t, cloud.Config{Contracts: []cloud.Contract{{ID: contractID, Building: building, Meter: "DE0071", Supplier: "Old"}}})
	s := v.source(t, feeds.Settings{"kind": "spot_hourly", "supplier": "New", "publish": "yes"})
	draft, err := prepare(t, s, tariffOf(energy.Span(day.Start, 2*time.Hour), time.Hour, 310, 280))
	want := "PUT " + v.url + strings.TrimPrefix(contracts, "/api/partners/v2.0") + "/" + contractID + "\n" +
		`{"building_id":"` + building + `","currency_energy_price":"EUR","energy_contract_type":"spot_hourly","energy_price_includes_external_components":true,` +
		`"energy_prices":[{"price":0.31,"timestamp":"2026-03-28T23:00:00+00:00"},{"price":0.28,"timestamp":"2026-03-29T00:00:00+00:00"}],` +
		`"meter_id":"DE0071","supplier":"New"}`
	if err != nil || draft.Text != want || strings.Contains(draft.Text, secret) {
		t.Fatalf("got\n%s\nwant\n%s\n%v", draft.Text, want, err)
	}
	if table := send(t, draft, err); table.Rows[0][1] != building || table.Rows[0][3] != "New" || table.Rows[0][4] != "DE0071" {
		t.Errorf("%+v", table)
	}
	if !s.Orders()[0].IsStanding || v.source(t, feeds.Settings{"kind": "yearly"}).Orders()[0].IsStanding {
		t.Error("an order stands where publish is yes, and only there")
	}
}

func TestContract_ChangesWithThePricesAndNotWithTheClock(t *testing.T) {
	v := open(t, cloud.Config{})
	s := v.source(t, feeds.Settings{"building": building, "kind": "spot_hourly"})
	draft, err := prepare(t, s, tariffOf(day, time.Hour, 310, 280))
	send(t, draft, err)
	later := tariffOf(day, time.Hour, 310, 280)
	later.Import = later.Import.Slice(energy.Interval{Start: day.Start.Add(150 * time.Minute), End: day.End}) // what is over is gone, in the middle of an hour
	if draft, err = prepare(t, s, later); err != nil || draft.Send != nil {
		t.Errorf("what is over is gone: %s, %v", draft.Text, err)
	}
	v.now = day.Start.Add(170 * time.Minute)
	if draft, err = prepare(t, s, tariffOf(day, time.Hour, 310, 280)); err != nil || draft.Send != nil || strings.Contains(draft.Text, "2026-03-28") {
		t.Errorf("what is over is still there: %s, %v", draft.Text, err)
	}
	longer := tariffOf(energy.Interval{Start: day.Start, End: day.End.Add(time.Hour)}, time.Hour, 310, 280)
	draft, err = prepare(t, s, longer)
	send(t, draft, err)
	draft, err = prepare(t, s, tariffOf(day, time.Hour, 310, 281))
	send(t, draft, err)
	if v.Writes() != 3 || len(v.Contracts()) != 1 {
		t.Errorf("%d changes of %d contracts", v.Writes(), len(v.Contracts()))
	}
}

func TestContract_OfOnePriceHasOneEntry(t *testing.T) {
	v := open(t, cloud.Config{})
	s := v.source(t, feeds.Settings{"building": building, "kind": "yearly"})
	draft, err := prepare(t, s, tariffOf(day, 15*time.Minute, 299))
	send(t, draft, err)
	tomorrow := energy.Day(day.End.Add(12*time.Hour), feedtest.Zone(t, "Europe/Berlin"))
	if draft, err = prepare(t, s, tariffOf(tomorrow, time.Hour, 299)); err != nil || draft.Send != nil || len(v.Contracts()[0].Prices) != 1 {
		t.Errorf("the next day: %+v, %v", draft, err)
	}
	if draft, err = prepare(t, s, tariffOf(tomorrow, time.Hour, 305)); err != nil || draft.Send == nil {
		t.Errorf("another price: %+v, %v", draft, err)
	}
	if draft, err = prepare(t, s, tariffOf(tomorrow, 6*time.Hour, 305, 250)); err != nil || strings.Count(draft.Text, "timestamp") != 24 {
		t.Errorf("a price by day and one by night: %+v, %v", draft, err)
	}
}

func TestContract_RefusesPricesOfLessThanAnHourUnlessToldTo(t *testing.T) {
	v := open(t, cloud.Config{})
	tariff := tariffOf(day, 15*time.Minute, 310, 310, 310, 280)
	_, err := prepare(t, v.source(t, feeds.Settings{"building": building, "kind": "spot_hourly"}), tariff)
	if feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(fmt.Sprint(err), "sub_hourly: must be yes to write prices of less than an hour, as at 2026-03-28T23:45:00Z") || len(v.asked) != 0 {
		t.Errorf("%v, asked %q", err, v.asked)
	}
	s := v.source(t, feeds.Settings{"building": building, "kind": "spot_hourly", "sub_hourly": "yes"})
	draft, err := prepare(t, s, tariff)
	send(t, draft, err)
	if got, err := s.Fetch(t.Context(), day); err != nil || len(got.Import.Points) != 92 || len(got.Import.Gaps(day)) != 0 {
		t.Errorf("%d prices read back, %v", len(got.Import.Points), err)
	}
	if draft, err = prepare(t, s, tariff); err != nil || draft.Send != nil {
		t.Errorf("the second time: %+v, %v", draft, err)
	}
	now := tariff
	now.Import = tariff.Import.Slice(energy.Interval{Start: day.Start.Add(7 * time.Minute), End: day.End})
	if draft, err = prepare(t, s, now); err != nil || draft.Send != nil {
		t.Errorf("a quarter that has begun: %+v, %v", draft, err)
	}
	quarters := tariffOf(day, 15*time.Minute, 310, 310, 310, 310, 280, 280, 280, 280)
	if draft, err = prepare(t, v.source(t, feeds.Settings{"building": building, "kind": "spot_hourly"}), quarters); err != nil || strings.Count(draft.Text, "timestamp") != 23 {
		t.Errorf("quarter hours of hourly prices: %s, %v", draft.Text, err)
	}
}

func TestContract_IsNotWrittenFromPricesThatAreNotSound(t *testing.T) {
	good := tariffOf(day, time.Hour, 310, 280).Import.Points
	twice := append(good[:2:2], good[1:]...)
	hole := append(good[:2:2], good[3:]...)
	odd := tariffOf(energy.Interval{Start: day.Start.Add(5 * time.Second), End: day.End}, 15*time.Minute, 310, 280).Import.Points
	for want, s := range map[string]energy.Series[energy.Price]{
		"not yet published: contract: the home's import prices are not known":                        {Currency: "EUR"},
		`configuration: contract: currency "eur"`:                                                    {Currency: "eur", Points: good},
		`configuration: contract: the home's prices are in "CHF", its currency is "EUR"`:             {Currency: "CHF", Points: good},
		"configuration: contract: the home's prices: series: point 2":                                {Currency: "EUR", Points: twice},
		"not yet published: contract: the home's prices have a hole at 2026-03-29T01:00:00Z":         {Currency: "EUR", Points: hole},
		"configuration: contract: the home's price changes at 2026-03-28T23:15:05Z, within a minute": {Currency: "EUR", Points: odd},
		"not yet published: contract: not even two whole hours":                                      {Currency: "EUR", Points: tariffOf(energy.Span(day.Start.Add(time.Minute), time.Hour), time.Hour, 310).Import.Points},
	} {
		v := open(t, cloud.Config{})
		_, err := prepare(t, v.source(t, feeds.Settings{"building": building, "kind": "spot_hourly", "sub_hourly": "yes"}), feeds.Tariff{Import: s})
		if got := fmt.Sprintf("%s: %v", feeds.KindOf(err), err); !strings.HasPrefix(got, want) || len(v.asked) != 0 {
			t.Errorf("%s, want %s; asked %q", got, want, v.asked)
		}
	}
	if _, err := prepare(t, open(t, cloud.Config{}).source(t, nil), tariffOf(day, time.Hour, 310)); feeds.KindOf(err) != feeds.Misconfigured || !strings.HasPrefix(err.Error(), "kind: is needed") {
		t.Errorf("without a kind: %v", err)
	}
}

func TestContract_LeavesThoseOfOthersAlone(t *testing.T) {
	general, foreign := hourly(day), hourly(day)
	general.Building, foreign.Building, foreign.ID = "", other, other
	for name, c := range map[string]struct {
		there    []cloud.Contract
		building string
		want     string
	}{
		"one for all buildings is not ours":      {[]cloud.Contract{general}, building, "POST"},
		"nor is another building's":              {[]cloud.Contract{foreign}, building, "POST"},
		"no building, no contract":               {nil, "", "POST"},
		"no building, one for all":               {[]cloud.Contract{general}, "", "PUT"},
		"no building, two contracts":             {[]cloud.Contract{general, foreign}, "", "building: the user has 2 contracts"},
		"two contracts for the building":         {[]cloud.Contract{foreign, foreign}, other, "has 2 contracts"},
		"a contract whose id is no place to put": {[]cloud.Contract{{ID: "../..", Building: building}}, building, "has no id that could be written to"},
	} {
		v := open(t, cloud.Config{Contracts: c.there})
		settings := feeds.Settings{"kind": "spot_hourly"}
		if c.building != "" {
			settings["building"] = c.building
		}
		draft, err := prepare(t, v.source(t, settings), tariffOf(day, time.Hour, 310))
		if got := fmt.Sprint(draft.Text, err); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestContract_IsMendedWhereItCannotBeRead(t *testing.T) {
	broken := hourly(day)
	broken.Prices = append(broken.Prices, cloud.Price{Price: "1e308", At: day.End.Format(time.RFC3339)})
	v := open(t, cloud.Config{Contracts: []cloud.Contract{broken}})
	s := v.source(t, feeds.Settings{"kind": "spot_hourly"})
	if _, err := s.Fetch(t.Context(), day); feeds.KindOf(err) != feeds.Temporary {
		t.Errorf("%v", err)
	}
	draft, err := prepare(t, s, tariffOf(day, time.Hour, 310))
	send(t, draft, err)
	if _, err := s.Fetch(t.Context(), day); err != nil {
		t.Error(err)
	}
}

func TestContract_SaysWhereTheAnswerDiffers(t *testing.T) {
	for answer, want := range map[string]string{
		`{"id": "` + contractID + `", "energy_prices": []}`:      "remark the vendor's answer differs from what was sent",
		`{"energy_prices": [{"price": 1, "timestamp": "soon"}]}`: "remark the vendor's answer differs",
		`[]`:                       "temporary: ",
		`{"detail": "too \n much"`: "temporary: ",
	} {
		s := sourceOf(t, feeds.Settings{"kind": "spot_hourly"}, feeds.Net{HTTP: &http.Client{Transport: recorded(func(r *http.Request) (int, string) {
			switch {
			case strings.HasPrefix(r.URL.Path, "/oauth2/"):
				return http.StatusOK, `{"access_token": "opaque"}`
			case r.Method == http.MethodPost:
				return http.StatusOK, answer
			}
			return http.StatusOK, `[]`
		})}, Now: func() time.Time { return day.Start }})
		draft, err := prepare(t, s, tariffOf(day, time.Hour, 310))
		if err != nil {
			t.Fatal(err)
		}
		if got := feedtest.ToldTable(draft.Send(t.Context())); !strings.Contains(got, want) {
			t.Errorf("%s: %s", answer, got)
		}
	}
}
