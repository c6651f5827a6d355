package metrics

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hearth/energy"
)

// Sample is what the last cycle saw. A nil pointer or a missing entry is not known.
type Sample struct {
	Currency energy.Currency
	IsSane   bool // the clock can be believed
	Prices   []Price
	Carbon   *energy.GramsPerKWh
	VTNs     []VTN
	Feeds    []Feed
	Plan     *Plan
	Devices  []Device
	Store    Store
}

// Price is the price for now in one direction, "import" or "export".
type Price struct {
	Direction string
	Source    string
	Price     energy.Price
	Age       time.Duration // since it was fetched
}

// VTN is an OpenADR server.
type VTN struct {
	Name        string
	IsUp        bool      // the last poll worked
	LastSuccess time.Time // zero: never
	Rejected    int       // intervals of its events that cannot be used
}

// Feed is a source that is asked for prices, greenness, a solar forecast or usage.
type Feed struct {
	Name     string
	IsUp     bool                 // the last fetch worked, or nothing new was out
	LastGood time.Time            // zero: never
	Until    map[string]time.Time // what is known of each kind
}

// Plan is the running plan.
type Plan struct {
	Age       time.Duration
	Objective energy.Money
	Gap       *energy.Money
}

// Device is one device.
type Device struct {
	Name               string
	IsUp               *bool
	Power, Planned     *energy.Watts
	SoC                *energy.SoC
	Imported, Exported *energy.WattHours // its own counters
}

// Store is what the store counts.
type Store struct {
	Size         int64
	WrittenBytes int64
	Errors       int64
	Quarantined  int64
	IsWritable   bool
}

// gauges turns the newest sample into metrics at each scrape.
type gauges struct {
	sample atomic.Pointer[Sample]

	price, priceAge, carbon, vtnUp, vtnSuccess, vtnRejected *prometheus.Desc
	feedUp, feedGood, feedUntil                             *prometheus.Desc
	planAge, planObjective, planGap                         *prometheus.Desc
	isUp, power, planned, soc, energy                       *prometheus.Desc
	isSane, size, written, storeErrors, damaged, isWritable *prometheus.Desc
}

func newGauges() *gauges {
	d := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
	}
	return &gauges{
		price:         d("price_per_kwh", "Money for a kWh now, by direction: import or export.", "currency", "direction"),
		priceAge:      d("price_age_seconds", "Time since the price for now was fetched from its source.", "direction", "source"),
		carbon:        d("carbon_intensity_grams_per_kwh", "CO2 equivalent of a kWh taken from the grid now."),
		vtnUp:         d("vtn_up", "1 while the last poll of the VTN worked.", "vtn"),
		vtnSuccess:    d("vtn_last_success_timestamp_seconds", "When a poll of the VTN worked last.", "vtn"),
		vtnRejected:   d("vtn_rejected", "Intervals, or whole events, that the VTN publishes and we cannot use.", "vtn"),
		feedUp:        d("source_up", "1 while the last fetch of the source worked, or nothing new was out.", "source"),
		feedGood:      d("source_last_success_timestamp_seconds", "When a fetch of the source worked last.", "source"),
		feedUntil:     d("source_known_until_timestamp_seconds", "Until when the source has said something.", "source", "kind"),
		planAge:       d("plan_age_seconds", "Time since the running plan was made; absent without a plan."),
		planObjective: d("plan_objective", "What the running plan costs, by its own objective.", "currency"),
		planGap:       d("plan_gap", "No plan could cost less by more than this.", "currency"),
		isUp:          d("device_up", "1 while the device answers.", "device"),
		power:         d("device_power_watts", "Power measured; taking is positive, giving is negative.", "device"),
		planned:       d("device_planned_power_watts", "Power that the plan has for now.", "device"),
		soc:           d("device_state_of_charge_ratio", "How full the device's storage is.", "device"),
		energy:        d("device_energy_joules_total", "Energy by the device's own counter, by direction: import or export.", "device", "direction"),
		isSane:        d("clock_sane", "1 while the clock can be believed; otherwise nothing is switched."),
		size:          d("store_size_bytes", "Size of the store's file."),
		written:       d("store_written_bytes_total", "Bytes handed to the disk since the start."),
		storeErrors:   d("store_errors_total", "Writes that did not work since the start."),
		damaged:       d("store_quarantined_total", "Files set aside as damaged since the start."),
		isWritable:    d("store_writable", "1 while the store can be written."),
	}
}

