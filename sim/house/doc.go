// Package house is the physics of a home: pure step functions, no clock, no sockets.
//
// # Basics
//
//   - A [World] is what happens whatever anybody does: sun and clouds, the people and their habits. It
//     follows from a seed and the date alone, so any stretch of time can be asked for in any order.
//   - A [House] is a plain value that is copied like one. [House.Step] moves it on by a step of time.
//   - The things in it ([Plug], [Dishwasher], [Heater], [Car], [Charger], [Battery]) have the controls
//     the real ones have. A new House has nobody acting: plugs on, charger open, battery on its own control.
//
// # Caveats
//
// Signs are those of package energy, so the grid is the plain sum of everything behind it. A command
// takes effect with the next step. Steps of 1 s to 1 min that divide a minute are what it is made for.
package house
