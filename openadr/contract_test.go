package openadr_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/openadr"
)

// oracle is a VTN made of the specification: it finds fault with each request that is not in it, and invents
// answers that are.
type oracle struct {
	spec *spec

	mu     sync.Mutex
	random *rand.Rand
	faults []string
	seen   int
	listed int // objects on the last page that had any
}

// begin makes the answers that follow depend on the seed only.
func (o *oracle) begin(seed uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.random, o.faults, o.seen, o.listed = rand.New(rand.NewPCG(seed, 0)), nil, 0, 0
}

// verdict is what was found since begin.
func (o *oracle) verdict() (faults []string, seen, listed int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.faults, o.seen, o.listed
}

func (o *oracle) fault(format string, a ...any) {
	o.faults = append(o.faults, fmt.Sprintf(format, a...))
}

func (o *oracle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen++
	op, values := o.spec.find(r.Method, r.URL.Path)
	if op == nil {
		o.fault("%s %s is not in the specification", r.Method, r.URL.Path)
		return
	}
	for name, given := range r.URL.Query() {
		known := false
		for _, p := range op.Parameters {
			known = known || p.In == "query" && p.Name == name
		}
		if !known {
			o.fault("%s %s has no parameter %s", r.Method, r.URL.Path, name)
		}
		values[name] = given[0]
	}
	o.judge(r, op)
	status := map[string]int{"POST": http.StatusCreated}[r.Method]
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	answer, _ := json.Marshal(o.answer(r, o.spec.body(op.Responses[fmt.Sprint(status)]), values))
	_, _ = w.Write(answer)
}

func (o *oracle) judge(r *http.Request, op *operation) {
	body, _ := io.ReadAll(r.Body)
	if op.RequestBody == nil {
		if len(body) > 0 {
			o.fault("%s %s wants no body, got %s", r.Method, r.URL.Path, body)
		}
		return
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		o.fault("%s %s: %v", r.Method, r.URL.Path, err)
	} else if err := o.spec.check(v, o.spec.body(*op.RequestBody)); err != nil {
		o.fault("%s %s: %v: %s", r.Method, r.URL.Path, err, body)
	}
	for _, name := range []string{"id", "createdDateTime", "modificationDateTime", "clientID"} {
		if m, ok := v.(map[string]any); ok && m[name] != nil {
			o.fault("%s %s says %s: %s", r.Method, r.URL.Path, name, body)
		}
	}
}

// answer invents a page, an empty one after the first, or an object, with what was asked for.
func (o *oracle) answer(r *http.Request, x schema, values map[string]string) any {
	if skip := values["skip"]; skip != "" && skip != "0" {
		return []any{}
	}
	v := o.spec.invent(o.random, x)
	items, isList := v.([]any)
	if !isList {
		items = []any{v}
	}
	for i, item := range items {
		m := item.(map[string]any)
		if isList || r.Method == "POST" || strings.Contains(fmt.Sprint(m["objectType"]), "_REQUEST") {
			m["id"] = fmt.Sprint("id-", i) // 3.0 says both requests and answers with one schema, without it
		}
		for name, value := range values {
			if _, isField := m[name]; isField {
				m[name] = value
			}
		}
		if r.Method == "PUT" || r.Method == "GET" && !isList {
			m["id"] = r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		}
		if priority, ok := m["priority"].(int); ok && priority < 0 {
			m["priority"] = 0
		}
	}
	o.listed = len(items)
	return v
}

func ask(t *testing.T, version string) (*oracle, *openadr.Client) {
	t.Helper()
	o := &oracle{spec: readSpec(t, version)}
	speaks := map[string]openadr.Dialect{"3.1.1": openadr.Dialect31, "3.0.1": openadr.Dialect30}[version]
	return o, connect(t, serve(t, o.ServeHTTP), dialect(speaks))
}

// report, ven, resource and subscription draw what the schema allows; wild ones may go beyond it.
type draw struct {
	*rapid.T
	wild bool
}

func (d draw) oneOf(label string, good []string, bad ...string) string {
	if d.wild {
		good = append(slices.Clone(good), bad...)
	}
	return rapid.SampledFrom(good).Draw(d.T, label)
}

func (d draw) id(label string) string { return d.oneOf(label, []string{"a", "A-1_z"}, "", "a/b", "é") }

func (d draw) name(label string) string {
	return d.oneOf(label, []string{"home", `é"<`, strings.Repeat("é", 128)}, "", strings.Repeat("x", 129), "\xff")
}

