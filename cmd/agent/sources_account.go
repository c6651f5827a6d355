package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"hearth/api"
	"hearth/energy"
	"hearth/feeds"
	"hearth/internal/agent"
	"hearth/internal/config"
	"hearth/internal/console"
)

type sourcesAskCommand struct {
	atConfig
	Name     string   `arg:"positional,required" help:"Of the source, in the configuration."`
	Question string   `arg:"positional" help:"What to ask; without it the questions are listed."`
	Settings []string `arg:"positional" help:"What the question needs to be told, as key=value." placeholder:"key=value"`
}

// Run asks, and prints the answer.
func (c sourcesAskCommand) Run(ctx context.Context, std stdio) error {
	_, _, source, err := c.pick(c.Name)
	if err != nil {
		return err
	}
	account, ok := source.(feeds.Account)
	if !ok {
		return failure{exitUsage, fmt.Errorf("hearth: source %s answers no questions besides `hearth sources fetch`", c.Name)}
	}
	all := account.Questions()
	var entries []entry
	for _, o := range all {
		entries = append(entries, entry{o.Name, o.Help, o.Keys})
	}
	i, err := choose(std.out, "Source "+c.Name+" can be asked for", c.Question, entries)
	if err != nil || i < 0 {
		return err
	}
	settings, err := settingsOf(c.Settings, all[i].Keys)
	if err != nil {
		return err
	}
	answer, err := all[i].Ask(ctx, settings)
	if err != nil {
		return sourceFailure(c.Name, err)
	}
	return console.Answer(std.out, answer)
}

type sourcesTellCommand struct {
	atConfig
	Name     string   `arg:"positional,required" help:"Of the source, in the configuration."`
	Order    string   `arg:"positional" help:"What to tell; without it the orders are listed."`
	Settings []string `arg:"positional" help:"What the order needs to be told, as key=value." placeholder:"key=value"`
	Yes      bool     `help:"Send it."`
}

// Run shows what would be sent, and sends it when the owner says so.
func (c sourcesTellCommand) Run(ctx context.Context, std stdio) error {
	cfg, _, source, err := c.pick(c.Name)
	if err != nil {
		return err
	}
	account, ok := source.(feeds.Account)
	if !ok || len(account.Orders()) == 0 {
		return failure{exitUsage, fmt.Errorf("hearth: source %s takes no orders", c.Name)}
	}
	all := account.Orders()
	var entries []entry
	for _, o := range all {
		entries = append(entries, entry{o.Name, o.Help, o.Keys})
	}
	i, err := choose(std.out, "Source "+c.Name+" can be told", c.Order, entries)
	if err != nil || i < 0 {
		return err
	}
	settings, err := settingsOf(c.Settings, all[i].Keys)
	if err != nil {
		return err
	}
	pays, err := agent.Tariff(ctx, agent.Options{Config: cfg, Clock: wall, Log: newLog(cfg, std.err)}, c.Name)
	if err != nil {
		return startFailure(err)
	}
	draft, err := all[i].Prepare(ctx, settings, pays)
	if err != nil {
		return sourceFailure(c.Name, err)
	}
	fmt.Fprintln(std.out, strings.TrimRight(draft.Text, "\n"))
	switch {
	case draft.Send == nil:
		fmt.Fprintln(std.out, "There is nothing to send.")
		return nil
	case !c.Yes:
		fmt.Fprintln(std.out, "Nothing was sent; --yes sends it.")
		return nil
	}
	answer, err := draft.Send(ctx)
	if err != nil {
		return sourceFailure(c.Name, err)
	}
	fmt.Fprintln(std.out, "Sent. The answer:")
	return console.Answer(std.out, answer)
}

type sourcesBillsCommand struct {
	atConfig
	Name string `arg:"positional,required" help:"Of the source, in the configuration."`
	From string `help:"First day, for example 2026-01-01; a year ago where it is left out."`
	To   string `help:"Last day; today where it is left out."`
}

