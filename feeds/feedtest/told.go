package feedtest

import (
	"fmt"
	"strings"
	"time"

	"hearth/energy"
	"hearth/feeds"
)

// Told is what a source has said, a value a line, as recordings tell it; or its error.
func Told(v feeds.Values, err error) string {
	if err != nil {
		return Failure(err)
	}
	var out strings.Builder
	tell(&out, feeds.ImportPrice, v.Import, func(p energy.Price) string { return p.Text(v.Import.Currency) })
	tell(&out, feeds.ExportPrice, v.Export, func(p energy.Price) string { return p.Text(v.Export.Currency) })
	tell(&out, feeds.Carbon, v.Carbon, plain)
	tell(&out, feeds.Renewable, v.Renewable, plain)
	tell(&out, feeds.Solar, v.Solar, plain)
	tell(&out, feeds.Taken, v.Taken, plain)
	tell(&out, feeds.Given, v.Given, plain)
	for _, best := range v.Best {
		fmt.Fprintf(&out, "best %s %s\n", best.Start.Format(time.RFC3339), best.Length())
	}
	for _, remark := range v.Remarks {
		fmt.Fprintf(&out, "remark %s\n", remark)
	}
	if out.Len() == 0 {
		return "nothing\n"
	}
	return out.String()
}

func plain[T any](v T) string { return fmt.Sprint(v) }

func tell[T any](out *strings.Builder, kind feeds.Kind, s energy.Series[T], text func(T) string) {
	for _, p := range s.Points {
		status := energy.Status("")
		if p.Origin != nil {
			status = p.Origin.Status
		}
		fmt.Fprintf(out, "%s %s %s %s %s\n", kind, p.Start.Format(time.RFC3339), p.Length(), text(p.Value), status)
	}
}

// ToldTable is what a source has answered to a question, a row a line, as recordings tell it; or its error.
func ToldTable(table feeds.Table, err error) string {
	if err != nil {
		return Failure(err)
	}
	var out strings.Builder
	fmt.Fprintln(&out, table.Title)
	for _, row := range append([][]string{table.Columns}, table.Rows...) {
		fmt.Fprintln(&out, strings.TrimRight(strings.Join(row, " | "), " |"))
	}
	for _, remark := range table.Remarks {
		fmt.Fprintln(&out, "remark", remark)
	}
	return out.String()
}
