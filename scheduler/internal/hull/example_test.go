package hull_test

import (
	"fmt"

	"hearth/scheduler/internal/hull"
)

// A heater of 5 kW is on for half of a slot in a relaxation, under 3 kW of sun: on average nothing need be
// bought, but it is on or it is not, and then 2 kW are.
func ExampleSeparator_Separate() {
	slot := hull.Slot{Need: -3, Curtailable: 3, ImportLimit: 20, ExportLimit: 20, A: 1}
	heater := hull.Part{Bands: [][2]float64{{5, 5}}, Power: 2.5, On: 0.5}

	var s hull.Separator
	cut, found := s.Separate(slot, []hull.Part{heater}, 0, 0, 0)
	fmt.Println(found)
	fmt.Printf("import >= %.0f x on, now broken by %.0f kW\n", cut.On[0], cut.Violation)
	// Output:
	// true
	// import >= 2 x on, now broken by 1 kW
}
