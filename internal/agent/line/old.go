package line

import (
	"time"

	"hearth/openadr/report"
	"hearth/openadr/v20b"
	"hearth/openadr/ven"
)

const version20b = "2.0b"

func (l *Line) open20b() (*v20b.Client, error) {
	name := l.cfg.VEN
	cfg := v20b.Config{
		BaseURL: l.cfg.URL, VENName: name, Key: "openadr20b/" + l.cfg.Name,
		CertFile: l.cfg.CertFile, KeyFile: l.cfg.KeyFile, CAFile: l.cfg.CAFile, AllowHTTP: l.cfg.IsInsecure,
		Resources: l.cfg.Resources, Now: l.parts.Clock.Now,
		OptOut: func(string) bool { return l.cfg.IsOptedOut },
	}
	if len(l.cfg.Reports) > 0 {
		cfg.Reports = &v20b.Reports{Meter: allowed(l.cfg.Reports, l.meter()), Resources: l.cfg.Resources}
	}
	return v20b.New(cfg, l.parts.Store)
}

// allowed answers what may be told only.
func allowed(payloads []string, m report.Meter) report.Meter {
	return report.MeterFunc(func(q report.Question) report.Answer {
		for _, p := range payloads {
			if p == q.Payload {
				return m.Value(q)
			}
		}
		return report.None()
	})
}

// brisk is a pace that is no slower than the server wants: in 2.0b it says how often it will be asked.
type brisk struct {
	ven.Pace
	server *v20b.Client
}

// Next is the time to wait after a poll that ended with err.
func (b brisk) Next(err error) time.Duration {
	wait := b.Pace.Next(err)
	if err == nil {
		wait = min(wait, b.server.PollEvery())
	}
	return wait
}
