package gridx

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"hearth/energy"
)

// Customer is the one customer that a server knows.
type Customer struct {
	ClientID, Secret string
	Contract         string // ten digits
	UUID             string
	Meter            string // the service point
	Rate             string // its code, without the voltage class
	Voltage          string // primary, secondary or transmission
	HasVoltage       bool   // the rate's name ends with the class's letter
	Circuit          string
	CCA              string // empty: none
	// OldNames are those of the vendor's page (contractID); otherwise they are as in its answers (contractId).
	OldNames bool
	Lifetime time.Duration // of a token; zero: an hour
	// Quoted sends the token as JSON text; otherwise it comes bare.
	Quoted bool
	// Metered is what went through the meter in a slot, of days before Billed, and Bought is the profile that was
	// subscribed to. Nil: there is none.
	Metered, Bought func(energy.Interval) Amounts
	Billed          time.Time
}

// Amounts are magnitudes.
type Amounts struct{ Taken, Given energy.WattHours }

func (c *Customer) check() error {
	switch {
	case c.ClientID == "" || c.Secret == "":
		return errors.New("gridx: the customer has no credentials")
	case c.Contract == "" || c.UUID == "":
		return errors.New("gridx: the customer has no contract, or no UUID")
	}
	return nil
}

// token gives a signed token for the right credentials. It is a text, not a document.
func (s *server) token(w http.ResponseWriter, r *http.Request) {
	id, secret, isBasic := r.BasicAuth()
	if !isBasic || id != s.Customer.ClientID || secret != s.Customer.Secret {
		refuse(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	now := s.Now()
	claims, _ := json.Marshal(map[string]any{ // numbers and texts can always be written
		"sub": id, "token_use": "access", "iat": now.Unix(), "exp": now.Add(cmp.Or(s.Customer.Lifetime, time.Hour)).Unix(),
	})
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(claims)
	token := signed + "." + s.signature(signed)
	if s.Customer.Quoted {
		token = `"` + token + `"`
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(token))
}

func (s *server) signature(signed string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(signed))
	return encode(mac.Sum(nil))
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// isValid says that a token is ours and has not ended.
func (s *server) isValid(token string) bool {
	signed, signature := token, ""
	if i := strings.LastIndexByte(token, '.'); i >= 0 {
		signed, signature = token[:i], token[i+1:]
	}
	_, payload, _ := strings.Cut(signed, ".")
	claims, err := base64.RawURLEncoding.DecodeString(payload)
	var c struct{ Exp int64 }
	return err == nil && hmac.Equal([]byte(signature), []byte(s.signature(signed))) && json.Unmarshal(claims, &c) == nil && s.Now().Unix() < c.Exp
}

// private lets those pass who have a token and know whose account they want.
func (s *server) private(then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		isOurs := r.Header.Get("X-Contract-Id") == base64.StdEncoding.EncodeToString([]byte(s.Customer.Contract)) &&
			r.Header.Get("X-Customer-Uuid") == base64.StdEncoding.EncodeToString([]byte(s.Customer.UUID))
		switch {
		case !isBearer || !s.isValid(token):
			refuse(w, http.StatusUnauthorized, "The incoming token has expired")
		case !isOurs:
			refuse(w, http.StatusForbidden, "Forbidden")
		default:
			then(w, r)
		}
	}
}

// info answers with what is known of the customer, in one of the two spellings.
func (s *server) info(w http.ResponseWriter, _ *http.Request) {
	c := s.Customer
	names := []string{"contractId", "customerUuid", "meterAccountId", "rateCode", "voltageClass", "rateCodeHasVoltageClass", "circuitId", "hasCca", "cca"}
	if c.OldNames {
		names = []string{"contractID", "customerUuid", "meterAccountID", "rateCode", "voltageClass", "rateCodeHasVoltageClass", "representativeCircuitID", "hasCCA", "CCA"}
	}
	var cca any
	if c.CCA != "" {
		cca = c.CCA
	}
	answer := map[string]any{}
	for i, value := range []any{c.Contract, c.UUID, c.Meter, c.Rate, c.Voltage, c.HasVoltage, c.Circuit, c.CCA != "", cca} {
		answer[names[i]] = value
	}
	reply(w, answer)
}
