package ven

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/openadr"
)

// read is what one value of a payload type gives, or why it gives nothing.
func read(kind, units, value string, c Conventions) string {
	e := as(hourly("e", midnight, 0), kind, value)
	e.PayloadDescriptors = []openadr.PayloadDescriptor{{PayloadType: kind, Units: units}}
	got := Timeline(Input{Currency: "EUR", Events: []Received{{e, fetched}}, Conventions: c}, energy.Span(origin0, time.Hour))
	for _, r := range got.Rejected {
		return r.Reason
	}
	for _, s := range []any{
		got.ImportPrice, got.AlternatePrice, got.Carbon, got.RenewableShare, got.MaxImport, got.Level, got.Dispatch,
		got.DispatchChange, got.Charge, got.Control, got.LoadShape,
	} {
		points := reflect.ValueOf(s).FieldByName("Points")
		if points.Len() == 0 {
			continue
		}
		v := points.Index(0).FieldByName("Value")
		if v.Kind() == reflect.Struct && v.FieldByName("Cause").IsValid() {
			v = v.FieldByName("Value") // of a Told
		}
		return fmt.Sprint(v.Interface())
	}
	return "nothing"
}

func TestValues_FollowTheUnitOfTheirType(t *testing.T) {
	hundreds := Conventions{Hundreds: []string{"p"}}
	private := Conventions{Private: map[string]string{"GREEN": RenewableShare}}
	for _, c := range []struct {
		kind, units, value, want string
		by                       Conventions
	}{
		{openadr.PayloadPrice, "kWh", "-0.05", "-0.05", Conventions{}},
		{openadr.PayloadPrice, "K W H", "1e-5", "0.00001", Conventions{}},
		{openadr.PayloadPrice, "", "0.026220", "0.02622", Conventions{}},
		{openadr.PayloadPrice, "MWh", "26.220", "0.02622", Conventions{}},
		{openadr.PayloadPrice, "KW", "1", `unit "KW" is not one of energy`, Conventions{}},
		{PayloadPriceAlternate, "KWH", "0.1", "0.1", Conventions{}},
		{openadr.PayloadGHG, "g/kWh", "0", "0 g/kWh", Conventions{}},
		{openadr.PayloadGHG, "GHG", "-1", "-1 g/kWh cannot be", Conventions{}},

		{PayloadImportLimit, "KW", "0", "0W", Conventions{}},
		{PayloadImportLimit, "kw", "4.2", "4.2kW", Conventions{}},
		{PayloadImportLimit, "W", "4200", "4.2kW", Conventions{}},
		{PayloadImportLimit, "MW", "0.5", "500kW", Conventions{}},
		{PayloadImportLimit, "", "4.2", "4.2kW", Conventions{}},
		{PayloadImportLimit, "AMPS", "16", `unit "AMPS" is not one of power`, Conventions{}},
		{PayloadImportLimit, "KWH", "4", `unit "KWH" is not one of power`, Conventions{}},
		{PayloadImportLimit, "PERCENT", "0.6", `unit "PERCENT" is not one of power`, Conventions{}},
		{PayloadImportLimit, "KW", "-0.1", "-0.1 is less than 0", Conventions{}},
		{PayloadImportLimit, "KW", "1e400", "`1e400` is not a usable number", Conventions{}},
		{PayloadImportLimit, "KW", "1e12", "1e12 is more than 1e+09", Conventions{}},
		{PayloadImportLimit, "KW", `"4"`, "`\"4\"` is not a usable number", Conventions{}},
		{PayloadImportLimit, "KW", "true", "`true` is not a usable number", Conventions{}},
		{PayloadImportLimit, "KW", `{"x":1,"y":2}`, "`{\"x\":1,\"y\":2}` is not a usable number", Conventions{}},
		{PayloadDispatch, "KW", "-1", "-1 is less than 0", Conventions{}},
		{PayloadDispatchRelative, "KW", "-1.5", "-1.5kW", Conventions{}},
		{PayloadDispatchRelative, "KW", "-1e10", "-1e10 is less than -1e+09", Conventions{}},

		{PayloadSimple, "", "0", "0", Conventions{}},
		{PayloadSimple, "", "2.0", "2", Conventions{}},
		{PayloadSimple, "", "3e0", "3", Conventions{}},
		{PayloadSimple, "", "4", "level 4 is none of 0, 1, 2 and 3", Conventions{}},
		{PayloadSimple, "", "0.5", "level 0.5 is none of 0, 1, 2 and 3", Conventions{}},

		{PayloadChargeState, "PERCENT", "1", "100%", Conventions{}},
		{PayloadChargeState, "PERCENT", "0.07", "7%", Conventions{}},
		{PayloadChargeState, "PERCENT", "80", "80 is more than 1", Conventions{}},
		{PayloadChargeState, "PERCENT", "7", "7%", hundreds},
		{PayloadChargeState, "PERCENT", "100.5", "100.5 is more than 100", hundreds},
		{PayloadChargeState, "KWH", "7.5", "7.5kWh", hundreds},
		{PayloadChargeState, "Wh", "500", "500Wh", Conventions{}},
		{PayloadChargeState, "", "0.5", "no unit: want PERCENT or KWH", Conventions{}},
		{PayloadChargeState, "KW", "3", `unit "KW" is not one of charge`, Conventions{}},

		{PayloadLoadShape, "", "0.25", "25%", Conventions{}},
		{PayloadLoadShape, "KW", "0.25", `unit "KW" is not PERCENT`, Conventions{}},
		{"GREEN", "", "0.4", "40%", private},
		{"GREEN", "PERCENT", "40", "40 is more than 1", private},
		{"GREEN", "PERCENT", "0.4", "nothing", Conventions{}},
		{RenewableShare, "PERCENT", "0.4", "nothing", Conventions{}},

		{PayloadControl, "CELSIUS", "21.5", "21.5 CELSIUS", Conventions{}},
		{PayloadControl, "", "false", "false", Conventions{}},
		{PayloadControl, "", "null", "`null` is no setting", Conventions{}},
		{PayloadControl, "", `"` + strings.Repeat("x", maxText) + `"`, "`\"xxxxxxxxxxxxxxxxxxx` is no setting", Conventions{}},
	} {
		if got := read(c.kind, c.units, c.value, c.by); got != c.want {
			t.Errorf("%s in %q of %s: got %s, want %s", c.value, c.units, c.kind, got, c.want)
		}
	}
}