func (d draw) values(label string) []openadr.ValuesMap {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) openadr.ValuesMap {
		d := draw{t, d.wild}
		m := openadr.ValuesMap{Type: d.name("type")}
		for range rapid.IntRange(0, 3).Draw(t, "values") {
			v := d.oneOf("value", []string{`1`, `-0.05`, `1e-5`, `"x"`, `true`, `{"x":1,"y":2.5}`, ` 7 `}, `null`, `[]`, `{}`, ``, `NaN`, `1e400`, `{"x":"1","y":2}`)
			m.Values = append(m.Values, json.RawMessage(v))
		}
		return m
	}), 0, 3).Draw(d.T, label)
}

func (d draw) period() *openadr.IntervalPeriod {
	if rapid.Bool().Draw(d.T, "no period") {
		return nil
	}
	p := openadr.Period(time.Unix(rapid.Int64Range(0, 1<<33).Draw(d.T, "start"), rapid.Int64Range(0, 999).Draw(d.T, "nanos")), time.Hour)
	if rapid.Bool().Draw(d.T, "length") {
		p.Randomize = &openadr.Duration{Months: rapid.IntRange(0, 30).Draw(d.T, "months"), Nanos: rapid.IntRange(0, 999_999_999).Draw(d.T, "fraction")}
	}
	if d.wild {
		p.Start = rapid.SampledFrom([]openadr.Start{{}, openadr.Now(), openadr.At(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)), p.Start}).Draw(d.T, "odd start")
		p.Duration = rapid.SampledFrom([]*openadr.Duration{nil, {Infinite: true}, {Seconds: -1}, {Years: 20_000}, {Nanos: -1}}).Draw(d.T, "odd length")
	}
	return p
}

func (d draw) report() openadr.Report {
	r := openadr.Report{
		Metadata: openadr.Metadata{ID: "r", ObjectType: "REPORT"}, ProgramID: d.id("program"), EventID: d.id("event"), ClientName: d.name("client"),
		ReportName: d.oneOf("report", []string{"", "x"}),
	}
	for range rapid.IntRange(0, 2).Draw(d.T, "descriptors") {
		accuracy, confidence := 0.5, rapid.IntRange(0, 100).Draw(d.T, "confidence")
		if d.wild {
			confidence *= 2
		}
		r.PayloadDescriptors = append(r.PayloadDescriptors, openadr.ReportPayloadDescriptor{
			PayloadType: d.name("payload"), Units: d.oneOf("units", []string{"", "KWH"}, strings.Repeat("x", 129)), Accuracy: &accuracy, Confidence: &confidence,
		})
	}
	for range rapid.IntRange(0, 2).Draw(d.T, "resources") {
		rows := openadr.ReportResource{ResourceName: d.name("resource"), IntervalPeriod: d.period()}
		for range rapid.IntRange(0, 2).Draw(d.T, "rows") {
			rows.Intervals = append(rows.Intervals, openadr.Interval{ID: rapid.Int32().Draw(d.T, "row"), IntervalPeriod: d.period(), Payloads: d.values("payloads")})
		}
		r.Resources = append(r.Resources, rows)
	}
	return r
}

func (d draw) targets() openadr.Targets {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		return draw{t, d.wild}.oneOf("target", []string{"GROUP:a", "GROUP:b", "X:"}, "", "a", ":a", strings.Repeat("x", 129)+":")
	}), 0, 3).Draw(d.T, "targets")
}

func (d draw) subscription() openadr.Subscription {
	s := openadr.Subscription{Metadata: openadr.Metadata{ID: "s"}, ClientName: d.name("client"), ProgramID: d.id("program"), Targets: d.targets()}
	for range rapid.IntRange(0, 2).Draw(d.T, "operations") {
		s.ObjectOperations = append(s.ObjectOperations, openadr.ObjectOperation{
			Objects:     rapid.SliceOfN(rapid.Just(d.oneOf("object", []string{"EVENT", "PROGRAM", "VEN"}, "", "INTERVAL")), 0, 2).Draw(d.T, "objects"),
			Operations:  rapid.SliceOfN(rapid.Just(d.oneOf("operation", []string{"CREATE", "UPDATE", "DELETE", "READ"}, "POST")), 0, 2).Draw(d.T, "words"),
			CallbackURL: d.oneOf("callback", []string{"https://h.example/x"}, "", "x", "https://", "https://h\x00"), BearerToken: openadr.Secret(d.oneOf("token", []string{"", "t"})),
		})
	}
	return s
}