// Run prints each bill beside what the agent's own meter has counted.
func (c sourcesBillsCommand) Run(ctx context.Context, std stdio) error {
	cfg, _, source, err := c.pick(c.Name)
	if err != nil {
		return err
	}
	biller, ok := source.(feeds.Biller)
	if !ok {
		return failure{exitUsage, fmt.Errorf("hearth: source %s knows no bills", c.Name)}
	}
	span, err := c.span(wall.Now(), cfg.Home.Zone)
	if err != nil {
		return failure{exitUsage, fmt.Errorf("hearth: %w", err)}
	}
	bills, err := biller.Bills(ctx, span)
	if err != nil {
		return sourceFailure(c.Name, err)
	}
	counted, err := ownEnergy(ctx, cfg, std.err, bills)
	if err != nil {
		return err
	}
	return writeBills(std.out, bills, counted, cfg.Home.Zone)
}

// span is the days that are asked for, in the home's zone.
func (c sourcesBillsCommand) span(now time.Time, zone *time.Location) (energy.Interval, error) {
	days := energy.Interval{Start: energy.Day(now.AddDate(-1, 0, 0), zone).Start, End: energy.Day(now, zone).End}
	day := func(text string) (energy.Interval, error) {
		at, err := time.ParseInLocation(time.DateOnly, text, zone)
		if err != nil {
			return energy.Interval{}, fmt.Errorf("%q: want a day, for example 2026-01-31", text)
		}
		return energy.Day(at.Add(12*time.Hour), zone), nil
	}
	if c.From != "" {
		from, err := day(c.From)
		if err != nil {
			return days, err
		}
		days.Start = from.Start
	}
	if c.To != "" {
		to, err := day(c.To)
		if err != nil {
			return days, err
		}
		days.End = to.End
	}
	if days.IsEmpty() {
		return days, errors.New("--to is before --from")
	}
	return days, nil
}

// ownEnergy is what the agent that runs, or its store, has counted in the period of each bill.
func ownEnergy(ctx context.Context, cfg *config.Config, log io.Writer, bills []feeds.Bill) ([]api.Energy, error) {
	var spans []energy.Interval
	for _, b := range bills {
		spans = append(spans, b.Period)
	}
	all := make([]api.Energy, len(spans))
	for i, s := range spans {
		q := url.Values{"from": {s.Start.UTC().Format(time.RFC3339)}, "to": {s.End.UTC().Format(time.RFC3339)}}
		err := ask(ctx, cfg, "/api/v1/energy?"+q.Encode(), &all[i])
		if isNobody(err) {
			return agent.StoredEnergy(ctx, agent.Options{Config: cfg, Clock: wall, Log: newLog(cfg, io.Discard)}, spans)
		}
		if err != nil {
			fmt.Fprintln(log, "hearth:", err)
		}
	}
	return all, nil
}

// wholly is the coverage from which a period counts as metered: a counter read every few seconds misses the minutes
// around its ends.
const wholly = 0.999

// writeBills prints a line for each bill, and differences where both sides know.
func writeBills(w io.Writer, bills []feeds.Bill, counted []api.Energy, zone *time.Location) error {
	t := console.NewTable("from", "to", "imported kWh", "metered", "differs", "exported kWh", "metered", "differs", "amount", "reckoned", "paid", "status", "invoice")
	t.Left = []int{1, 11, 12}
	for i, b := range bills {
		last := b.Period.End.In(zone).AddDate(0, 0, -1)
		own := counted[i]
		if own.Coverage < wholly {
			own.Imported, own.Exported, own.Cost = nil, nil, nil
		}
		cells := []string{b.Period.Start.In(zone).Format(time.DateOnly), last.Format(time.DateOnly)}
		cells = append(cells, compared(b.Imported, own.Imported)...)
		cells = append(cells, compared(b.Exported, own.Exported)...)
		t.Row(append(cells, moneyOf(b.Amount, b.Currency), reckoned(own.Cost), moneyOf(b.Applied, b.Currency), b.Status, b.Invoice)...)
	}
	if _, err := t.WriteTo(w); err != nil {
		return err
	}
	for i, b := range bills {
		for _, remark := range b.Remarks {
			fmt.Fprintf(w, "%s: remark: %s\n", b.Period.Start.In(zone).Format(time.DateOnly), feeds.OneLine(remark))
		}
		if counted[i].Coverage < wholly {
			fmt.Fprintf(w, "%s: %.1f %% of the period was metered here: not compared\n", b.Period.Start.In(zone).Format(time.DateOnly), 100*counted[i].Coverage)
		}
	}
	return nil
}

