package console

import (
	"fmt"
	"io"
	"strconv"

	"hearth/feeds"
)

// Answer shows what a source has answered. Columns of numbers are set to the right, others to the left.
func Answer(w io.Writer, a feeds.Table) error {
	if a.Title != "" {
		fmt.Fprintln(w, feeds.OneLine(a.Title))
	}
	if len(a.Columns) > 0 {
		t := NewTable(a.Columns...)
		for _, row := range a.Rows {
			t.Row(row...)
		}
		for i := range a.Columns {
			if !isNumeric(a.Rows, i) {
				t.Left = append(t.Left, i)
			}
		}
		if _, err := t.WriteTo(w); err != nil {
			return err
		}
	}
	for _, remark := range a.Remarks {
		fmt.Fprintln(w, "remark:", feeds.OneLine(remark))
	}
	return nil
}

// isNumeric says that every cell of a column is a number or empty, and one is a number.
func isNumeric(rows [][]string, column int) bool {
	isAny := false
	for _, row := range rows {
		if column >= len(row) || row[column] == "" {
			continue
		}
		if _, err := strconv.ParseFloat(row[column], 64); err != nil {
			return false
		}
		isAny = true
	}
	return isAny
}
