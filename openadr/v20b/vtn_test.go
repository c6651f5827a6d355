package v20b

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hearth/openadr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// morning is when all tests begin.
var morning = time.Date(2026, 3, 28, 6, 0, 0, 0, time.UTC)

// script is a VTN of 2.0b that says what a test tells it to, and remembers what it heard.
type script struct {
	t      testing.TB
	server *httptest.Server

	mu      sync.Mutex
	answers map[string]string // by message name; the standard ones otherwise
	status  int               // of everything, if not 0
	isCut   bool              // every answer ends early
	header  http.Header
	polls   []string // what the next polls are answered with
	events  string   // what a request for events is answered with
	heard   []heard
}

type heard struct{ service, name, body string }

func newScript(t testing.TB) *script {
	s := &script{t: t, answers: map[string]string{}, events: distribute()}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	service, isBelow := strings.CutPrefix(r.URL.Path, servicePath+"/")
	if !isBelow || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/xml" {
		s.t.Errorf("%s %s of type %q", r.Method, r.URL.Path, r.Header.Get("Content-Type"))
	}
	name := messageName(string(body))
	s.heard = append(s.heard, heard{service, name, string(body)})
	maps.Copy(w.Header(), s.header)
	w.Header().Set("Content-Type", "application/xml")
	if s.status != 0 {
		w.WriteHeader(s.status)
		return
	}
	said := s.answer(name)
	if s.isCut {
		w.Header().Set("Content-Length", strconv.Itoa(len(said)+100))
	}
	_, _ = io.WriteString(w, said)
}

func (s *script) answer(name string) string {
	if told, isTold := s.answers[name]; isTold {
		return told
	}
	switch name {
	case "oadrCreatePartyRegistration", "oadrQueryRegistration":
		return registeredAs("ven-1", "reg-1", "PT10S")
	case "oadrRegisterReport":
		return fineWith("oadrRegisteredReport")
	case "oadrUpdateReport":
		return fineWith("oadrUpdatedReport")
	case "oadrRequestEvent":
		return s.events
	case "oadrPoll":
		if len(s.polls) > 0 {
			next := s.polls[0]
			s.polls = s.polls[1:]
			return next
		}
	case "oadrCreateOpt":
		return fineWith("oadrCreatedOpt")
	case "oadrCancelOpt":
		return fineWith("oadrCanceledOpt")
	case "oadrCancelPartyRegistration":
		return fineWith("oadrCanceledPartyRegistration")
	}
	return fineWith("oadrResponse")
}

// messageName is the name of what stands in a body.
func messageName(body string) string {
	_, rest, _ := strings.Cut(body, "<oadr:oadrSignedObject><oadr:")
	name, _, _ := strings.Cut(rest, " ")
	return name
}

// names is what the VTN heard since it was last asked.
func (s *script) names() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, h := range s.heard {
		all = append(all, strings.TrimPrefix(h.name, "oadr"))
	}
	s.heard = nil
	return strings.Join(all, " ")
}

// last is the newest message of a name, without forgetting it.
func (s *script) last(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.heard) - 1; i >= 0; i-- {
		if s.heard[i].name == name {
			return s.heard[i].body
		}
	}
	return ""
}

// tell queues answers to polls.
func (s *script) tell(polls ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.polls = append(s.polls, polls...)
}

func (s *script) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// wrapped is a whole body around a message, as a VTN that has its own idea of prefixes writes it.
func wrapped(message string) string {
	return `<?xml version="1.0" encoding="utf-8"?><a:oadrPayload xmlns:a="http://openadr.org/oadr-2.0b/2012/07"` +
		` xmlns:e="http://docs.oasis-open.org/ns/energyinterop/201110" xmlns:p="http://docs.oasis-open.org/ns/energyinterop/201110/payloads"` +
		` xmlns:m="http://docs.oasis-open.org/ns/emix/2011/06" xmlns:power="http://docs.oasis-open.org/ns/emix/2011/06/power"` +
		` xmlns:scale="http://docs.oasis-open.org/ns/emix/2011/06/siscale"` +
		` xmlns:x="urn:ietf:params:xml:ns:icalendar-2.0" xmlns:s="urn:ietf:params:xml:ns:icalendar-2.0:stream">` +
		`<a:oadrSignedObject>` + message + `</a:oadrSignedObject></a:oadrPayload>`
}

func verdict(name, code, inner string) string {
	return wrapped(fmt.Sprintf(`<a:%s e:schemaVersion="2.0b"><e:eiResponse><e:responseCode>%s</e:responseCode>`+
		`<e:responseDescription>so it is</e:responseDescription><p:requestID>q</p:requestID></e:eiResponse>%s</a:%s>`, name, code, inner, name))
}

func fineWith(name string) string { return verdict(name, "200", "") }

