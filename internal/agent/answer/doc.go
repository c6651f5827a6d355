// Package answer is what the home answers when an operator asks for reports: what was measured, what is planned, and
// how things stand.
//
// # Basics
//
// A [Meter] is told of every cycle ([Meter.Note]). [Meter.For] answers the questions of one operator, from any
// goroutine; resources are devices, by the names of the configuration.
//
// # Caveats
//
//   - Usage of the house connection is what its counters have counted as taken; what was given is no usage. Of all other
//     devices it is their mean power, and not known of times in which less than half of the readings are there.
//   - A baseline is the mean of the same time on earlier days, and always an estimate.
//   - Forecasts are the running plan. Beyond its horizon nothing is known.
package answer
