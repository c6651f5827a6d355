package rate_test

import (
	"fmt"
	"time"

	"hearth/energy"
	"hearth/feeds/fram/rate"
)

func ExampleRate_Over() {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		fmt.Println(err)
		return
	}
	rules, err := rate.New(rate.Config{Zone: zone, Periods: map[string]string{"peak": "mo-fr 16:00-21:00", "off_peak": "rest"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := rules.Parse([]byte(`{"generation": {"Peak": 0.21, "Off-Peak": "0.12"}, "delivery": {"Peak": 0.3, "Off-Peak": 0.2}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Shape)
	for _, p := range r.Over(energy.Day(time.Date(2026, 7, 15, 12, 0, 0, 0, zone), zone), nil) {
		fmt.Println(p.Start.In(zone).Format("15:04"), p.Value.Text("USD"))
	}
	_, err = rules.Parse([]byte(`{"tier 1": 0.3, "tier 2": 0.4}`))
	fmt.Println(err)
	// Output:
	// components of periods
	// 00:00 0.32 USD/kWh
	// 16:00 0.51 USD/kWh
	// 21:00 0.32 USD/kWh
	// total_rate_map: the shape is not known; it holds: tier 1 number, tier 2 number
}
