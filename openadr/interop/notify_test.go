package interop_test

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"hearth/openadr"
)

// broker is how the VTN tells of changes.
func (h home) broker() openadr.MQTTNotifier {
	h.t.Helper()
	n, err := h.Notifiers(h.t.Context())
	if err != nil || n.MQTT == nil || len(n.MQTT.URIs) != 1 {
		h.t.Fatalf("notifiers %+v, %v", n, err)
	}
	return *n.MQTT
}

// passwords is held by who writes Mosquitto's file.
var passwords sync.Mutex

// admit makes the login one that the broker knows. The VTN says to use the token, and leaves it to the operator that
// the broker takes it; Mosquitto reads its passwords again when it is told to.
func admit(t *testing.T, username string, password openadr.Secret) {
	t.Helper()
	passwords.Lock()
	defer passwords.Unlock()
	file, pid := os.Getenv("HEARTH_MOSQUITTO_PASSWORDS"), os.Getenv("HEARTH_MOSQUITTO_PID")
	if out, err := exec.CommandContext(t.Context(), "mosquitto_passwd", "-b", file, username, string(password)).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	process, err := strconv.Atoi(pid)
	if err == nil {
		err = syscall.Kill(process, syscall.SIGHUP)
	}
	if err != nil {
		t.Fatalf("broker %q: %v", pid, err)
	}
}

// connect is a client of the broker, nil if it is refused. The scheme mqtt is one that paho knows.
func connect(t *testing.T, uri, username string, password openadr.Secret) mqtt.Client {
	t.Helper()
	o := mqtt.NewClientOptions().AddBroker(uri).SetClientID(username).SetUsername(username).SetPassword(string(password))
	o.SetConnectTimeout(patience).SetAutoReconnect(false)
	o.SetDialer(&net.Dialer{Timeout: patience})
	c := mqtt.NewClient(o)
	if token := c.Connect(); !token.WaitTimeout(patience) || token.Error() != nil {
		return nil
	}
	t.Cleanup(func() { c.Disconnect(100) })
	return c
}

// login connects the home to the broker with the login that our client makes of the VTN's words.
func (h home) login() mqtt.Client {
	t := h.t
	t.Helper()
	b := h.broker()
	username, password, err := h.MQTTLogin(t.Context(), b.Authentication)
	if err != nil || username != h.id || strings.Count(string(password), ".") != 2 {
		t.Fatalf("login %q, %v", username, err)
	}
	admit(t, username, password)
	for deadline := time.Now().Add(patience); ; {
		if c := connect(t, b.URIs[0], username, password); c != nil {
			return c
		}
		if time.Now().After(deadline) {
			t.Fatal("the broker refuses the login")
		}
	}
}

// listen hears what is published on the topics.
func listen(t *testing.T, c mqtt.Client, topics openadr.Topics, err error) <-chan mqtt.Message {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan mqtt.Message, 100)
	for _, topic := range topics.List() {
		token := c.Subscribe(topic, 1, func(_ mqtt.Client, m mqtt.Message) { heard <- m })
		if !token.WaitTimeout(patience) || token.Error() != nil {
			t.Fatalf("subscribe %s: %v", topic, token.Error())
		}
	}
	return heard
}

// next is the notification that comes next.
func next(t *testing.T, heard <-chan mqtt.Message) openadr.Notification {
	t.Helper()
	select {
	case m := <-heard:
		var n openadr.Notification
		if err := json.Unmarshal(m.Payload(), &n); err != nil || m.Retained() {
			t.Fatalf("%s: %s, retained %v: %v", m.Topic(), m.Payload(), m.Retained(), err)
		}
		return n
	case <-time.After(patience):
		t.Fatal("nothing is heard")
	}
	panic("unreachable")
}

func TestNotifiers_SayHowToLogIn(t *testing.T) {
	h := vtn(t).home()
	b := h.broker()
	if b.URIs[0] != "mqtt://127.0.0.1:1883" || b.Authentication.Method != openadr.MQTTToken || b.Serialization != "JSON" {
		t.Errorf("%+v", b)
	}
	if c := connect(t, b.URIs[0], h.id, "guessed"); c != nil {
		t.Error("the broker takes any password: the login proves nothing")
	}
	h.login()
}

// A message is a hint: with it the next poll finds what it tells of.
func TestNotifications_TellOfTheEventsOfAProgram(t *testing.T) {
	u := vtn(t)
	program, called := u.program("")
	other, _ := u.program("")
	h := u.home()
	follower := h.follow(called)
	topics, err := h.TopicsOfProgram(t.Context(), program, "events")
	heard := listen(t, h.login(), topics, err)
	wants := func(operation, event, prices string) {
		t.Helper()
		if n := next(t, heard); n.ObjectType != openadr.ObjectEvent || n.Operation != operation || n.ID() != event {
			t.Errorf("got %s %s of %s, want %s of %s", n.Operation, n.ObjectType, n.ID(), operation, event)
		}
		if got := line(poll(t, follower).ImportPrice); got != prices {
			t.Errorf("after %s: prices %q, want %q", operation, got, prices)
		}
	}
	base := u.event(program, hours(today, "0.1"))
	wants(openadr.OperationCreate, base, today+" 0.1")
	u.event(other, hours(today, "0.7")) // of another program, so not heard here
	event := u.event(program, `"priority":0,`+hours(today, "0.2"))
	wants(openadr.OperationCreate, event, today+" 0.2")
	u.want(http.StatusOK, "PUT", "/events/"+event, eventBody(program, `"priority":0,`+hours(today, "0.3")))
	wants(openadr.OperationUpdate, event, today+" 0.3")
	u.want(http.StatusOK, "DELETE", "/events/"+event, "")
	wants(openadr.OperationDelete, event, today+" 0.1")
}

func TestNotifications_TellOfAllEvents(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	h := u.home()
	topics, err := h.TopicsOfEvents(t.Context())
	heard := listen(t, h.login(), topics, err)
	event := u.event(program, hours(today, "0.1"))
	if n := next(t, heard); n.ID() != event || n.Operation != openadr.OperationCreate {
		t.Errorf("%+v, want of %s", n, event)
	}
}

// The VTN hands out "events/vens/{id}/+" and publishes on "vens/{id}/events/create": who listens where he is told to
// hears nothing, and only the poll brings the event.
func TestDeviation_NothingIsHeardWhereAVENIsToldToListen(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	h := u.home()
	v := h.enrol()
	topics, err := h.TopicsOfVEN(t.Context(), v.ID, "events")
	if want := "events/vens/" + v.ID + "/+"; topics.All != want {
		t.Errorf("topics %+v, want %s", topics, want)
	}
	c := h.login()
	told := listen(t, c, topics, err)
	real := listen(t, c, openadr.Topics{All: "vens/" + v.ID + "/events/+"}, nil)
	for range 2 { // with the second, whatever was told of the first is through
		event := u.event(program, hours(today, "0.1"))
		if n := next(t, real); n.ID() != event {
			t.Errorf("%+v, want of %s", n, event)
		}
	}
	select {
	case m := <-told:
		t.Errorf("heard on %s: the deviation is gone", m.Topic())
	default:
	}
}