func TestValues_HundredsAreExact(t *testing.T) {
	for i := range 101 {
		want := fmt.Sprintf("%d%%", i)
		if got := read(PayloadChargeState, "PERCENT", fmt.Sprint(i), Conventions{Hundreds: []string{"p"}}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTimeline_SubscriptionHoldsWhereNoLimitDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := Input{Currency: "EUR"}
		for i := range rapid.IntRange(0, 3).Draw(t, "limits") {
			in.Events = append(in.Events, Received{as(drawEvent(t, fmt.Sprint("l", i)), PayloadImportLimit, fmt.Sprint(i)), fetched})
		}
		window := energy.Span(origin0.Add(-2*time.Hour), 4*time.Hour)
		limits := Timeline(in, window).MaxImport
		for i := range rapid.IntRange(0, 3).Draw(t, "subscriptions") {
			e := as(drawEvent(t, fmt.Sprint("s", i)), PayloadImportSubscription, fmt.Sprint(10+i))
			e.Priority = new(int) // no priority puts a subscription above a limit
			in.Events = append(in.Events, Received{e, fetched})
		}
		got := Timeline(in, window)
		if err := got.MaxImport.Validate(); err != nil {
			t.Fatal(err)
		}
		for at := window.Start; at.Before(window.End); at = at.Add(time.Minute) {
			want, isKnown := limits.At(at)
			if !isKnown {
				want, isKnown = got.ImportSubscription.At(at)
			}
			if told, ok := got.MaxImport.At(at); ok != isKnown || told.Value != want.Value || told.Payload != want.Payload {
				t.Fatalf("at %v: got %v %v, want %v %v", at, told, ok, want, isKnown)
			}
		}
	})
}

// Conflicts are of one resource: its curves are those of a timeline that knows only the events for it.
func TestTimeline_ResourceSeesItsOwnEventsAndThoseOfTheHome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		resources := []string{"car", "battery"}
		in := Input{Conventions: Conventions{Resources: resources}}
		for i := range rapid.IntRange(1, 6).Draw(t, "events") {
			e := as(drawEvent(t, fmt.Sprint("e", i)), PayloadDispatch, fmt.Sprint(i))
			e.Targets = rapid.SampledFrom([]openadr.Targets{
				nil, {"car"}, {"battery"}, {"RESOURCE_NAME:car"}, {"car", "battery"}, {"feeder"}, {"feeder", "car"}, {"VEN_NAME:car"},
			}).Draw(t, "targets")
			in.Events = append(in.Events, Received{e, fetched})
		}
		window := energy.Span(origin0.Add(-2*time.Hour), 4*time.Hour)
		of := func(isFor func(openadr.Targets) bool) Curves {
			var some Input
			for _, e := range in.Events {
				if isFor(e.Targets) {
					e.Targets = nil
					some.Events = append(some.Events, e)
				}
			}
			return Timeline(some, window)
		}
		isHome := func(targets openadr.Targets) bool {
			return len(targets) == 0 || slices.Contains(targets, "feeder") || slices.Contains(targets, "VEN_NAME:car")
		}
		got := Timeline(in, window)
		if want := of(isHome); !reflect.DeepEqual(got.Dispatch, want.Dispatch) {
			t.Fatalf("home: got\n%s\nwant\n%s", text(got), text(want))
		}
		for _, name := range resources {
			isOwn := func(targets openadr.Targets) bool {
				return slices.Contains(targets, name) || slices.Contains(targets, "RESOURCE_NAME:"+name)
			}
			own, isListed := got.Resources[name]
			if isListed != slices.ContainsFunc(in.Events, func(e Received) bool { return isOwn(e.Targets) }) {
				t.Fatalf("%s is listed: %v", name, isListed)
			}
			want := of(func(targets openadr.Targets) bool { return isHome(targets) || isOwn(targets) })
			if isListed && !reflect.DeepEqual(own.Dispatch, want.Dispatch) {
				t.Fatalf("%s: got\n%s\nwant\n%s", name, text(own), text(want))
			}
		}
	})
}

func TestTold_SurvivesJSON(t *testing.T) {
	e := limits("e", midnight, 1)
	e.Priority = new(int)
	want := Timeline(Input{Source: "ven", Events: []Received{{e, fetched}}}, energy.Span(origin0, time.Hour)).MaxImport
	blob, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got energy.Series[Told[energy.Watts]]
	if err := json.Unmarshal(blob, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s reads back as %v: %v", blob, got, err)
	}
}
