// Package appliance runs a washing machine or a dishwasher that knows nothing of us, by the plug before it.
//
// # Basics
//
// The plug is on. The resident loads the machine and presses start; [Step] sees its power, has the plug cut
// while the water is still cold, and gives the current back at the time the plan has for it:
//
//	idle --power for 30 s--> armed --plan--> held --its time--> running --quiet for 5 min--> done
//	                           |                                   ^
//	                           +------------ no plan, hot ---------+
//
// Step is a pure function of [State] and [Input]; the agent stores the state after each step. At the end of
// a program it hands out the [Run]; [Library.Learn] keeps what programs take and [Library.Likely] offers it
// to the planner.
//
// # Caveats
//
// On is the safe state: without a plan, without prices, when the agent stops, at the deadline and at the
// resident's tap the current comes back, and what runs keeps it. A machine is cut once in a run, never when
// its power was above [Rules.HotAbove] or was not known for a while, and never later than [Rules.ColdFor]
// after it was armed. What is unsafe to resume (dryers, fridges, ovens, irons) is followed and never cut.
//
// The plug has to report its power every ten seconds or so, and its state: a start that is seen late is seen
// hot, and then nothing is cut; nor is it where the machine was not seen to rest before (we have just begun,
// or somebody had cut its current in the middle of a program). A cut that the plug does not show within
// [Rules.ColdFor] is taken back.
//
// Whether a machine takes up its program after a cut has to be tried by hand before it is entrusted to this.
package appliance
