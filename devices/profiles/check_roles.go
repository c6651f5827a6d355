package profiles

import (
	"slices"
	"strings"
)

// acts says that the device can be told something.
func (p *Profile) acts() bool {
	return slices.ContainsFunc(p.Actions, func(a Action) bool { return a.Name != "setup" && a.Name != "off" && a.Name != "release" })
}

// showsRole says that some action shows in this point.
func (p *Profile) showsRole(point string) bool {
	can := func(action string) bool { _, ok := p.Action(action); return ok }
	switch point {
	case "curtail":
		return can("curtail")
	case "thermal_mode":
		return can("mode_normal")
	case "phases":
		return can("phases_1")
	}
	return false
}

// checkRoles sees that the actions of a role come together and show.
func (p *Profile) checkRoles(f *faults) {
	can := func(action string) bool { _, ok := p.Action(action); return ok }
	if can("curtail") != can("lift") {
		f.add("actions", "curtail and lift need each other")
	}
	if a, ok := p.Action("curtail"); ok && !a.mentions("value") {
		f.add("actions", "curtail does not mention {value}")
	}
	if can("phases_1") != can("phases_3") {
		f.add("actions", "phases_1 and phases_3 need each other")
	}
	hasMode := slices.ContainsFunc(p.Actions, func(a Action) bool { return strings.HasPrefix(a.Name, "mode_") && a.Name != "mode_normal" })
	if hasMode != can("mode_normal") {
		f.add("actions", "mode_normal and at least one other mode need each other")
	}
	for action, point := range map[string]string{"curtail": "curtail", "phases_1": "phases", "mode_normal": "thermal_mode"} {
		if can(action) && !p.Has(point) {
			f.add("points", "%s does not show: there is no point %s", action, point)
		}
	}
	if p.Has("temperature") && !can("mode_normal") {
		f.add("points", "temperature: only a device with modes has one")
	}
}
