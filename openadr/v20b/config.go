package v20b

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/openadr"
	"hearth/openadr/report"
)

// Config says how to reach a VTN, and who we are to it.
type Config struct {
	BaseURL string // "https://vtn.example"; /OpenADR2/Simple/2.0b is added unless it ends so
	VENName string // that we register by
	VENID   string // where the VTN's operator has given one out; empty: the VTN does when we register
	Key     string // of what is kept in the store: "openadr20b/utility"

	CertFile, KeyFile string // PEM, of this VEN; empty: no client certificate
	CAFile            string // PEM certificates trusted instead of the system's; empty: the system's
	AllowHTTP         bool   // permits plain http beyond loopback
	AllowOldCiphers   bool   // adds the two suites of the profile that Go no longer offers by itself (section 10)

	Resources []string // the names that the VTN knows devices of the home by; empty: any is taken for ours
	Reports   *Reports // what may be told of the home; nil: nothing

	// OptOut says that the resident does not take part in an event; nil: always in. It is asked with every
	// poll, under the client's lock, and a change is told to the VTN. It must not wait.
	OptOut func(eventID string) bool

	Timeout time.Duration    // of one request, body included; 0: a minute
	Now     func() time.Time // nil: the machine's clock
}

// Reports is what telemetry the home may tell: TELEMETRY_USAGE, energy and mean power of each resource.
type Reports struct {
	Meter     report.Meter  // is asked for USAGE and DEMAND
	Resources []string      // empty: one, called as the VEN
	Pace      time.Duration // the finest rows that mean something; 0: a minute
}

// Store keeps bytes over a restart. Put is called only when something changed.
type Store interface {
	Get(key string) (value []byte, isFound bool, err error)
	Put(key string, value []byte) error
}

const servicePath = "/OpenADR2/Simple/2.0b"

// maxName is the length of the longest id or name that is told further: what 3.1 has room for.
const maxName = 128

func (c *Config) fill() {
	if c.Timeout <= 0 {
		c.Timeout = time.Minute
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Key == "" {
		c.Key = "openadr20b/" + c.VENName
	}
	if c.Reports != nil {
		r := *c.Reports
		if len(r.Resources) == 0 {
			r.Resources = []string{c.VENName}
		}
		if r.Pace <= 0 {
			r.Pace = time.Minute
		}
		c.Reports = &r
	}
}

func (c *Config) check() error {
	switch {
	case !isName(c.VENName):
		return fmt.Errorf("ven name %.40q: want 1 to %d characters", c.VENName, maxName)
	case c.VENID != "" && !isName(c.VENID):
		return fmt.Errorf("ven id %.40q: want 1 to %d characters", c.VENID, maxName)
	case (c.CertFile == "") != (c.KeyFile == ""):
		return errors.New("client certificate: wants both its file and that of its key")
	case c.Reports != nil && c.Reports.Meter == nil:
		return errors.New("reports: want a meter")
	}
	return nil
}

// endpoint is the address below which the services are.
func (c *Config) endpoint() (*url.URL, error) {
	u, err := url.Parse(c.BaseURL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("vtn url: %w", err)
	case u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("vtn url %q: want for example %q", c.BaseURL, "https://vtn.example")
	case u.User != nil:
		return nil, errors.New("vtn url: must not hold a password: a VEN shows its certificate")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("vtn url %q: must end with a path", c.BaseURL)
	case u.Scheme == "http" && !c.AllowHTTP && !openadr.IsLoopback(u.Hostname()):
		return nil, fmt.Errorf("vtn url %q: http is allowed on this machine only, use https", c.BaseURL)
	}
	if !strings.HasSuffix(strings.TrimRight(u.Path, "/"), servicePath) {
		u = u.JoinPath(servicePath)
	}
	return u, nil
}

func isName(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= maxName && utf8.ValidString(s)
}

// lengthOf is a duration from an instant on; false where it has no end, or none within our reckoning.
func lengthOf(d openadr.Duration, from time.Time) (time.Duration, bool) {
	end, isFinite := d.AddTo(from)
	if !isFinite || end.Year() > lastYear {
		return 0, false
	}
	return end.Sub(from), true
}

// Times are reckoned between these years: their differences fit a time.Duration of 292 years.
const (
	firstYear = 1900
	lastYear  = 2150
)
