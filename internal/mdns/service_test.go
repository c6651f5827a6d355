package mdns

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

var home = []netip.Addr{netip.MustParseAddr("192.0.2.9"), netip.MustParseAddr("fe80::1%eth0")}

func kindsOf(records []record) (out []kind) {
	for _, r := range records {
		out = append(out, r.kind)
	}
	return out
}

// A query is answered with what it asks for, and with what would be asked next; what the asker knows is not said.
func TestClaim_AnswersWhatIsAsked(t *testing.T) {
	c := claimed(t, prices)
	everything := []kind{kindPTR, kindSRV, kindTXT, kindA, kindAAAA}
	known := c.pointer()
	old := c.pointer()
	old.ttl = otherTTL/2 - 1
	upper := question{name: name(strings.ToUpper(string(c.kind[:9]))) + c.kind[9:], kind: kindPTR}
	for text, q := range map[string]struct {
		query         message
		answers, more []kind
	}{
		"the type":             {message{questions: []question{{name: c.kind, kind: kindPTR}}}, everything[:1], everything[1:]},
		"in capitals":          {message{questions: []question{upper}}, everything[:1], everything[1:]},
		"known":                {message{questions: []question{{name: c.kind, kind: kindPTR}}, records: []record{known}}, nil, nil},
		"known for long":       {message{questions: []question{{name: c.kind, kind: kindPTR}}, records: []record{old}}, everything[:1], everything[1:]},
		"all types":            {message{questions: []question{{name: c.meta, kind: kindPTR}}}, everything[:1], nil},
		"where":                {message{questions: []question{{name: c.instance, kind: kindSRV}}}, []kind{kindSRV}, []kind{kindA, kindAAAA}},
		"what it says":         {message{questions: []question{{name: c.instance, kind: kindTXT}}}, []kind{kindTXT}, nil},
		"everything of it":     {message{questions: []question{{name: c.instance, kind: kindAny}}}, []kind{kindSRV, kindTXT}, []kind{kindA, kindAAAA}},
		"the host":             {message{questions: []question{{name: c.host, kind: kindAAAA}}}, []kind{kindAAAA}, nil},
		"two things":           {message{questions: []question{{name: c.host, kind: kindA}, {name: c.instance, kind: kindTXT}}}, []kind{kindTXT, kindA}, nil},
		"another type":         {message{questions: []question{{name: "\x05_http\x04_tcp\x05local\x00", kind: kindPTR}}}, nil, nil},
		"another kind of type": {message{questions: []question{{name: c.kind, kind: kindTXT}}}, nil, nil},
		"nothing":              {message{}, nil, nil},
	} {
		answers, more := c.answer(q.query, home)
		if !slices.Equal(kindsOf(answers), q.answers) || !slices.Equal(kindsOf(more), q.more) {
			t.Errorf("%s: %v and %v, want %v and %v", text, kindsOf(answers), kindsOf(more), q.answers, q.more)
		}
	}
}

// Addresses that are given stand for those of the interface, and none has a zone, which means nothing elsewhere.
func TestClaim_TellsTheAddressesGiven(t *testing.T) {
	for _, c := range []struct {
		given []netip.Addr
		want  string
	}{{nil, "[192.0.2.9 fe80::1]"}, {[]netip.Addr{netip.MustParseAddr("192.0.2.77")}, "[192.0.2.77]"}, {[]netip.Addr{}, "[]"}} {
		s := prices
		s.Addresses = c.given
		got := []netip.Addr{}
		for _, r := range claimed(t, s).whereabouts(home) {
			got = append(got, r.addr)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("given %v: %v", c.given, got)
		}
	}
}

func TestClaim_KnowsARival(t *testing.T) {
	c := claimed(t, prices)
	theirs := c.srv()
	theirs.port = 1
	leaving, text := theirs, c.txt()
	leaving.ttl = 0
	for name, q := range map[string]struct {
		m    message
		want bool
	}{
		"other port":  {message{isResponse: true, records: []record{c.pointer(), theirs}}, true},
		"our own":     {message{isResponse: true, records: []record{c.srv()}}, false},
		"says bye":    {message{isResponse: true, records: []record{leaving}}, false},
		"only a text": {message{isResponse: true, records: []record{text}}, false},
		"a question":  {message{records: []record{theirs}}, false},
	} {
		if got := c.rival(q.m); (got != "") != q.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestService_RefusesWhatCannotBeSaid(t *testing.T) {
	for name, change := range map[string]func(*Service){
		"no name":     func(s *Service) { s.Name = "" },
		"a long name": func(s *Service) { s.Name = strings.Repeat("x", 64) },
		"no type":     func(s *Service) { s.Type = "" },
		"type of too much": func(s *Service) {
			s.Type = strings.Repeat("_aaaaaaaaa.", 20) + "_tcp"
			s.Name = strings.Repeat("x", 60)
		},
		"port 0":          func(s *Service) { s.Port = 0 },
		"port 65536":      func(s *Service) { s.Port = 65536 },
		"key with a sign": func(s *Service) { s.Text = Text{{"a=b", ""}} },
		"no key":          func(s *Service) { s.Text = Text{{"", "x"}} },
		"foreign key":     func(s *Service) { s.Text = Text{{"straße", "x"}} },
		"a long value":    func(s *Service) { s.Text = Text{{"k", strings.Repeat("x", 254)}} },
		"a long text":     func(s *Service) { s.Text = slices.Repeat(Text{{"k", strings.Repeat("x", 200)}}, 6) },
	} {
		s := prices
		change(&s)
		if _, err := s.claim(); err == nil {
			t.Errorf("%s is taken", name)
		}
		if err := loopback(t).Announce(t.Context(), s); err == nil || !strings.HasPrefix(err.Error(), "announce ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := prices
	s.Host = "" // of this machine
	if c := claimed(t, s); !strings.HasSuffix(c.host.String(), ".local.") || strings.Count(c.host.String(), ".") != 2 {
		t.Errorf("host %q", c.host)
	}
}

func TestText_FirstOfEachKeyCounts(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"", "[]"},
		{"\x00", "[]"},
		{"\x03a=b", "[{a b}]"},
		{"\x03a=b\x03A=c\x01z", "[{a b} {z }]"},
		{"\x02=b\x05a=b=c", "[{a b=c}]"},
		{"\x02k=\x00\x03x=\xff", "[{k } {x \xff}]"},
		{"\xffa=cut short", "[{a cut short}]"},
	} {
		if got := fmt.Sprint(readText([]byte(c.data))); got != c.want {
			t.Errorf("%q: %s, want %s", c.data, got, c.want)
		}
	}
	if many := readText(bytes.Repeat([]byte("\x02a="), 1000)); len(many) != 1 {
		t.Errorf("%d pairs", len(many))
	}
	text := Text{{"version", "3.1"}, {"Base_Path", ""}}
	b, err := text.bytes()
	if got := readText(b); err != nil || fmt.Sprint(got) != fmt.Sprint(text) || got.Of("VERSION") != "3.1" || got.Of("none") != "" {
		t.Errorf("%v, %v", got, err)
	}
	if b, err := Text(nil).bytes(); err != nil || string(b) != "\x00" {
		t.Errorf("no text is %q, %v", b, err)
	}
}
