package openadr

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// Notifiers is how a VTN tells of changes.
type Notifiers struct {
	IsWebhook bool          `json:"WEBHOOK"` // must be true by the schema; some leave it out
	MQTT      *MQTTNotifier `json:"MQTT"`    // nil: none
}

// MQTTNotifier is the broker of a VTN.
type MQTTNotifier struct {
	URIs           []string           `json:"URIS"`          // "mqtts://broker.example"; some are plaintext
	Serialization  string             `json:"serialization"` // JSON
	Authentication MQTTAuthentication `json:"authentication"`
}

// MQTTAuthentication is what the broker asks of a client.
type MQTTAuthentication struct {
	Method     MQTTMethod `json:"method"`
	Username   string     `json:"username"` // of MQTTToken: a template, see [Client.MQTTLogin]
	CACert     string     `json:"caCert"`   // of MQTTCertificate, as the next two: PEM
	ClientCert string     `json:"clientCert"`
	ClientKey  Secret     `json:"clientKey"`
}

// MQTTMethod is a way to authenticate. An unknown one stays as it came.
type MQTTMethod string

// The methods.
const (
	MQTTAnonymous   MQTTMethod = "ANONYMOUS"
	MQTTToken       MQTTMethod = "OAUTH2_BEARER_TOKEN"
	MQTTCertificate MQTTMethod = "CERTIFICATE"
)

// UnmarshalText reads a method in any case, and with or without its underscores, which some VTNs leave out.
func (m *MQTTMethod) UnmarshalText(b []byte) error {
	bare := func(s string) string { return strings.ReplaceAll(strings.ToUpper(s), "_", "") }
	*m = MQTTMethod(b)
	for _, known := range []MQTTMethod{MQTTAnonymous, MQTTToken, MQTTCertificate} {
		if bare(string(known)) == bare(string(b)) {
			*m = known
		}
	}
	return nil
}

// Notifiers asks for the ways of notification. [NoMQTT] says that there are none for us, which is usual: 3.0
// knows none, and many VTNs show them to the business side only.
func (c *Client) Notifiers(ctx context.Context) (n Notifiers, err error) {
	const op = "get notifiers"
	body, err := c.askNotifiers(ctx, op, "notifiers")
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(body, &n); err != nil {
		return Notifiers{}, shapeError(op, err)
	}
	return n, nil
}

// askNotifiers tells "not for us" from a VTN that rejects our credentials everywhere: there no token is had.
func (c *Client) askNotifiers(ctx context.Context, op string, path ...string) ([]byte, error) {
	if c.cfg.Dialect != Dialect31 {
		return nil, &Error{Op: op, Kind: NoMQTT, Detail: "OpenADR 3.0 has none"}
	}
	body, err := c.do(ctx, request{op: op, method: http.MethodGet, url: c.base.JoinPath(path...)})
	var e *Error
	if errors.As(err, &e) && e.Op == op && slices.Contains([]Kind{Unauthorized, Forbidden, NotFound}, e.Kind) {
		e.Kind = NoMQTT
	}
	return body, err
}

// MQTTLogin is the user name and password for the broker; both empty where it wants none. A password is the
// access token of the moment: ask again for each connection.
func (c *Client) MQTTLogin(ctx context.Context, a MQTTAuthentication) (username string, password Secret, err error) {
	if a.Method != MQTTToken {
		return "", "", nil
	}
	token, err := c.tokens.current(ctx)
	if username = a.Username; username == "{clientID}" { // the one template (schema); all else is literal
		username = c.cfg.ClientID
	}
	return username, Secret(token), err
}

// Topics is where a broker tells of operations. Never build one: what a VTN publishes on is its own affair.
type Topics struct {
	Create string `json:"CREATE"` // empty for a single object, which is there already
	Update string `json:"UPDATE"`
	Delete string `json:"DELETE"`
	All    string `json:"ALL"` // a filter for all of them, if the VTN has one
}

// List is what to subscribe to: the one for all, else each.
func (t Topics) List() []string {
	if t.All != "" {
		return []string{t.All}
	}
	return slices.DeleteFunc([]string{t.Create, t.Update, t.Delete}, func(s string) bool { return s == "" })
}

// TopicsOfVEN is where to hear of what a VEN may see: "events", "programs" or "resources"; of the VEN itself if
// empty. Errors are as those of [Client.Notifiers].
func (c *Client) TopicsOfVEN(ctx context.Context, venID, objects string) (Topics, error) {
	return c.topics(ctx, "vens", venID, objects, "events", "programs", "resources")
}

// TopicsOfProgram is where to hear of the "events" of a program, or of the program itself if empty.
func (c *Client) TopicsOfProgram(ctx context.Context, programID, objects string) (Topics, error) {
	return c.topics(ctx, "programs", programID, objects, "events")
}

// TopicsOfEvents is where to hear of all events; usually for the business side only.
func (c *Client) TopicsOfEvents(ctx context.Context) (Topics, error) {
	return c.topicsAt(ctx, "events")
}

func (c *Client) topics(ctx context.Context, of, id, objects string, known ...string) (Topics, error) {
	path := []string{of, id}
	switch {
	case !isID(id):
		return Topics{}, refusal("get topics of "+of, errNoID)
	case slices.Contains(known, objects):
		path = append(path, objects)
	case objects != "":
		return Topics{}, refusal("get topics of "+of, errors.New("no such objects: "+objects))
	}
	return c.topicsAt(ctx, path...)
}

func (c *Client) topicsAt(ctx context.Context, path ...string) (Topics, error) {
	op := "get topics " + strings.Join(path, " ")
	body, err := c.askNotifiers(ctx, op, append([]string{"notifiers", "mqtt", "topics"}, path...)...)
	if err != nil {
		return Topics{}, err
	}
	var answer struct {
		Topics Topics `json:"topics"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Topics{}, shapeError(op, err)
	}
	if len(answer.Topics.List()) == 0 {
		return Topics{}, shapeError(op, errors.New("no topics"))
	}
	return answer.Topics, nil
}