// steps draws what to write and returns how, by the name of the write.
func (d draw) steps(t *testing.T, c *openadr.Client) map[string]func() error {
	report, subscription := d.report(), d.subscription()
	ven := openadr.VENObject{Metadata: openadr.Metadata{ID: d.id("ven")}, Name: d.name("name"), ClientID: "c", Targets: d.targets(), Attributes: d.values("attributes")}
	resource := openadr.Resource{Metadata: openadr.Metadata{ID: d.id("resource id")}, VENID: d.id("of ven"), Name: d.name("name"), Targets: d.targets(), Attributes: ven.Attributes}
	ctx := t.Context()
	return map[string]func() error{
		"create report":       func() error { _, err := c.CreateReport(ctx, report); return err },
		"update report":       func() error { _, err := c.UpdateReport(ctx, report); return err },
		"create ven":          func() error { _, err := c.CreateVEN(ctx, ven); return err },
		"update ven":          func() error { _, err := c.UpdateVEN(ctx, ven); return err },
		"create resource":     func() error { _, err := c.CreateResource(ctx, resource); return err },
		"update resource":     func() error { _, err := c.UpdateResource(ctx, resource); return err },
		"create subscription": func() error { _, err := c.CreateSubscription(ctx, subscription); return err },
		"delete subscription": func() error { return c.DeleteSubscription(ctx, d.oneOf("s", []string{"s"}, "", "s/s")) },
	}
}

// What the schema allows is sent, and taken; anything else is sent in no form that breaks the schema.
func TestContract_EveryRequestBodyFitsTheSchema(t *testing.T) {
	for _, version := range []string{"3.1.1", "3.0.1"} {
		t.Run(version, func(t *testing.T) {
			o, client := ask(t, version)
			rapid.Check(t, func(r *rapid.T) {
				d := draw{r, rapid.Bool().Draw(r, "wild")}
				steps := d.steps(t, client)
				name := rapid.SampledFrom([]string{
					"create report", "update report", "create ven", "update ven", "create resource", "update resource", "create subscription", "delete subscription",
				}).Draw(r, "step")
				o.begin(rapid.Uint64().Draw(r, "seed"))
				err := steps[name]()
				isRefused := openadr.KindOf(err) == openadr.Refused
				if faults, seen, _ := o.verdict(); len(faults) > 0 || err != nil && !isRefused || isRefused && (!d.wild || seen > 0) {
					r.Fatalf("%s: %v, %d requests, %q", name, err, seen, faults)
				}
			})
		})
	}
}

func TestContract_EverySearchIsInTheSpecificationAndItsAnswerIsRead(t *testing.T) {
	for _, version := range []string{"3.1.1", "3.0.1"} {
		t.Run(version, func(t *testing.T) {
			o, client := ask(t, version)
			rapid.Check(t, func(r *rapid.T) {
				ctx, q := t.Context(), openadr.Query{Targets: []string{"GROUP:a", "GROUP:b"}}
				o.begin(rapid.Uint64().Draw(r, "seed"))
				var err error
				read := -1 // not a list
				switch name := rapid.SampledFrom([]string{"programs", "events", "reports", "vens", "resources", "subscriptions", "event", "program"}).Draw(r, "search"); name {
				case "programs":
					read, err = length(client.Programs(ctx, q))
				case "events":
					read, err = length(client.Events(ctx, openadr.Query{ProgramID: "p", Targets: q.Targets}))
				case "reports":
					read, err = length(client.Reports(ctx, "e", "home"))
				case "vens":
					read, err = length(client.VENs(ctx, "home"))
				case "resources":
					read, err = length(client.Resources(ctx, "v", "pump"))
				case "subscriptions":
					read, err = length(client.Subscriptions(ctx, "home"))
				case "event":
					_, err = client.Event(ctx, "e")
				case "program":
					_, err = client.Program(ctx, "p")
				}
				if faults, _, listed := o.verdict(); err != nil || len(faults) > 0 || read >= 0 && read != listed {
					r.Fatalf("read %d of %d: %v, %q", read, listed, err, faults)
				}
			})
		})
	}
}

// length counts what was read; what was malformed is a fault.
func length[T any](list openadr.List[T], err error) (int, error) {
	for _, m := range list.Malformed {
		err = fmt.Errorf("%s: %w", m.ID, m.Err)
	}
	return len(list.Items), err
}

func TestContract_NotifiersAndTopicsAreRead(t *testing.T) {
	o, client := ask(t, "3.1.1")
	rapid.Check(t, func(r *rapid.T) {
		o.begin(rapid.Uint64().Draw(r, "seed"))
		ctx := t.Context()
		n, err1 := client.Notifiers(ctx)
		_, err2 := client.TopicsOfVEN(ctx, "v", rapid.SampledFrom([]string{"", "events", "programs", "resources"}).Draw(r, "of ven"))
		_, err3 := client.TopicsOfProgram(ctx, "p", rapid.SampledFrom([]string{"", "events"}).Draw(r, "of program"))
		_, err4 := client.TopicsOfEvents(ctx)
		if faults, _, _ := o.verdict(); len(faults) > 0 || err1 != nil || err2 != nil || err3 != nil || err4 != nil {
			r.Fatalf("%v, %v, %v, %v, %q", err1, err2, err3, err4, faults)
		}
		if n.MQTT != nil && !slices.Contains([]openadr.MQTTMethod{openadr.MQTTAnonymous, openadr.MQTTToken, openadr.MQTTCertificate}, n.MQTT.Authentication.Method) {
			r.Fatalf("method %q", n.MQTT.Authentication.Method)
		}
	})
}

