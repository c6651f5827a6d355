package rate

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/energy"
	"hearth/feeds"
)

// mostPrice is 200, and doubtful is 5, in units of 1e-12.
const (
	mostPrice = int64(200e12)
	doubtful  = int64(5e12)
)

// decimal writes n units of 10^-places in one of the ways in which JSON may.
func decimal(t *rapid.T, n int64, places int) string {
	sign, u := "", n
	if n < 0 {
		sign, u = "-", -n
	}
	one := int64(1)
	for range places {
		one *= 10
	}
	plain := fmt.Sprintf("%s%d.%0*d", sign, u/one, places, u%one)
	return rapid.SampledFrom([]string{
		plain, plain + "000", fmt.Sprintf("%de-%d", n, places), fmt.Sprintf("%d.0E-%02d", n, places), strconv.Quote(plain), `" ` + plain + ` "`,
	}).Draw(t, "written")
}

// Every decimal of a price survives, in dollars and in cents, however it is written.
func TestParse_IsExact(t *testing.T) {
	for unit, places := range map[string]int{"USD/kWh": 12, "cents/kWh": 10} {
		rules := rulesOf(t, pacific, func(c *Config) {
			c.Unit, c.Periods = unit, map[string]string{"peak": "mo 00:00-01:00", "off_peak": rest}
		})
		rapid.Check(t, func(rt *rapid.T) {
			most := int64(2e14)
			if places == 10 {
				most = 2e12
			}
			large := rapid.Int64Range(most/40, most).Draw(rt, "large") // from 5 on, it may be cents
			small := rapid.Int64Range(-large, large).Draw(rt, "small")
			r, err := rules.Parse([]byte(`{"peak":` + decimal(rt, large, places) + `,"off_peak":` + decimal(rt, small, places) + `}`))
			if err != nil {
				rt.Fatal(err)
			}
			at := time.Date(2026, 7, 13, 0, 30, 0, 0, rules.zone) // a Monday
			got := r.Over(energy.Interval{Start: at, End: at.Add(time.Hour)}, nil)
			if got[0].Value != energy.Price(large) || got[len(got)-1].Value != energy.Price(small) {
				rt.Fatalf("%v, want %d and %d", got, large, small)
			}
		})
	}
}

// A number is read where its unit is clear, asked about where it is not, and refused where it is in none.
func TestParse_KnowsTheBoundsOfUnits(t *testing.T) {
	rules := map[string]*Rules{}
	for unit := range units {
		rules[unit] = rulesOf(t, pacific, func(c *Config) { c.Unit = unit })
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64Range(-3e14, 3e14), rapid.SampledFrom([]int64{doubtful, doubtful - 100, -doubtful, 100 - doubtful, mostPrice, mostPrice + 100, -mostPrice})).Draw(t, "price") / 100 * 100
		unit := rapid.SampledFrom([]string{"", "USD/kWh", "cents/kWh"}).Draw(t, "unit")
		size := max(n, -n)
		want := ""
		switch {
		case size > mostPrice:
			want = "total_rate_map: a value beyond 200"
		case unit == "" && size >= doubtful:
			want = "unit_of_price: is missing"
		case unit == "cents/kWh" && size < doubtful:
			want = "unit_of_price "
		}
		_, err := rules[unit].Parse([]byte(`{"flat":` + decimal(t, n, 12) + `}`))
		if (err != nil) != (want != "") || err != nil && (!strings.HasPrefix(err.Error(), want) || feeds.KindOf(err) != feeds.Misconfigured) {
			t.Fatalf("%d in %q: %v, want %q", n, unit, err, want)
		}
	})
}

// A total is taken where its components miss it by no more than they were rounded; else everything is refused.
func TestSummed_TakesATotalThatFits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sum, parts := int64(0), []string{}
		for _, name := range rapid.Permutation([]string{"generation", "distribution", "transmission", "PCIA", "franchise_fee"}).Draw(rt, "names")[:3] {
			n := rapid.Int64Range(-1e11, 1e12).Draw(rt, "part")
			sum, parts = sum+n, append(parts, fmt.Sprintf("%q:%s", name, energy.Price(n)))
		}
		off := rapid.OneOf(rapid.Int64Range(-3e7, 3e7), rapid.SampledFrom([]int64{0, 1e7, -1e7, 1e7 + 1, -1e7 - 1})).Draw(rt, "off")
		parts = append(parts, fmt.Sprintf(`"Total":"%s"`, energy.Price(sum+off)))
		r, err := unchecked(t, []byte("{"+strings.Join(rapid.Permutation(parts).Draw(rt, "order"), ",")+"}"))
		isFit := off <= 1e7 && off >= -1e7
		if (err == nil) != isFit || isFit && r.named[""][flat] != energy.Price(sum+off) {
			rt.Fatalf("%v off by %d: %v, %v", parts, off, r.named, err)
		}
	})
}

// A list or a clock with a value too few or too many has no shape: nothing is filled in.
func TestParse_FillsInNothing(t *testing.T) {
	rules := rulesOf(t, pacific, nil)
	for name, f := range forms {
		whole := f.encode(f.can(3))
		first := strings.IndexAny(whole, ",")
		for what, text := range map[string]string{
			"an hour":     strings.Replace(whole, ",", `,"99":0.1,`, 1),
			"one more":    strings.Replace(whole, ",", `,0.1,`, 1),
			"one less":    whole[:strings.LastIndexAny(whole[:first], "[{")+1] + whole[first+1:],
			"a null":      whole[:first+1] + strings.Replace(whole[first+1:], ",", ",null,", 1),
			"a text":      strings.Replace(whole, ",", `,"n/a",`, 1),
			"cut off":     whole[:len(whole)-1],
			"two of them": whole + whole,
		} {
			if _, err := rules.Parse([]byte(text)); feeds.KindOf(err) != feeds.Misconfigured {
				t.Errorf("%s with %s: %v", name, what, err)
			}
		}
	}
}

func TestRead_IsOfRecords(t *testing.T) {
	for _, text := range []string{`[]`, `7`, `"x"`, `null`, `true`, ``, `{"a":1} 2`} {
		if _, err := Read([]byte(text)); err == nil {
			t.Errorf("%s is a record", text)
		}
	}
	n, err := Read([]byte(`{"Invoice-ID":" i1\n","number":07}`))
	if err == nil {
		t.Errorf("%+v", n)
	}
	n, err = Read([]byte(`{"Invoice-ID":" i\n1","number":7.10,"b":true,"list":[1],"none":null,"empty":"","Inner":{"Unit Number":"4B"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for want, names := range map[string][]string{"i 1": {"invoice_id"}, "7.10": {"nothing", "number", "invoice_id"}, "": {"b", "list", "none", "empty", "inner"}} {
		if got := n.Text(names...); got != want {
			t.Errorf("%q: %q, want %q", names, got, want)
		}
	}
	if inner, has := n.Child("inner"); !has || inner.Text("unit_number") != "4B" {
		t.Error(inner)
	}
	if none, has := n.Child("nothing"); has || none.Text("unit_number") != "" {
		t.Error(none)
	}
}

// Each visits every value once, in order.
func TestEach_VisitsEveryValue(t *testing.T) {
	n := mustParse(t, `{"b":{"x":1,"a":[0.10,"text",null,{"y":true}]},"a":{},"":[]}`)
	var out []string
	n.Each(func(path, value string) { out = append(out, path+"="+value) })
	want := "b.x=1 b.a[4]=0.10 b.a[4]=text b.a[4]=null b.a[4].y=boolean a=map =list"
	if got := strings.Join(out, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
