package discover

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"hearth/devices/profiles"
)

// Link is a broker or a bus as a configuration has it.
type Link struct {
	Name      string
	URL       string // without a password
	Transport profiles.Transport
	IsKnown   bool // the configuration has it

	User, PasswordFile string // of a broker; empty: none
}

// At is a thing with the link it was found on.
type At struct {
	Thing
	Link string
}

// Section is a configuration for all that has a profile and needs nothing more. What measures power becomes a meter,
// which tells its device nothing; what cannot be one, or lacks something, stands there as remarks. Names are made to fit
// and to differ, also from those in taken.
func Section(links []Link, things []At, taken []string) string {
	var b strings.Builder
	for _, transport := range []profiles.Transport{profiles.MQTT, profiles.Modbus} {
		title := string(transport) + ":\n"
		for _, l := range links {
			if l.Transport != transport || l.IsKnown {
				continue
			}
			fmt.Fprintf(&b, "%s  - name: %s\n    url: %s\n", title, l.Name, quoted(l.URL))
			if l.User != "" {
				fmt.Fprintf(&b, "    user: %s\n", quoted(l.User))
			}
			if l.PasswordFile != "" {
				fmt.Fprintf(&b, "    password_file: %s\n", quoted(l.PasswordFile))
			}
			title = ""
		}
	}
	var whole, partial strings.Builder
	for _, t := range things {
		if t.Profile() == nil {
			continue
		}
		name := Name(t.Name, taken)
		taken = append(taken, name)
		if text, isWhole := t.section(name); isWhole {
			whole.WriteString(text)
		} else {
			partial.WriteString("# " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n# ") + "\n")
		}
	}
	if whole.Len()+partial.Len() > 0 {
		b.WriteString("devices:\n" + whole.String() + partial.String())
	}
	return b.String()
}

// section is one device; it is whole when `hearth check` takes it.
func (t At) section(name string) (text string, isWhole bool) {
	p := t.Profile()
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: %s\n    title: %s\n", name, quoted(oneLine(t.Name)))
	isWhole = p.Has("power") && len(t.Missing) == 0
	kind := "meter"
	switch _, canSwitch := p.Action("on"); {
	case !p.Has("power") && canSwitch:
		kind = "load"
	case !p.Has("power"):
		kind = "?"
	}
	fmt.Fprintf(&b, "    kind: %s%s\n    profile: %s\n    link: %s\n", kind, advice(p), p.ID, t.Link)
	var params []string
	for _, d := range p.Params {
		if v, ok := t.Params[d.Name]; ok {
			params = append(params, d.Name+": "+quoted(v))
		} else if d.Required {
			params = append(params, d.Name+": "+quoted("?"))
		}
	}
	if len(params) > 0 {
		fmt.Fprintf(&b, "    params: {%s}\n", strings.Join(params, ", "))
	}
	if kind == "load" {
		b.WriteString("    run: {power: ?, for: ?}   # what it takes, and for how long each day\n")
	}
	for _, text := range append(slices.Clone(t.Missing), t.Remarks...) {
		fmt.Fprintf(&b, "    # %s\n", oneLine(text))
	}
	return b.String(), isWhole
}

// advice says what else a device can be, where it can be told something.
func advice(p *profiles.Profile) string {
	can := func(action string) bool { _, ok := p.Action(action); return ok }
	switch {
	case !p.Has("power"):
		return ""
	case can("set_power") && p.Has("soc"):
		return "   # or battery, with a part battery, to control it"
	case can("set_power") && p.Has("plugged"):
		return "   # or vehicle, with a part vehicle, to control it"
	case can("on") && p.Has("switch"):
		return "   # or load, with a part run, or appliance, with a part program, to control it"
	case len(p.Actions) == 0 && !p.Has("soc") && !p.Has("plugged"):
		return "   # or grid, at the house connection, or solar"
	}
	return ""
}

// Name makes a name of a text that a configuration takes and that none of the taken is.
func Name(text string, taken []string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return '-'
	}, strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(text)))
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	if name = strings.Trim(name[:min(len(name), 40)], "-_"); name == "" {
		name = "device"
	}
	whole := name
	for n := 2; slices.Contains(taken, whole); n++ {
		whole = fmt.Sprint(name, "-", n)
	}
	return whole
}

// quoted is a text that YAML reads as it is: JSON is YAML, but for control characters that end a line there.
func quoted(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	var b strings.Builder
	for _, r := range string(out) {
		if unicode.IsControl(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// oneLine keeps a stranger's text inside its comment or key.
func oneLine(text string) string {
	return cut(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0x2028 || r == 0x2029 { // lines end with them
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")), 200)
}