func (g *gauges) show(s Sample) { g.sample.Store(&s) }

// Describe implements [prometheus.Collector].
func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.price, g.priceAge, g.carbon, g.vtnUp, g.vtnSuccess, g.vtnRejected, g.feedUp, g.feedGood, g.feedUntil, g.planAge, g.planObjective, g.planGap,
		g.isUp, g.power, g.planned, g.soc, g.energy, g.isSane, g.size, g.written, g.storeErrors, g.damaged, g.isWritable} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector]. Before the first cycle there is nothing to say.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	s := g.sample.Load()
	if s == nil {
		return
	}
	send := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) { send(d, prometheus.GaugeValue, v, labels...) }
	total := func(d *prometheus.Desc, v float64, labels ...string) { send(d, prometheus.CounterValue, v, labels...) }
	for _, p := range s.Prices {
		gauge(g.price, p.Price.Float(), string(s.Currency), p.Direction)
		gauge(g.priceAge, p.Age.Seconds(), p.Direction, p.Source)
	}
	known(gauge, g.carbon, s.Carbon)
	for _, v := range s.VTNs {
		gauge(g.vtnUp, bit(v.IsUp), v.Name)
		gauge(g.vtnRejected, float64(v.Rejected), v.Name)
		if !v.LastSuccess.IsZero() {
			gauge(g.vtnSuccess, float64(v.LastSuccess.UnixMilli())/1000, v.Name)
		}
	}
	for _, f := range s.Feeds {
		gauge(g.feedUp, bit(f.IsUp), f.Name)
		if !f.LastGood.IsZero() {
			gauge(g.feedGood, float64(f.LastGood.UnixMilli())/1000, f.Name)
		}
		for kind, until := range f.Until {
			gauge(g.feedUntil, float64(until.UnixMilli())/1000, f.Name, kind)
		}
	}
	if p := s.Plan; p != nil {
		gauge(g.planAge, p.Age.Seconds())
		gauge(g.planObjective, p.Objective.Float(), string(s.Currency))
		if p.Gap != nil {
			gauge(g.planGap, p.Gap.Float(), string(s.Currency))
		}
	}
	for _, d := range s.Devices {
		if d.IsUp != nil {
			gauge(g.isUp, bit(*d.IsUp), d.Name)
		}
		known(gauge, g.power, d.Power, d.Name)
		known(gauge, g.planned, d.Planned, d.Name)
		known(gauge, g.soc, d.SoC, d.Name)
		joules(total, g.energy, d.Imported, d.Name, "import")
		joules(total, g.energy, d.Exported, d.Name, "export")
	}
	gauge(g.isSane, bit(s.IsSane))
	gauge(g.size, float64(s.Store.Size))
	total(g.written, float64(s.Store.WrittenBytes))
	total(g.storeErrors, float64(s.Store.Errors))
	total(g.damaged, float64(s.Store.Quarantined))
	gauge(g.isWritable, bit(s.Store.IsWritable))
}

type emit func(d *prometheus.Desc, v float64, labels ...string)

func known[T ~float64](out emit, d *prometheus.Desc, v *T, labels ...string) {
	if v != nil {
		out(d, float64(*v), labels...)
	}
}

func joules(out emit, d *prometheus.Desc, e *energy.WattHours, labels ...string) {
	if e != nil {
		out(d, float64(*e)*3600, labels...)
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
