package api

import (
	"fmt"
	"html"
	"strings"
)

// The page between its parts. No template: the library that reads them is a fiftieth of the program.
const (
	plainHead = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="10">
<title>%s · Hearth</title>
<link rel="stylesheet" href="plain.css">
</head>
<body>
<main>
<header>
<h1>%s</h1>
<p>%s</p>
</header>
<p class="notice">This is the plain page: the full one, with the chart, is not part of this program. To build it, install Node.js and run <code>make web build</code>.</p>
`
	plainDevices = `<h2>Devices</h2>
<table>
<colgroup><col class="wide"><col><col><col><col class="wide"><col class="rest"></colgroup>
<thead><tr><th scope="col">Device</th><th scope="col">State</th><th scope="col">Power</th><th scope="col">Charge</th><th scope="col">Next run</th><th scope="col">Why</th></tr></thead>
<tbody>
`
	plainFoot = `<footer>Signs: importing, consuming and charging are positive. The page loads itself again every ten seconds. Data: <a href="api/v1/home">home</a>, <a href="api/v1/timeline">timeline</a>.</footer>
</main>
</body>
</html>
`
)

// page is the whole page. Every text of somebody else's is escaped.
func (p plainHome) page() string {
	var b strings.Builder
	clock := p.Clock(p.Now)
	if p.Note != "" {
		clock += " · " + p.Note
	}
	put(&b, plainHead, p.Name, p.Name, clock)
	p.operator(&b)
	p.numbers(&b)
	p.devices(&b)
	p.health(&b)
	b.WriteString(plainFoot)
	return b.String()
}

// put writes a part with texts in it.
func put(b *strings.Builder, part string, texts ...string) {
	safe := make([]any, len(texts))
	for i, text := range texts {
		safe[i] = html.EscapeString(text)
	}
	fmt.Fprintf(b, part, safe...)
}

// operator is what grid operators ask, where they do.
func (p plainHome) operator(b *strings.Builder) {
	if len(p.Operator) == 0 {
		return
	}
	b.WriteString("<ul class=\"operator\">\n")
	for _, o := range p.Operator {
		when, of, text := "from "+p.Clock(o.From)+" until further notice", "", ""
		if o.To != nil {
			when = p.Clock(o.From) + " to " + p.Clock(*o.To)
		}
		if o.Device != "" {
			of = ", for " + o.Device
		}
		if o.Text != "" {
			text = "“" + o.Text + "” "
		}
		put(b, "<li class=\"notice\"><strong>%s</strong> %s (%s%s)<br>%s%s</li>\n", o.Title, when, o.Source, of, text, o.Effect)
	}
	b.WriteString("</ul>\n")
}

func (p plainHome) numbers(b *strings.Builder) {
	b.WriteString("<dl>\n")
	for _, row := range [][2]string{
		{"Price now", p.PerKWh(p.Price)}, {"Carbon now", p.Grams(p.Carbon)}, {"Grid now", p.Power(p.Grid)}, {"Solar now", p.Power(p.Solar)},
		{"Imported today", p.Thousandth(p.Today.Imported, "kWh")}, {"Exported today", p.Thousandth(p.Today.Exported, "kWh")},
		{"Cost today", p.Money(p.Today.Cost)}, {"CO₂ today", p.Thousandth(p.Today.Carbon, "kg")},
	} {
		put(b, "<div><dt>%s</dt><dd>%s</dd></div>\n", row[0], row[1])
	}
	b.WriteString("</dl>\n")
}

func (p plainHome) devices(b *strings.Builder) {
	b.WriteString(plainDevices)
	for _, d := range p.Devices {
		next := "–"
		if d.NextRun != nil {
			next = p.Clock(d.NextRun.Start) + " to " + p.Clock(d.NextRun.End)
		}
		put(b, `<tr><th scope="row">%s</th><td>%s</td><td class="number">%s</td><td class="number">%s</td><td>%s</td><td>%s</td></tr>`+"\n",
			d.Title, d.State, p.Power(d.Power), p.Percent(d.SoC), next, d.Why)
	}
	if len(p.Devices) == 0 {
		b.WriteString(`<tr><td colspan="6">No devices yet.</td></tr>` + "\n")
	}
	b.WriteString("</tbody>\n</table>\n")
}

func (p plainHome) health(b *strings.Builder) {
	b.WriteString("<h2>Health</h2>\n<ul>\n")
	for _, part := range p.Health {
		mark := "✗ <strong>fault:</strong>"
		if part.OK {
			mark = "✓"
		}
		put(b, "<li>"+mark+" %s: %s</li>\n", part.Part, part.Text)
	}
	if len(p.Health) == 0 {
		b.WriteString("<li>Nothing is known yet.</li>\n")
	}
	b.WriteString("</ul>\n")
}
