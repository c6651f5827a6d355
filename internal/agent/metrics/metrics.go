// Package metrics is what Prometheus scrapes. It is told, it does not ask: after each cycle it is shown a
// [Sample] of what was just seen. A value that is not known has no sample, rather than a zero.
//
// Names follow the Prometheus conventions: prefix hearth_, base units (watts, joules, seconds, ratios),
// _total for counters. Money has no base unit, so the currency is a label.
package metrics

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is one registry with everything in it. Its methods are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	gauges   *gauges

	cycle, solve           prometheus.Histogram
	overruns, planFailures prometheus.Counter
	commands, failures     *prometheus.CounterVec
	protections            *prometheus.CounterVec
}

// New makes the registry of an agent of this version.
func New(version string) *Metrics {
	m := &Metrics{
		registry:     prometheus.NewRegistry(),
		gauges:       newGauges(),
		cycle:        seconds("cycle_duration_seconds", "Time of one cycle: read, plan when due, guard, apply."),
		solve:        seconds("plan_solve_duration_seconds", "Time it took to make a plan."),
		overruns:     counter("cycle_overruns_total", "Cycles that took longer than their period.").WithLabelValues(),
		planFailures: counter("plan_failures_total", "Times no plan could be made.").WithLabelValues(),
		commands:     counter("commands_total", "Commands handed to a device.", "device"),
		failures:     counter("command_failures_total", "Commands that could not be sent or were not obeyed, by the rule that says so.", "device", "rule"),
		protections:  counter("protections_total", "Times a device was asked for something else than planned, to keep the house connection within its limits, by the rule that says so.", "device", "rule"),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; the labels say which build this is.",
	}, []string{"version", "goversion"})
	build.WithLabelValues(version, runtime.Version()).Set(1)
	m.registry.MustRegister(build, m.gauges, m.cycle, m.solve, m.overruns, m.planFailures, m.commands, m.failures, m.protections,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers a scrape. Two at a time are enough for any Prometheus and too few to tire a gateway.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, EnableOpenMetrics: true, Registry: m.registry})
}

// Gatherer gives the samples without HTTP.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Show replaces what the gauges say.
func (m *Metrics) Show(s Sample) { m.gauges.show(s) }

// Cycled counts a cycle that took d of its period.
func (m *Metrics) Cycled(d, period time.Duration) {
	m.cycle.Observe(d.Seconds())
	if d > period {
		m.overruns.Inc()
	}
}

// Planned counts an attempt to plan.
func (m *Metrics) Planned(d time.Duration, err error) {
	if err != nil {
		m.planFailures.Inc()
		return
	}
	m.solve.Observe(d.Seconds())
}

// Commanded counts a command handed to a device.
func (m *Metrics) Commanded(device string) { m.commands.WithLabelValues(device).Inc() }

// Failed counts a command that could not be sent or was not obeyed.
func (m *Metrics) Failed(device, rule string) { m.failures.WithLabelValues(device, rule).Inc() }

// Protected counts a setpoint that the house connection asked for in the place of the plan's.
func (m *Metrics) Protected(device, rule string) { m.protections.WithLabelValues(device, rule).Inc() }

const namespace = "hearth"

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func seconds(name, help string) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: namespace, Name: name, Help: help, Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	})
}
