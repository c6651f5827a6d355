package gridx

import (
	"context"
	"fmt"
	"strings"

	"hearth/feeds"
)

// whose is what prices are asked for.
type whose struct{ rate, circuit, cca string }

func (w whose) String() string {
	text := fmt.Sprintf("rate %q, circuit %q", w.rate, w.circuit)
	if w.cca != "" {
		text += fmt.Sprintf(", cca %q", w.cca)
	}
	return text
}

// whose is what the configuration says, and the customer's account where it says nothing. A price without the customer's
// CCA is another price: where the account cannot be asked and never was, there is none.
func (s *Source) whose(ctx context.Context) (whose, []string, error) {
	said := whose{s.cfg.Rate, s.cfg.Circuit, s.cfg.CCA}
	isWhole := said.rate != "" && said.circuit != "" && (said.cca != "" || s.cfg.Utility != "PGE")
	if s.account == nil || isWhole {
		return said, nil, nil
	}
	var remarks []string
	i, err := s.account.info(ctx, s.zone)
	switch {
	case err != nil && (i == info{} || ctx.Err() != nil):
		return whose{}, nil, err
	case err != nil:
		remarks = append(remarks, fmt.Sprintf("what the account said before is used: %v", err))
	}
	found, err := i.whose(s.cfg.Utility, said)
	if err != nil {
		return whose{}, nil, err
	}
	return found, append(remarks, contradictions(said, i)...), nil
}

// whose fills in what was not said.
func (i info) whose(utility string, said whose) (whose, error) {
	if said.rate == "" {
		rate, err := i.rateName()
		if err != nil {
			return whose{}, err
		}
		said.rate = rate
	}
	if said.circuit == "" {
		said.circuit = string(i.Circuit)
	}
	if said.cca == "" && bool(i.HasCCA) && utility == "PGE" {
		said.cca = string(i.CCA)
		if said.cca == "" {
			return whose{}, feeds.Fail(feeds.Misconfigured, "cca: the customer's account has one and does not name it, so it must be configured")
		}
	}
	switch {
	case said.rate == "":
		return whose{}, feeds.Fail(feeds.Misconfigured, "rate: the customer's account tells none, so it must be configured")
	case said.circuit == "":
		return whose{}, feeds.Fail(feeds.Misconfigured, "circuit: the customer's account tells none, so it must be configured")
	case utility == "PGE" && !nineDigits.MatchString(said.circuit):
		return whose{}, feeds.Fail(feeds.Misconfigured, "circuit: the customer's account says %q, which is not nine digits, so it must be configured", feeds.OneLine(said.circuit))
	}
	return said, nil
}

// voltages are the letters of the classes, as they end the names of rates: B19P, B19S.
var voltages = map[string]string{"primary": "P", "secondary": "S", "transmission": "T"}

// rateName is the rate as prices know it: its code, and the letter of its voltage class where it has one.
func (i info) rateName() (string, error) {
	if !i.HasVoltage {
		return string(i.Rate), nil
	}
	letter, isKnown := voltages[strings.ToLower(string(i.Voltage))]
	switch {
	case !isKnown:
		return "", feeds.Fail(feeds.Misconfigured, "rate: the customer's account has the voltage class %q, so it must be configured", feeds.OneLine(string(i.Voltage)))
	case strings.HasSuffix(string(i.Rate), letter):
		return string(i.Rate), nil
	}
	return string(i.Rate) + letter, nil
}

// contradictions are remarks on what was configured and is otherwise in the account.
func contradictions(said whose, i info) []string {
	var all []string
	rate, err := i.rateName()
	for _, c := range []struct{ key, said, found string }{
		{"rate", said.rate, rate}, {"circuit", said.circuit, string(i.Circuit)}, {"cca", said.cca, string(i.CCA)},
	} {
		if err == nil && c.said != "" && c.found != "" && !strings.EqualFold(c.said, c.found) {
			all = append(all, fmt.Sprintf("%s %q is configured, the customer's account says %q", c.key, c.said, feeds.OneLine(c.found)))
		}
	}
	return all
}
