package digiwatt

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"hearth/feeds"
)

// Household is who lives in what house with which appliances, as the vendor is told.
type Household struct {
	House      House       `json:"house"`
	Residents  Residents   `json:"residents"`
	Appliances []Appliance `json:"appliances,omitempty"` // none: the vendor presumes some
}

// House is a house. Its size is written "dimesion", as the vendor does, and read under both names.
type House struct {
	Type      string  `json:"type"`     // "apartment"; the vendor's list is not known
	Dimension float64 `json:"dimesion"` // in square metres
	Province  string  `json:"province"` // "MI"
}

// Residents are who lives there.
type Residents struct {
	Adults   int `json:"adults"`
	Children int `json:"children"`
	Elderly  int `json:"elderlies"`
}

// Appliance is how many there are of a kind.
type Appliance struct {
	Name     string `json:"appliance"` // "airConditioner"; the vendor's list is not known
	Quantity int    `json:"quantity"`
}

// UnmarshalJSON reads the size under the vendor's name, and under the right one.
func (h *House) UnmarshalJSON(data []byte) error {
	type plain House // without this method
	var doc struct {
		plain
		Right *float64 `json:"dimension"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	*h = House(doc.plain)
	if doc.Right != nil {
		h.Dimension = *doc.Right
	}
	return nil
}

// household is what the settings say; nil where they say nothing.
func household(s feeds.Settings) (*Household, error) {
	lived, appliances := s.Table("house"), s.Table("appliances")
	if len(lived)+len(s.Table("residents"))+len(appliances) == 0 {
		return nil, nil
	}
	if err := cmp.Or(among(s, "house", "type", "dimension", "dimesion", "province"), among(s, "residents", "adults", "children", "elderlies")); err != nil {
		return nil, err
	}
	var h Household
	var err error
	if h.House, err = house(lived); err != nil {
		return nil, err
	}
	for _, c := range []struct {
		key string
		to  *int
	}{{"adults", &h.Residents.Adults}, {"children", &h.Residents.Children}, {"elderlies", &h.Residents.Elderly}} {
		if *c.to, err = count(s, "residents."+c.key); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(appliances)) {
		n, err := count(s, "appliances."+name)
		if err != nil {
			return nil, err
		}
		h.Appliances = append(h.Appliances, Appliance{name, n})
	}
	return &h, nil
}

// largest is more square metres than any home has.
const largest = 100_000

func house(s feeds.Settings) (House, error) {
	h := House{Type: s["type"], Province: s["province"]}
	size, isThere := s["dimension"]
	if !isThere {
		size = s["dimesion"]
	}
	var err error
	h.Dimension, err = strconv.ParseFloat(size, 64)
	switch {
	case h.Type == "":
		return House{}, feeds.Fail(feeds.Misconfigured, "house.type: is missing")
	case h.Province == "":
		return House{}, feeds.Fail(feeds.Misconfigured, "house.province: is missing")
	case err != nil, !(h.Dimension > 0 && h.Dimension < largest):
		return House{}, feeds.Fail(feeds.Misconfigured, "house.dimension %q: must be a number of square metres", size)
	}
	return h, nil
}

// among refuses keys of a table that it does not have.
func among(s feeds.Settings, table string, known ...string) error {
	for _, key := range slices.Sorted(maps.Keys(s.Table(table))) {
		if err := feeds.OneOf(table, key, known...); err != nil {
			return err
		}
	}
	return nil
}

func count(s feeds.Settings, key string) (int, error) {
	n, err := strconv.Atoi(s[key])
	if err != nil || n < 0 || n > 1000 {
		return 0, feeds.Fail(feeds.Misconfigured, "%s %q: must be a number of 0 or more", key, s[key])
	}
	return n, nil
}

// isIn says that the vendor has at least what it was told; appliances that it adds by itself are its own.
func (h Household) isIn(o Household) bool {
	for _, a := range h.Appliances {
		if !slices.Contains(o.Appliances, a) {
			return false
		}
	}
	return h.House == o.House && h.Residents == o.Residents
}

func (h Household) table() feeds.Table {
	t := feeds.Table{Title: "onboard", Columns: []string{"what", "as the vendor has it"}, Rows: [][]string{
		{"house", feeds.OneLine(h.House.Type)}, {"size (m²)", text(&h.House.Dimension)}, {"province", feeds.OneLine(h.House.Province)},
		{"adults", strconv.Itoa(h.Residents.Adults)}, {"children", strconv.Itoa(h.Residents.Children)},
		{"elderly", strconv.Itoa(h.Residents.Elderly)},
	}}
	for _, a := range h.Appliances {
		t.Rows = append(t.Rows, []string{feeds.OneLine(a.Name), strconv.Itoa(a.Quantity)})
	}
	return t
}