// compared is what was billed, what was metered, and by how much the bill is more.
func compared(billed *energy.WattHours, metered *float64) []string {
	cells := []string{none, none, none}
	if billed != nil {
		cells[0] = fmt.Sprintf("%.3f", float64(*billed)/1000)
	}
	if metered != nil {
		cells[1] = fmt.Sprintf("%.3f", *metered/1000)
	}
	if billed != nil && metered != nil {
		cells[2] = fmt.Sprintf("%+.3f", (float64(*billed)-*metered)/1000)
	}
	return cells
}

// reckoned is what the same has cost by the agent's own prices.
func reckoned(cost *float64) string {
	if cost == nil {
		return none
	}
	return fmt.Sprintf("%.2f", *cost)
}

func moneyOf(m *energy.Money, c energy.Currency) string {
	if m == nil {
		return none
	}
	return m.String() + " " + string(c)
}

// settingsOf reads key=value, and knows what may be said.
func settingsOf(words []string, keys []feeds.Key) (feeds.Settings, error) {
	s := feeds.Settings{}
	wrong := func(format string, args ...any) error {
		return failure{exitUsage, fmt.Errorf("hearth: "+format, args...)}
	}
	for _, word := range words {
		name, value, isPair := strings.Cut(word, "=")
		i := slices.IndexFunc(keys, func(k feeds.Key) bool { return k.Name == name })
		switch {
		case !isPair:
			return nil, wrong("%q: want key=value", word)
		case i < 0:
			return nil, wrong("%s: is not asked for", name)
		case len(keys[i].Among) > 0 && !slices.Contains(keys[i].Among, value):
			return nil, wrong("%s: want one of %s", name, strings.Join(keys[i].Among, ", "))
		}
		s[name] = value
	}
	for _, k := range keys {
		if _, isSet := s[k.Name]; k.IsRequired && !isSet {
			return nil, wrong("%s=...: is missing: %s", k.Name, k.Help)
		}
	}
	return s, nil
}

// entry is a question or an order: what can be chosen.
type entry struct {
	name, help string
	keys       []feeds.Key
}

// choose finds the entry that has the name. Without a name all are listed, and none is chosen: -1.
func choose(w io.Writer, title, name string, entries []entry) (int, error) {
	if i := slices.IndexFunc(entries, func(e entry) bool { return e.name == name }); i >= 0 {
		return i, nil
	}
	fmt.Fprintln(w, title+":")
	for _, e := range entries {
		e.write(w)
	}
	if name != "" {
		return -1, failure{exitUsage, fmt.Errorf("hearth: %s: is none of these", name)}
	}
	return -1, nil
}

// write lists the entry with what can be said to it.
func (e entry) write(w io.Writer) {
	fmt.Fprintf(w, "  %-14s %s\n", e.name, e.help)
	for _, k := range e.keys {
		more := ""
		if len(k.Among) > 0 {
			more = ": " + strings.Join(k.Among, ", ")
		}
		fmt.Fprintf(w, "  %-14s   %s=... %s%s\n", "", k.Name, k.Help, more)
	}
}
