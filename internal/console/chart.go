package console

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Curve is a value for each column of a chart; NaN where there is none.
type Curve struct {
	Title  string
	Start  time.Time // of the first column, in the zone of the axis
	Step   time.Duration
	Values []float64
	Unit   string
}

// How high a chart is, and the parts that a line can be filled to.
const height = 6

var eighths = []rune(" ▁▂▃▄▅▆▇█")

// WriteTo draws the curve over a line for nothing, with the hours below it. What is below nothing hangs from that line.
func (c Curve) WriteTo(w io.Writer) (int64, error) {
	low, high := 0.0, 0.0
	for _, v := range c.Values {
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	step := (high - low) / height
	if step == 0 {
		step = 1
	}
	below := int(math.Ceil(-low/step - 1e-9)) // lines under the one for nothing
	above := max(1, int(math.Ceil(high/step-1e-9)))
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n", c.Title, c.Unit)
	labels := [2]string{number(high), number(low)}
	margin := max(utf8.RuneCountInString(labels[0]), utf8.RuneCountInString(labels[1]), 1)
	for line := above - 1; line >= -below; line-- {
		label := ""
		switch line {
		case above - 1:
			label = labels[0]
		case -below:
			label = labels[1]
		}
		row := make([]rune, len(c.Values))
		for i, v := range c.Values {
			row[i] = cell(v, float64(line)*step, step)
		}
		fmt.Fprintf(&b, "%*s ┤%s\n", margin, label, strings.TrimRight(string(row), " "))
	}
	b.WriteString(strings.Repeat(" ", margin+2) + c.axis() + "\n")
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// cell is how the line from low to low+step is filled where the value is v.
func cell(v, low, step float64) rune {
	switch {
	case math.IsNaN(v) && low == 0:
		return '·'
	case math.IsNaN(v):
		return ' '
	case low < 0:
		if v <= low+step/2 {
			return '█'
		} else if v < low+step-1e-12 {
			return '▀'
		}
		return ' '
	case low == 0 && v <= 0:
		return '▁'
	}
	full := math.Round((v - low) / step * 8)
	return eighths[int(min(max(full, 0), 8))]
}

// axis writes the hour under each column that has room for it, and the day at each midnight.
func (c Curve) axis() string {
	line := []rune(strings.Repeat(" ", len(c.Values)+8))
	free := 0
	for i := range c.Values {
		at := c.Start.Add(time.Duration(i) * c.Step)
		_, minute, _ := at.Clock()
		text := at.Format("15")
		switch {
		case i < free || minute != 0:
			continue
		case at.Hour() == 0:
			text = at.Format("Mon 2")
		case at.Hour()%6 != 0:
			continue
		}
		copy(line[i:], []rune(text))
		free = i + len(text) + 1
	}
	return strings.TrimRight(string(line), " ")
}

func number(v float64) string {
	text := fmt.Sprintf("%.4g", v)
	if text == "-0" {
		return "0"
	}
	return text
}
