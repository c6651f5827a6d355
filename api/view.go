package api

import "time"

// Home is what the page shows of now. Powers are W with Hearth's sign; unknown numbers are null, not zero.
type Home struct {
	Revision int       `json:"revision" doc:"grows when the timeline has changed"`
	Now      time.Time `json:"now"`
	Zone     string    `json:"zone" doc:"IANA name of the home's time zone"`
	Name     string    `json:"name"`
	Note     string    `json:"note,omitempty" doc:"for example that this home is simulated"`
	Currency string    `json:"currency"`
	Grid     *float64  `json:"grid_w" doc:"import is positive"`
	Solar    *float64  `json:"solar_w" doc:"producing is negative"`
	Price    *float64  `json:"import_price_per_kwh"`
	Carbon   *float64  `json:"carbon_g_per_kwh"`
	Today    Totals    `json:"today"`
	Plan     PlanInfo  `json:"plan"`
	Devices  []Device  `json:"devices"`
	Operator []Order   `json:"operator" doc:"what grid operators ask now and in the next 24 hours, by its beginning; at most 40"`
	Health   []Health  `json:"health" doc:"one line for each part of the agent"`
}

// Totals is what the grid meter counted since local midnight.
type Totals struct {
	Imported *float64 `json:"imported_wh"`
	Exported *float64 `json:"exported_wh"`
	Cost     *float64 `json:"cost" doc:"import less export, in the home's currency"`
	Carbon   *float64 `json:"carbon_g"`
}

// PlanInfo is the running plan in one line.
type PlanInfo struct {
	Made      *time.Time `json:"made"`
	Status    string     `json:"status" enum:"optimal,feasible,relaxed,none"`
	Objective *float64   `json:"objective"`
	Gap       *float64   `json:"gap" doc:"no plan can be cheaper by more than this"`
}

// Device is one device as the page shows it.
type Device struct {
	Name    string     `json:"name"`
	Title   string     `json:"title"`
	Kind    string     `json:"kind" enum:"grid,solar,battery,vehicle,appliance,load,meter"`
	State   string     `json:"state" doc:"on, charging, discharging, importing, exporting, producing, idle, waiting, held, fault, offline, unknown"`
	Power   *float64   `json:"power_w"`
	SoC     *float64   `json:"soc"`
	NextRun *Span      `json:"next_run,omitempty"`
	Why     string     `json:"why" doc:"one plain sentence"`
	Seen    *time.Time `json:"seen"`
	MaxAge  float64    `json:"max_age_s" doc:"what was seen longer ago than this is not used"`
}

// Span is a half-open interval of time.
type Span struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Order is what a grid operator asks in an interval, and what becomes of it.
type Order struct {
	From   time.Time  `json:"from"`
	To     *time.Time `json:"to" doc:"null: until further notice, a week at least"`
	Kind   string     `json:"kind" enum:"import_limit,export_limit,moderate,high,emergency,outage,setpoint,charge,notice,unfollowed" doc:"what it does to the plan"`
	Device string     `json:"device,omitempty" doc:"that it is asked of; absent: the home"`
	Title  string     `json:"title" doc:"what it is, in a few words"`
	Text   string     `json:"text" doc:"the operator's own words; may be empty"`
	Source string     `json:"source" doc:"the operator: the name of its server in the configuration"`
	Event  string     `json:"event" doc:"the event's id"`
	Effect string     `json:"effect" doc:"what is done about it, or why nothing, in a plain sentence"`
}

// Health is the state of one part of the agent.
type Health struct {
	Part  string     `json:"part"`
	OK    bool       `json:"ok"`
	Text  string     `json:"text"`
	Since *time.Time `json:"since"`
}

// Timeline is what the chart shows: today and tomorrow.
type Timeline struct {
	Revision int     `json:"revision"`
	Span     Span    `json:"span"`
	Currency string  `json:"currency"`
	Prices   []Price `json:"prices"`
	Plan     []Curve `json:"plan" doc:"planned power: one curve for each device, one named grid, one named solar"`
	Actual   []Curve `json:"actual" doc:"measured means: as plan"`
}

// Price is what energy costs and emits in an interval; null where nobody has said.
type Price struct {
	Span
	Import *float64 `json:"import_price_per_kwh"`
	Export *float64 `json:"export_price_per_kwh"`
	Carbon *float64 `json:"carbon_g_per_kwh"`
}

// Curve is power over equal steps; null where it is not known.
type Curve struct {
	Name  string     `json:"name"`
	Start time.Time  `json:"start"`
	Step  float64    `json:"step_s"`
	Power []*float64 `json:"power_w"`
}

// Feed is a source besides the OpenADR servers: whoever is asked for prices, greenness, a solar forecast or usage.
type Feed struct {
	Name    string     `json:"name"`
	Type    string     `json:"type" doc:"as the configuration names it"`
	Title   string     `json:"title"`
	Asked   *time.Time `json:"asked" doc:"last; null: never"`
	Good    *time.Time `json:"good" doc:"when a fetch last worked"`
	Next    time.Time  `json:"next" doc:"when it is asked again"`
	Error   string     `json:"error" doc:"of the last fetch; empty: it worked"`
	Fault   string     `json:"fault" enum:"temporary,configuration,not yet published," doc:"what kind of error that is"`
	Covers  []Covered  `json:"covers"`
	Remarks []string   `json:"remarks" doc:"what was odd and did no harm"`
}

// Covered is what a source has said of one kind.
type Covered struct {
	Kind   string    `json:"kind"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Count  int       `json:"count"`
	Gaps   int       `json:"gaps"`
	Status string    `json:"status" doc:"of the last value: final, preliminary, forecast"`
}

// Energy is what the house connection has counted in an interval.
type Energy struct {
	Span
	Imported *float64 `json:"imported_wh"`
	Exported *float64 `json:"exported_wh"`
	Coverage float64  `json:"coverage" doc:"the part of the interval that was metered, 0 to 1"`
	Cost     *float64 `json:"cost" doc:"import less export at the prices that held, with the tariff's standing charges and peaks; null where something is missing"`
}
