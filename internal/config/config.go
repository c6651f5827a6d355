// Package config reads Hearth's one configuration file.
//
// # Basics
//
// [Read] turns the text into a [Config] or into [Faults]: every fault of the file at once, each with its
// line, path, value and remedy. Unknown keys are faults; text carries units ("11kW", "40%", "15m").
//
// # Caveats
//
// YAML anchors, aliases and tags are refused: a configuration is read by people who must be able to see
// what holds. Secrets are never in the file, only the names of the files that hold them.
package config

import (
	"cmp"
	"time"

	"hearth/devices/profiles"
	"hearth/energy"
	"hearth/tariff"
)

// Config is the whole file, checked: names are unique, links and profiles exist, units are right.
type Config struct {
	Home       Home
	Carbon     energy.Money        // what a tonne of CO2 is worth in a plan; zero plans for money alone
	Fossil     *energy.GramsPerKWh // of what is not renewable, where only the renewable share is known; nil: not assumed
	Cycle      time.Duration
	Planning   Planning
	Protection Protection
	Fallback   Fallback
	OpenADR    []VTN
	Sources    []Source       // in the order in which they are preferred
	Tariff     *tariff.Tariff // nil: prices are what is published
	MQTT       []Link
	Modbus     []Link
	Devices    []Device
	Storage    string // path of the store; its folder exists or can be made
	Listen     string // address of the page
	Hosts      []string
	LogLevel   string // debug, info, warn, error
	LogFormat  string // text, json
}

// Home is what all devices share.
type Home struct {
	Name      string
	Zone      *time.Location
	Currency  energy.Currency
	MaxImport energy.Watts // what the main fuse bears
	MaxExport energy.Watts
	BaseLoad  energy.Watts // assumed while nothing has been measured
}

// Planning bounds the planner.
type Planning struct {
	Slot      time.Duration
	Horizon   time.Duration
	Every     time.Duration
	TimeLimit time.Duration
}

// Fallback is the tariff where no source has published one; a nil price is not assumed.
type Fallback struct {
	Import *energy.Price
	Export *energy.Price
	Carbon *energy.GramsPerKWh
}

// Link is a broker or a bus.
type Link struct {
	Name     string
	URL      string
	User     string
	Password Secret
	CAFile   string
	CertFile string
	KeyFile  string
}

// Kind is what a device is to the plan.
type Kind string

// The kinds.
const (
	Grid      Kind = "grid"      // the meter of the house connection
	Solar     Kind = "solar"     // the meter of a solar roof
	Meter     Kind = "meter"     // any other meter
	Battery   Kind = "battery"   // a house battery
	Vehicle   Kind = "vehicle"   // a charger with a car
	Appliance Kind = "appliance" // a program that runs once, uninterrupted, on a plug whose safe state is on
	Load      Kind = "load"      // on for a time each day, may be interrupted; its safe state is off
)

// Device is one device. Of the last five fields the one of its kind is set.
type Device struct {
	Name          string
	Title         string
	Kind          Kind
	Profile       *profiles.Profile
	Link          string
	Params        map[string]string
	Poll          time.Duration // zero: as the profile says
	MaxAge        time.Duration // older readings are not used; zero: as the profile says
	ConfirmWithin time.Duration // zero: as the profile says
	Limits        Limits

	Daily     Window // of an appliance or a load
	IsGreen   bool   // an appliance or a load that runs when that is recommended, where there is time enough
	Battery   *BatterySpec
	Vehicle   *VehicleSpec
	Appliance *ProgramSpec
	Load      *RunSpec
}

// Oldest is the age above which no reading of the device is used, whatever its profile grants.
func (d Device) Oldest() time.Duration { return cmp.Or(d.MaxAge, 5*time.Minute) }

// Limits narrow what the profile allows; zero leaves the profile's word.
type Limits struct {
	MinOn           time.Duration
	MinOff          time.Duration
	MaxSwitchesADay int
}

// Window is a part of every day, local time. Before may be smaller than After: it is then the next day's.
type Window struct{ After, Before TimeOfDay }

// BatterySpec is what the battery cannot say of itself. Powers are magnitudes.
type BatterySpec struct {
	Capacity     energy.WattHours
	Min, Max     energy.SoC
	MaxCharge    energy.Watts
	MaxDischarge energy.Watts
	Efficiency   energy.SoC // a fraction, each way
	Wear         energy.Price
}

// VehicleSpec is what a car needs by a time of day, every day it is plugged in.
type VehicleSpec struct {
	Need       energy.WattHours // from the plug, since it was plugged in
	Ready      TimeOfDay
	MaxCharge  energy.Watts
	MinCharge  energy.Watts
	Efficiency energy.SoC
}

// ProgramSpec is the power an appliance's program takes, step by step.
type ProgramSpec struct {
	Step  time.Duration
	Power []energy.Watts
}

// Length is how long the program takes.
func (p ProgramSpec) Length() time.Duration { return p.Step * time.Duration(len(p.Power)) }

// RunSpec is how long a load runs each day.
type RunSpec struct {
	Power   energy.Watts
	For     time.Duration
	AtLeast time.Duration // shortest run
}
