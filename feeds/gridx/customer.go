package gridx

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"hearth/energy"
	"hearth/feeds"
	"hearth/feeds/wire"
)

// Customer is whose account is looked into, and with which credentials. The utility gives them; all are needed.
type Customer struct {
	ClientID, Secret string
	Contract         string // the service agreement: ten digits with their leading zeros
	UUID             string
}

var (
	tenDigits = regexp.MustCompile(`^[0-9]{10}$`)
	uuid      = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
)

// check does not repeat what it was given: it is personal.
func (c Customer) check() error {
	reason := ""
	switch {
	case c.ClientID == "":
		reason = "client_id: is missing, the customer's account needs it"
	case c.Secret == "":
		reason = "client_secret: is missing, the customer's account needs it"
	case c.Contract == "":
		reason = "contract: is missing, the customer's account needs it"
	case !tenDigits.MatchString(c.Contract):
		reason = "contract: must be ten digits, with leading zeros, in quotes"
	case c.UUID == "":
		reason = "customer: is missing, the customer's account needs it"
	case !uuid.MatchString(c.UUID):
		reason = "customer: must be a UUID"
	default:
		return nil
	}
	return feeds.Fail(feeds.Misconfigured, "%s", reason)
}

// account is the customer's at GridX. It is safe for concurrent use.
type account struct {
	customer Customer
	base     *url.URL
	client   *wire.Client

	mu     sync.Mutex
	latest info      // the last that came
	asked  time.Time // when; zero: never
}

// open asks nobody.
func open(c Customer, base *url.URL, client *wire.Client) (*account, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	auth := *client
	auth.Secrets = append([]string{c.Secret, c.Contract, c.UUID}, client.Secrets...)
	own := auth.WithTokens(func(ctx context.Context) (wire.Grant, error) {
		return auth.JWT(ctx, wire.Request{
			URL: base.JoinPath("auth", "token"), Headers: http.Header{"Authorization": {wire.Basic(c.ClientID, c.Secret)}},
		})
	})
	own.Headers = http.Header{"X-Contract-Id": {encoded(c.Contract)}, "X-Customer-Uuid": {encoded(c.UUID)}}
	return &account{customer: c, base: base, client: own}, nil
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// info is what GridX knows of the customer. Its page and its answers spell the names in two ways: decoding does not
// look at capitals, and the circuit has two names.
type info struct {
	Contract   text `json:"contractId"`
	Meter      text `json:"meterAccountId"` // the service point
	Rate       text `json:"rateCode"`
	Voltage    text `json:"voltageClass"` // primary, secondary, transmission
	HasVoltage flag `json:"rateCodeHasVoltageClass"`
	Circuit    text `json:"representativeCircuitId"`
	CircuitToo text `json:"circuitId"`
	HasCCA     flag `json:"hasCca"`
	CCA        text `json:"cca"`
}

// text is a JSON text, or a number as it was written: whoever sends an id as a number has lost its zeros already.
type text string

// UnmarshalJSON reads anything but lists and objects.
func (t *text) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		return json.Unmarshal(b, (*string)(t))
	}
	var n json.Number // null leaves it empty
	err := json.Unmarshal(b, &n)
	*t = text(n)
	return err
}

// flag is true or false, in quotes or not; null is false.
type flag bool

// UnmarshalJSON reads true, "TRUE", false and null.
func (f *flag) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	is, err := strconv.ParseBool(strings.ToLower(strings.Trim(string(b), `" `)))
	*f = flag(is)
	return err
}

func readInfo(body []byte, contract string) (info, error) {
	var doc struct {
		info
		Meta meta  `json:"meta"`
		Data *info `json:"data"` // as prices come; so far nobody has seen it here
	}
	if json.Unmarshal(body, &doc) != nil { // the cause may hold what is personal
		return info{}, feeds.Fail(feeds.Temporary, "customer: the answer is not what it should be")
	}
	if err := doc.Meta.check("customer"); err != nil {
		return info{}, err
	}
	i := doc.info
	if doc.Data != nil {
		i = *doc.Data
	}
	if i.Circuit == "" {
		i.Circuit = i.CircuitToo
	}
	zeros := func(id string) string { return strings.TrimLeft(id, "0") }
	switch {
	case i.Rate == "" && i.Circuit == "":
		return info{}, feeds.Fail(feeds.Temporary, "customer: the answer tells neither rate nor circuit")
	case i.Contract != "" && zeros(string(i.Contract)) != zeros(contract):
		return info{}, feeds.Fail(feeds.Misconfigured, "contract: the answer is about another one")
	}
	return i, nil
}

// info is what is known of the customer, asked for once a local day. With an error it is what was known before.
func (a *account) info(ctx context.Context, zone *time.Location) (info, error) {
	a.mu.Lock()
	latest, asked := a.latest, a.asked
	a.mu.Unlock()
	now := a.client.Time()
	if !asked.IsZero() && energy.Day(now, zone).Contains(asked) {
		return latest, nil
	}
	ask := wire.Request{URL: a.base.JoinPath("customer", "info")}
	answer, err := a.client.Do(ctx, ask)
	if err != nil {
		return latest, err
	}
	fresh, err := readInfo(answer.Body, a.customer.Contract)
	if err != nil {
		return latest, a.client.Hide(ask, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.latest, a.asked = fresh, now
	return fresh, nil
}
