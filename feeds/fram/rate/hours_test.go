package rate

import (
	"strings"
	"testing"

	"hearth/energy"
)

// draw is the prices of a local day as hours of the wall clock: "0-15 2, 15-16 1".
func draw(t *testing.T, periods, seasons map[string]string, rate, date string) string {
	t.Helper()
	r, err := New(Config{Zone: place(t, pacific), Periods: periods, Seasons: seasons})
	if err != nil {
		return err.Error()
	}
	priced, err := r.Parse([]byte(rate))
	if err != nil {
		return err.Error()
	}
	day := dayOf(t, date, r.zone)
	points := priced.Over(day, nil)
	series, err := energy.NewSeries("USD", points)
	if err != nil || len(points) > 0 && len(series.Gaps(day)) > 0 {
		t.Fatalf("%v, gaps %v", err, series.Gaps(day))
	}
	var out []string
	for _, p := range points {
		clock := p.Start.In(r.zone).Format("15:04")
		out = append(out, strings.TrimSuffix(clock, ":00")+"+"+strings.NewReplacer("h0m0s", "h", "m0s", "m").Replace(p.Length().String())+" "+p.Value.String())
	}
	return strings.Join(out, ", ")
}

type texts = map[string]string

func TestTimetable_FollowsTheWallClock(t *testing.T) {
	const two = `{"peak": 1, "off_peak": 2}`
	evening := texts{"peak": "mo-fr 16:00-21:00", "off_peak": rest}
	night := texts{"peak": "22:00-06:30", "off_peak": "06:30-22:00"}
	small := texts{"peak": "01:00-03:00", "off_peak": rest}
	for name, c := range map[string]struct {
		periods, seasons texts
		rate, date, want string
	}{
		"a workday":                     {evening, nil, two, "2026-07-15", "00+16h 2, 16+5h 1, 21+3h 2"},
		"a Saturday":                    {evening, nil, two, "2026-07-18", "00+24h 2"},
		"over midnight":                 {night, nil, two, "2026-07-15", "00+6h30m 1, 06:30+15h30m 2, 22+2h 1"},
		"the hour that is left out":     {small, nil, two, "2026-03-08", "00+1h 2, 01+1h 1, 03+21h 2"},
		"the hour that comes twice":     {small, nil, two, "2026-11-01", "00+1h 2, 01+3h 1, 03+21h 2"},
		"only in the hour left out":     {texts{"peak": "02:00-03:00", "off_peak": rest}, nil, two, "2026-03-08", "00+23h 2"},
		"a wrap from Friday on":         {texts{"peak": "fr 22:00-06:00", "off_peak": rest}, nil, two, "2026-07-18", "00+6h 1, 06+18h 2"},
		"a wrap over Sunday":            {texts{"peak": "sa-mo 23:00-01:00", "off_peak": rest}, nil, two, "2026-07-13", "00+1h 1, 01+22h 2, 23+1h 1"},
		"days around the weekend":       {texts{"peak": "sa-mo 08:00-09:00", "off_peak": rest}, nil, two, "2026-07-14", "00+24h 2"},
		"a season of its own hours":     {texts{"peak": "16:00-21:00", "winter.peak": "06:00-09:00", "off_peak": rest}, texts{"summer": "06-01..09-30", "winter": rest}, `{"summer":` + two + `,"winter":` + two + `}`, "2026-12-01", "00+6h 2, 06+3h 1, 09+15h 2"},
		"the last day of summer":        {texts{"peak": "16:00-21:00", "off_peak": rest}, texts{"summer": "06-01..09-30", "winter": "10-01..05-31"}, `{"summer":{"peak":3,"off_peak":4},"winter":` + two + `}`, "2026-09-30", "00+16h 4, 16+5h 3, 21+3h 4"},
		"the first of winter":           {texts{"peak": "16:00-21:00", "off_peak": rest}, texts{"summer": "06-01..09-30", "winter": "10-01..05-31"}, `{"summer":{"peak":3,"off_peak":4},"winter":` + two + `}`, "2026-10-01", "00+16h 2, 16+5h 1, 21+3h 2"},
		"the day that is not each year": {texts{"peak": "16:00-21:00", "off_peak": rest}, texts{"summer": "03-01..09-30", "winter": "10-01..02-29"}, `{"summer":{"peak":3,"off_peak":4},"winter":` + two + `}`, "2028-02-29", "00+16h 2, 16+5h 1, 21+3h 2"},
		"a month of its own hours":      {texts{"jul.peak": "12:00-13:00", "off_peak": rest}, nil, `{"july":` + two + `}`, "2026-07-15", "00+12h 2, 12+1h 1, 13+11h 2"},
		"a month that is not named":     {evening, nil, `{"july":` + two + `}`, "2026-08-15", ""},
		"a season without its days":     {evening, nil, `{"summer":` + two + `}`, "2026-07-15", "seasons.summer: is missing; the rate says no days for its seasons"},
		"hours of nobody":               {texts{"peak": "16:00-21:00", "off_peak": "21:00-15:30"}, nil, two, "2026-07-15", "periods: mo 15:30 is in none of off_peak, peak"},
		"hours of two":                  {texts{"peak": "16:00-21:00", "off_peak": "20:00-16:00"}, nil, two, "2026-07-15", "periods.peak: mo 20:00 is in off_peak as well"},
		"two rests":                     {texts{"peak": rest, "off_peak": rest}, nil, two, "2026-07-15", "periods.peak: off_peak has the rest already"},
		"a period without hours":        {texts{"peak": "16:00-21:00"}, nil, two, "2026-07-15", "periods.off_peak: is missing; the rate says no hours for its periods (off_peak, peak)"},
		"a total beside periods":        {evening, nil, `{"peak":1,"off_peak":2,"total":1.5}`, "2026-07-15", "periods.total: is missing; the rate says no hours for its periods (off_peak, peak, total)"},
	} {
		if got := draw(t, c.periods, c.seasons, c.rate, c.date); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

// A list of 24 prices is of hours of the wall clock: one is left out in spring, one comes twice in autumn.
func TestTimetable_HoursByNumberOnDaysWithoutTwentyFour(t *testing.T) {
	rate := "[0"
	for hour := 1; hour < 24; hour++ {
		rate += "," + string(rune('0'+hour/10)) + "." + string(rune('0'+hour%10))
	}
	rate += "]"
	spring, autumn := draw(t, nil, nil, rate, "2026-03-08"), draw(t, nil, nil, rate, "2026-11-01")
	if strings.Count(spring, "+") != 23 || !strings.Contains(spring, "01+1h 0.1, 03+1h 0.3") {
		t.Error(spring)
	}
	if strings.Count(autumn, "+") != 24 || !strings.Contains(autumn, "01+2h 0.1, 02+1h 0.2") {
		t.Error(autumn)
	}
}
