// Package line is the line to one operator: what is heard over it, what is told, and how it fares.
//
// # Basics
//
// [Open] builds from a section of the configuration what it needs: a client in the version that the server speaks, a
// VEN that follows it and, where the home has a name there, its enrolment, its reports and the ways by which the server
// wakes us. [Line.Loops] run beside the cycle. [Line.VEN] is what is said.
//
// # Caveats
//
// Whatever fails but the VEN costs no price: the home is told later of news, or the operator later of the home.
package line
