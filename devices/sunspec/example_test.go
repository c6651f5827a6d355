package sunspec_test

import (
	"context"
	"fmt"

	"hearth/devices/sunspec"
)

// registers are a device at hand; a real one is read over Modbus.
type registers map[uint16]uint16

func (r registers) Read(_ context.Context, addr, count uint16) ([]uint16, error) {
	words := make([]uint16, count)
	for i := range words {
		w, isThere := r[addr+uint16(i)]
		if !isThere {
			return nil, sunspec.ErrRefused
		}
		words[i] = w
	}
	return words, nil
}

func Example() {
	meter := registers{40000: 0x5375, 40001: 0x6E53, 40002: 1, 40003: 66}
	for a := uint16(40004); a < 40300; a++ {
		meter[a] = 0
	}
	for i, w := range []uint16{0x4163, 0x6D65} { // "Acme"
		meter[40004+uint16(i)] = w
	}
	meter[40070], meter[40071] = 203, 105
	meter[40177] = 0xFFFF

	m, err := sunspec.Walk(context.Background(), meter)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, model := range m.Models {
		fmt.Println(model.Name(), "at", model.Addr)
	}
	_, _, err = m.Profile(sunspec.Options{Unit: 1})
	fmt.Println(err)
	p, _, err := m.Profile(sunspec.Options{Unit: 1, Sign: -1})
	fmt.Println(p.Title, "reads", p.Points[0].Name, "at", p.Points[0].Addr, err)
	// Output:
	// 1#1 at 40002
	// 203#1 at 40070
	// profile of sunspec device Acme//: meter: sign: missing: does model 203#1 count taking as positive (1) or as negative (-1)?
	// SunSpec meter of Acme reads power at 40088 <nil>
}
