package house

import (
	"math"
	"time"

	"hearth/energy"
)

// The roof: 6 kWp facing south, and an inverter that is a little smaller, as is usual.
const (
	roofPeak     = 6000.0 // W at 1000 W/m2
	inverterMax  = 5500.0 // W
	roofYield    = 0.86   // wiring, warmth and inverter
	latitude     = 50 * math.Pi / 180
	tilt         = 35 * math.Pi / 180
	darkestCloud = 0.82 // share of the clear sky's power that the thickest cloud takes
)

// sun is what the roof can give now.
func (w *World) sun(t time.Time) energy.Watts {
	clear := clearSky(t, w.today.meridian)
	if clear == 0 {
		return 0
	}
	power := roofPeak * roofYield / 1000 * clear * (1 - darkestCloud*w.cover(t))
	return energy.Watts(min(power, inverterMax))
}

// clearSky is the irradiance in W/m2 on the roof's plane without clouds.
//
// Declination and equation of time by the usual one-line formulas (Duffie and Beckman, Solar Engineering
// of Thermal Processes, section 1.6), beam by Meinel's airmass rule 1353 x 0.7^(AM^0.678), a tenth of
// that diffuse. A plane tilted south by b at latitude l sees the sun as the ground does at latitude l-b.
func clearSky(t time.Time, meridian float64) float64 {
	u := t.UTC()
	turn := 2 * math.Pi * float64(u.YearDay()-81) / 365
	declination := 23.45 * math.Pi / 180 * math.Sin(turn)
	equation := (9.87*math.Sin(2*turn) - 7.53*math.Cos(turn) - 1.5*math.Sin(turn)) / 60 // h
	hour := float64(u.Hour()) + float64(u.Minute())/60 + float64(u.Second())/3600
	angle := (hour + meridian + equation - 12) * math.Pi / 12

	sinD, cosD, cosH := math.Sin(declination), math.Cos(declination), math.Cos(angle)
	height := sinD*math.Sin(latitude) + cosD*math.Cos(latitude)*cosH
	if height <= 0.01 {
		return 0
	}
	beam := 1353 * math.Pow(0.7, math.Pow(1/height, 0.678))
	onPlane := sinD*math.Sin(latitude-tilt) + cosD*math.Cos(latitude-tilt)*cosH
	return beam*max(0, onPlane) + 0.1*beam
}

// cover is how thick the clouds are, 0 to 1: the day's weather, fronts over hours, clouds over minutes.
func (w *World) cover(t time.Time) float64 {
	c := w.today.cloud +
		0.5*(w.drift(streamFront, t, 3*time.Hour)-0.5) +
		0.7*w.today.cloud*(w.drift(streamCloud, t, 17*time.Minute)-0.5) +
		0.3*w.today.cloud*(w.drift(streamFlicker, t, 2*time.Minute)-0.5)
	return min(1, max(0, c))
}