// properties gathers the names of a schema and of all that it is made of.
func (s *spec) properties(x schema, known, required map[string]bool) {
	x = s.resolve(x)
	for name := range x.Properties {
		known[name] = true
	}
	for _, name := range x.Required {
		required[name] = true
	}
	for _, part := range slices.Concat(x.AllOf, x.OneOf) {
		s.properties(part, known, required)
	}
}

// Each property of what is read is a field of ours, or travels in Raw and is listed here; and each field of ours
// is a property in one of the versions.
func TestContract_EveryFieldIsKnownOrCarried(t *testing.T) {
	versions := map[string]*spec{"3.1.1": readSpec(t, "3.1.1"), "3.0.1": readSpec(t, "3.0.1")}
	items := func(x schema, property string) schema { return *x.Properties[property].Items }
	for _, c := range []struct {
		of      string
		in      func(*spec) schema
		value   any
		carried string
	}{
		{"program", nil, openadr.Program{}, "programDescriptions timeZoneOffset programLongName retailerName retailerLongName programType country " +
			"principalSubdivision bindingEvents localPrice"},
		{"event", nil, openadr.Event{}, ""},
		{"interval", nil, openadr.Interval{}, ""},
		{"intervalPeriod", nil, openadr.IntervalPeriod{}, ""},
		{"valuesMap", nil, openadr.ValuesMap{}, ""},
		{"eventPayloadDescriptor", nil, openadr.PayloadDescriptor{}, ""},
		{"reportDescriptor", nil, openadr.ReportDescriptor{}, ""},
		{"report", nil, openadr.Report{}, ""},
		{"reportPayloadDescriptor", nil, openadr.ReportPayloadDescriptor{}, ""},
		{"report", func(s *spec) schema { return items(s.request("report"), "resources") }, openadr.ReportResource{}, ""},
		{"ven", nil, openadr.VENObject{}, "resources"},
		{"resource", nil, openadr.Resource{}, ""},
		{"subscription", nil, openadr.Subscription{}, ""},
		{"subscription", func(s *spec) schema { return items(s.request("subscription"), "objectOperations") }, openadr.ObjectOperation{}, ""},
		{"notification", nil, openadr.Notification{}, ""},
		{"objectMetadata", nil, openadr.Metadata{}, ""},
		{"problem", nil, openadr.Problem{}, ""},
		{"notifiersResponse", nil, openadr.Notifiers{}, ""},
		{"mqttNotifierBindingObject", nil, openadr.MQTTNotifier{}, ""},
		{"mqttNotifierBindingObject", func(s *spec) schema {
			return s.Components.Schemas["mqttNotifierBindingObject"].Properties["authentication"]
		}, openadr.MQTTAuthentication{}, ""},
		{"notifierOperationsTopics", nil, openadr.Topics{}, ""},
	} {
		all, ours := map[string]bool{}, map[string]bool{}
		for _, field := range reflect.VisibleFields(reflect.TypeOf(c.value)) {
			if tag, _, _ := strings.Cut(field.Tag.Get("json"), ","); !field.Anonymous && tag != "-" {
				ours[tag] = true
			}
		}
		for version, s := range versions {
			x, isThere := s.Components.Schemas[c.of]
			if !isThere {
				continue
			}
			if c.in != nil {
				x = c.in(s)
			}
			known, required := map[string]bool{}, map[string]bool{}
			s.properties(x, known, required)
			for name := range known {
				if all[name] = true; !ours[name] && !slices.Contains(strings.Fields(c.carried), name) {
					t.Errorf("%T: nobody reads %s of %s", c.value, name, version)
				}
			}
			for name := range required {
				if !ours[name] {
					t.Errorf("%T lacks %s, which %s requires", c.value, name, version)
				}
			}
		}
		for name := range ours {
			if !all[name] {
				t.Errorf("%T has %q, which the specification has not", c.value, name)
			}
		}
		for _, name := range strings.Fields(c.carried) {
			if !all[name] {
				t.Errorf("%T is said to carry %s, which the specification has not", c.value, name)
			}
		}
	}
}

// request is the schema that holds the properties of an object: in 3.1 beside its metadata.
func (s *spec) request(of string) schema {
	if x, isSplit := s.Components.Schemas[of+"Request"]; isSplit {
		return x
	}
	return s.Components.Schemas[of]
}