func registeredAs(ven, registration, every string) string {
	return verdict("oadrCreatedPartyRegistration", "200", `<e:registrationID>`+registration+`</e:registrationID><e:venID>`+ven+
		`</e:venID><e:vtnID>vtn-1</e:vtnID><a:oadrProfiles><a:oadrProfile><a:oadrProfileName>2.0b</a:oadrProfileName>`+
		`<a:oadrTransports><a:oadrTransport><a:oadrTransportName>simpleHttp</a:oadrTransportName></a:oadrTransport></a:oadrTransports>`+
		`</a:oadrProfile></a:oadrProfiles><a:oadrRequestedOadrPollFreq><x:duration>`+every+`</x:duration></a:oadrRequestedOadrPollFreq>`)
}

func distribute(events ...string) string {
	return wrapped(`<a:oadrDistributeEvent e:schemaVersion="2.0b"><p:requestID>req-7</p:requestID><e:vtnID>vtn-1</e:vtnID>` +
		strings.Join(events, "") + `</a:oadrDistributeEvent>`)
}

// told is an event of one SIMPLE signal of an hour, to be changed by replacing texts in it.
type told struct {
	id, status, test, response, start, length, signals, target, after string

	modification int
}

func simple(id string, modification int) told {
	return told{
		id: id, status: "far", test: "false", response: "always", start: "2026-03-28T08:00:00Z", length: "PT1H",
		signals: signalOf("SIMPLE", "level", "", "PT1H", "2"), modification: modification,
	}
}

func signalOf(name, kind, item, length string, values ...string) string {
	var b strings.Builder
	for i, v := range values {
		fmt.Fprintf(&b, `<e:interval><x:duration><x:duration>%s</x:duration></x:duration><x:uid><x:text>%d</x:text></x:uid>`+
			`<e:signalPayload><e:payloadFloat><e:value>%s</e:value></e:payloadFloat></e:signalPayload></e:interval>`, length, i, v)
	}
	return `<e:eiEventSignal><s:intervals>` + b.String() + `</s:intervals><e:signalName>` + name + `</e:signalName><e:signalType>` +
		kind + `</e:signalType><e:signalID>sig</e:signalID>` + item + `</e:eiEventSignal>`
}

func (o told) String() string {
	return fmt.Sprintf(`<a:oadrEvent><e:eiEvent><e:eventDescriptor><e:eventID>%s</e:eventID><e:modificationNumber>%d</e:modificationNumber>`+
		`<e:priority>1</e:priority><e:eiMarketContext><m:marketContext>http://market.example</m:marketContext></e:eiMarketContext>`+
		`<e:createdDateTime>2026-03-28T05:00:00Z</e:createdDateTime><e:eventStatus>%s</e:eventStatus><e:testEvent>%s</e:testEvent></e:eventDescriptor>`+
		`<e:eiActivePeriod><x:properties><x:dtstart><x:date-time>%s</x:date-time></x:dtstart><x:duration><x:duration>%s</x:duration></x:duration>%s`+
		`</x:properties><x:components/></e:eiActivePeriod><e:eiEventSignals>%s</e:eiEventSignals><e:eiTarget>%s</e:eiTarget></e:eiEvent>`+
		`<a:oadrResponseRequired>%s</a:oadrResponseRequired></a:oadrEvent>`,
		o.id, o.modification, o.status, o.test, o.start, o.length, o.after, o.signals, o.target, o.response)
}

// memory is a Store that counts its writes.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	puts   int
	err    error
}

func (m *memory) Get(key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, isFound := m.values[key]
	return v, isFound, m.err
}

func (m *memory) Put(key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.puts++; m.err != nil {
		return m.err
	}
	if m.values == nil {
		m.values = map[string][]byte{}
	}
	m.values[key] = value
	return nil
}

// bench is a client at a workbench: its VTN, store and clock within reach.
type bench struct {
	*Client
	t     *testing.T
	vtn   *script
	store *memory
	mu    sync.Mutex
	at    time.Time
}

func newBench(t *testing.T, change ...func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, vtn: newScript(t), store: &memory{}, at: morning}
	b.restart(change...)
	return b
}

func (b *bench) restart(change ...func(*Config)) {
	b.t.Helper()
	cfg := Config{BaseURL: b.vtn.server.URL, VENName: "home-7", Timeout: 10 * time.Second, Now: b.now}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	if b.Client, err = New(cfg, b.store); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = b.Client.Close() })
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at
}

func (b *bench) turn(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = b.at.Add(d)
}

// poll turns the clock far enough for a poll, and wants it to succeed.
func (b *bench) poll() openadr.List[openadr.Event] {
	b.t.Helper()
	b.turn(b.PollEvery())
	list, err := b.Events(b.t.Context(), openadr.Query{})
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

// ids is what a list holds: "a b", and "a!" for what is malformed.
func ids(list openadr.List[openadr.Event]) string {
	var all []string
	for _, e := range list.Items {
		all = append(all, e.ID)
	}
	for _, m := range list.Malformed {
		all = append(all, m.ID+"!")
	}
	return strings.Join(all, " ")
}

// values are the payloads of an event's rows, as JSON.
func values(e openadr.Event) string {
	var all []string
	for _, i := range e.Intervals {
		for _, p := range i.Payloads {
			text, _ := json.Marshal(p.Values)
			all = append(all, p.Type+string(text))
		}
	}
	return strings.Join(all, " ")
}
