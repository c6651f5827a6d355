package console

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"hearth/feeds"
)

// Table is rows of cells under a head. The first column is set to the left, and the others to the right unless they
// are Left.
type Table struct {
	Left []int // columns that hold text
	rows [][]string
}

// NewTable is a table without rows.
func NewTable(columns ...string) *Table { return &Table{rows: [][]string{columns}} }

// Row adds a row of as many cells as the head has; what is missing stays empty.
func (t *Table) Row(cells ...string) {
	row := make([]string, max(len(cells), len(t.rows[0])))
	for i, cell := range cells {
		row[i] = feeds.OneLine(cell) // it may be anybody's
	}
	t.rows = append(t.rows, row)
}

// WriteTo prints the rows, every column as wide as its widest cell.
func (t *Table) WriteTo(w io.Writer) (int64, error) {
	width := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i := range width {
			width[i] = max(width[i], utf8.RuneCountInString(row[i]))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		line := ""
		for i := range width {
			space := strings.Repeat(" ", width[i]-utf8.RuneCountInString(row[i]))
			switch {
			case i == 0:
				line = row[i] + space
			case slices.Contains(t.Left, i):
				line += "  " + row[i] + space
			default:
				line += "  " + space + row[i]
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}
