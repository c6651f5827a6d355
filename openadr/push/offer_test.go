package push

import (
	"strings"
	"testing"

	"hearth/openadr"
)

func TestDoors_EncryptedOnesFirstAndPlainOnesOnlyIfAllowed(t *testing.T) {
	for _, c := range []struct {
		uris       string
		allowPlain bool
		want       string // addresses, a plain one with "!", a web socket as its URL
		wantErr    string
	}{
		{uris: "mqtts://b", want: "b:8883"},
		{uris: "tcp://b:1 mqtts://b:2 ssl://c tls://d:4 wss://e/mqtt?x=1", want: "b:2 c:8883 d:4 wss://e:443/mqtt?x=1"},
		{uris: "tcp://b:1 mqtts://b:2 mqtt://c ws://d", allowPlain: true, want: "b:2 !b:1 !c:1883 !ws://d:80"},
		{uris: "mqtt://127.0.0.1 tcp://[::1]:5 mqtt://localhost", want: "!127.0.0.1:1883 ![::1]:5 !localhost:1883"},
		{uris: "mqtt://localhost.example", wantErr: "not encrypted"},
		{uris: "mqtt://b tcp://c ws://d", wantErr: "not encrypted"},
		{uris: "MQTTS://B.example:8883", want: "B.example:8883"},
		{uris: "mqtts://user:hunter2@b wss://user:hunter2@c/p", want: "b:8883 wss://c:443/p"},
		{uris: "ftp://b mqtts b:8883 mqtts:// :// %zz unix:///x", wantErr: "7 URIs that cannot be read"},
		{uris: strings.Repeat("mqtts://b ", 50), want: "b:8883"},
		{uris: "tls://a tls://b tls://c tls://d tls://e tls://f tls://g tls://h tls://i", want: "a:8883 b:8883 c:8883 d:8883 e:8883 f:8883 g:8883 h:8883"},
	} {
		all, err := doors(strings.Fields(c.uris), c.allowPlain)
		var got []string
		for _, d := range all {
			text := d.address
			if d.url != "" {
				text = d.url
			}
			if d.isPlain {
				text = "!" + text
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != c.want || (err != nil) != (c.wantErr != "") || err != nil && !strings.Contains(err.Error(), c.wantErr) {
			t.Errorf("%.80s: %q, %v; want %s %s", c.uris, got, err, c.want, c.wantErr)
		}
	}
}

func TestOffer_IsTheSameOnlyIfAllOfItIs(t *testing.T) {
	base := func() offer {
		return offer{
			doors: []door{{address: "b:1"}}, login: openadr.MQTTAuthentication{Method: openadr.MQTTAnonymous},
			topics: [][]string{{"a", "b"}, {"c"}},
		}
	}
	if !base().equals(base()) {
		t.Error("the same is not the same")
	}
	for name, change := range map[string]func(*offer){
		"another address": func(o *offer) { o.doors[0].address = "c:1" },
		"one door more":   func(o *offer) { o.doors = append(o.doors, door{}) },
		"another method":  func(o *offer) { o.login.Method = openadr.MQTTToken },
		"a renewed key":   func(o *offer) { o.login.ClientKey = "x" },
		"another topic":   func(o *offer) { o.topics[1][0] = "d" },
		"a topic less":    func(o *offer) { o.topics[0] = o.topics[0][:1] },
		"a set more":      func(o *offer) { o.topics = append(o.topics, []string{"e"}) },
	} {
		o := base()
		if change(&o); o.equals(base()) {
			t.Errorf("%s makes no difference", name)
		}
	}
}

func TestDiscover_UnfitTopicsAreLeftOut(t *testing.T) {
	o := newOffice(t, anonymous, "mqtts://b")
	o.topics = map[string]string{"programs/long/events": strings.Repeat("x", maxTopic+1), "programs/nul/events": "a\x00b", "programs/p/events": "good"}
	r := newRig(t, o.client)
	b := newBroker(t, r, func(c *BrokerConfig) {
		c.Programs = func() []string { return []string{"long", "nul", "p", "../x", ""} }
	})
	got, err := b.discover(t.Context())
	if err != nil || len(got.topics) != 1 || got.topics[0][0] != "good" || got.isPartial {
		t.Errorf("%+v, %v", got, err)
	}
}

// While one question cannot be answered the others may serve, and it is asked again sooner.
func TestDiscover_HalfAnAnswerIsKnownAsSuch(t *testing.T) {
	o := newOffice(t, anonymous, "mqtts://b")
	o.topics["programs/p/events"] = "500"
	b := newBroker(t, newRig(t, o.client), func(c *BrokerConfig) { c.Programs = func() []string { return []string{"p"} } })
	if got, err := b.discover(t.Context()); err != nil || !got.isPartial || len(got.topics) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	delete(o.topics, "events")
	if _, err := b.discover(t.Context()); openadr.KindOf(err) != openadr.Unavailable {
		t.Errorf("%v: none at all, but that is not for good", err)
	}
}
