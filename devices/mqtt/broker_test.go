package mqtt

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"hearth/devices/devicetest"
	"hearth/devices/profiles"
)

// dial is an independent client.
func dial(t testing.TB, url, id string) paho.Client {
	t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker(url).SetClientID(id).SetAutoReconnect(false).SetWriteTimeout(time.Second))
	if token := c.Connect(); !token.WaitTimeout(patience) || token.Error() != nil {
		t.Fatal(token.Error())
	}
	t.Cleanup(func() { c.Disconnect(100) })
	return c
}

func TestLink_ReplaysNoCommandAfterABrokerOutage(t *testing.T) {
	broker := startMosquitto(t, "allow_anonymous true")
	clock := devicetest.NewClock(start)
	link, log := runLink(t, Options{URL: broker.url}, clock)
	plug := newTasmota(t, broker.url, "boiler", clock)
	device := runPlug(t, link, "boiler")
	eventually(t, "the plug is heard", func() bool { return device.Switch.On().Valid && device.Availability.Online().Value })

	broker.kill()
	eventually(t, "the link is down", func() bool { return link.Err() != nil })
	if device.Availability.Online().Valid {
		t.Error("nobody can know whether the plug is online")
	}
	for range 3 {
		if err := device.Switch.Turn(t.Context(), true, time.Minute); !errors.Is(err, ErrDown) {
			t.Errorf("a command on a dead link: %v", err)
		}
	}
	broker.start()
	plug.Fail(devicetest.Gone)
	plug.Fail(devicetest.Healthy)
	eventually(t, "the plug is heard anew", func() bool { return device.Availability.Online().Valid && device.Availability.Online().Value })
	if err := device.Switch.Turn(t.Context(), false, 0); err != nil {
		t.Error(err)
	}
	eventually(t, "the new command arrives", func() bool { return plug.Commands() > 0 })
	if told := plug.told(); !slices.Equal(told, []string{"OFF"}) {
		t.Errorf("the plug was told %v: what was refused came all the same", told)
	}
	if lost, back := log.count("broker lost"), log.count("broker reached"); back != 2 || lost != 1 {
		t.Errorf("%d lines of loss, %d of return", lost, back)
	}
}

// A broker that hangs takes what is written to it and delivers it when it goes on.
func TestLink_SendsNothingToABrokerThatHangs(t *testing.T) {
	t.Parallel()
	broker := startMosquitto(t, "allow_anonymous true")
	clock := devicetest.NewClock(start)
	link, _ := runLink(t, Options{URL: broker.url}, clock)
	plug := newTasmota(t, broker.url, "boiler", clock)
	device := runPlug(t, link, "boiler")
	eventually(t, "the plug is heard", func() bool { return device.Switch.On().Valid })

	broker.signal(syscall.SIGSTOP)
	if err := device.Switch.Turn(t.Context(), true, time.Minute); !errors.Is(err, ErrDown) {
		t.Errorf("a command to a hanging broker: %v", err)
	}
	eventually(t, "the link has noticed", func() bool { return link.Err() != nil })
	broker.signal(syscall.SIGCONT)
	eventually(t, "the link is back", func() bool { return link.Err() == nil })
	eventually(t, "commands pass", func() bool { return device.Switch.Turn(t.Context(), false, 0) == nil })
	eventually(t, "the new command arrives", func() bool { return plug.Commands() > 0 })
	if told := plug.told(); slices.Contains(told, "ON") {
		t.Errorf("the plug was told %v", told)
	}
}

// What the link is careful for: a paho client that reconnects by itself keeps a command for later.
func TestPaho_KeepsACommandOverAnOutage(t *testing.T) {
	broker := startMosquitto(t, "allow_anonymous true")
	store := paho.NewMemoryStore()
	client := paho.NewClient(paho.NewClientOptions().AddBroker(broker.url).SetClientID("naive").SetStore(store))
	if token := client.Connect(); !token.WaitTimeout(patience) || token.Error() != nil {
		t.Fatal(token.Error())
	}
	defer client.Disconnect(100)
	broker.kill()
	eventually(t, "paho has noticed", func() bool { return !client.IsConnectionOpen() })
	token := client.Publish("cmnd/boiler/POWER", 1, false, "ON")
	if kept := store.All(); len(kept) != 1 || token.Error() != nil {
		t.Errorf("paho keeps %v, error %v: if it has changed its ways, ours may become simpler", kept, token.Error())
	}
}

func TestLink_EncryptedWithPasswordAndRules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := newAuthority(t, dir)
	passwords := filepath.Join(dir, "passwords")
	tool := peer(t, "mosquitto_passwd")
	for i, user := range []string{"hearth", "plug"} {
		args := []string{"-b", passwords, user, user}
		if i == 0 {
			args = append([]string{"-c"}, args...)
		}
		if out, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	rules := filepath.Join(dir, "acl")
	text := "user hearth\ntopic readwrite hearth/#\ntopic readwrite cmnd/boiler/#\ntopic read stat/boiler/#\ntopic read tele/boiler/#\n" +
		"user plug\ntopic readwrite #\n"
	if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := "listener " + freePort(t) + " 127.0.0.1"
	broker := startMosquitto(t, "cafile "+keys.ca, "certfile "+keys.server, "keyfile "+keys.serverKey, "require_certificate true",
		plain, "allow_anonymous false", "password_file "+passwords, "acl_file "+rules)
	clock := devicetest.NewClock(start)
	address := "127.0.0.1:" + strings.Fields(plain)[1]
	eventually(t, "the plain listener is there", func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	plug := newTasmota(t, "tcp://"+address, "boiler", clock)
	secure := Options{
		URL: strings.Replace(broker.url, "tcp://", "ssl://", 1), User: "hearth", Password: "hearth",
		CAFile: keys.ca, CertFile: keys.client, KeyFile: keys.clientKey,
	}

	t.Run("works", func(t *testing.T) {
		link, _ := runLink(t, secure, clock)
		device := runPlug(t, link, "boiler")
		eventually(t, "the plug obeys", func() bool { return device.Switch.Turn(t.Context(), true, time.Minute) == nil && plug.IsOn() })
		eventually(t, "and says so", func() bool { return device.Switch.On().Value })
	})
	for name, c := range map[string]struct {
		change func(*Options)
		why    string
	}{
		"wrong password":           {func(o *Options) { o.Password = "heart" }, "not Authorized"},
		"no certificate":           {func(o *Options) { o.CertFile, o.KeyFile = "", "" }, "certificate required"},
		"authority not trusted":    {func(o *Options) { o.CAFile = "" }, "unknown authority"},
		"own topics are forbidden": {func(o *Options) { o.Base = "elsewhere" }, "self-test"},
	} {
		t.Run(name, func(t *testing.T) {
			o := secure
			c.change(&o)
			link, _ := runLink(t, o, clock)
			eventually(t, "the link says "+c.why, func() bool { err := link.Err(); return err != nil && strings.Contains(err.Error(), c.why) })
		})
	}
}

func TestLink_TwoOfOneNameDoNotPretend(t *testing.T) {
	broker := quickBroker(t)
	clock := devicetest.NewClock(start)
	first, _ := runLink(t, Options{URL: broker}, clock)
	eventually(t, "the first is open", func() bool { return first.Err() == nil })
	second := dial(t, broker, "hearth-test")
	eventually(t, "the first has noticed", func() bool { return first.Counts().Sessions > 1 || first.Err() != nil })
	_ = second
}

func TestLink_SaysWhetherItIsThere(t *testing.T) {
	broker := startMosquitto(t, "allow_anonymous true")
	said := make(chan string, 8)
	witness := dial(t, broker.url, "witness")
	witness.Subscribe("hearth/hearth-test/status", 1, func(_ paho.Client, m paho.Message) { said <- string(m.Payload()) }).WaitTimeout(patience)
	link, _ := runLink(t, Options{URL: broker.url}, devicetest.NewClock(start))
	hear := func(want string) {
		t.Helper()
		select {
		case got := <-said:
			if got != want {
				t.Errorf("said %q, want %q", got, want)
			}
		case <-time.After(patience):
			t.Fatalf("never said %q", want)
		}
	}
	hear("online")
	if err := link.Close(); err != nil {
		t.Error(err)
	}
	hear("offline")
}

func TestLink_CloseIsPromptAtAnyTime(t *testing.T) {
	hanging := startMosquitto(t, "allow_anonymous true")
	hanging.signal(syscall.SIGSTOP)
	for name, url := range map[string]string{"nobody there": "tcp://127.0.0.1:" + freePort(t), "nobody answers": hanging.url, "all is well": quickBroker(t)} {
		t.Run(name, func(t *testing.T) {
			link, _ := runLink(t, Options{URL: url}, devicetest.NewClock(start))
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			<-ctx.Done() // some way into connecting
			began := time.Now()
			_ = link.Close()
			_ = link.Close()
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("close took %v", took)
			}
		})
	}
	hanging.signal(syscall.SIGCONT)
}

// A device may turn out unfit (a retained command) while the broker is asked whether it is there.
func TestLink_AsksTheDeviceAgainAfterTheBroker(t *testing.T) {
	broker := quickBroker(t)
	heard := make(chan string, 8)
	dial(t, broker, "witness").Subscribe("x", 1, func(_ paho.Client, m paho.Message) { heard <- string(m.Payload()) }).WaitTimeout(patience)
	link, _ := runLink(t, Options{URL: broker}, devicetest.NewClock(start))
	eventually(t, "the link is open", func() bool { return link.Err() == nil })
	unfit, asked := errors.New("unfit"), 0
	send := func(payload string, fitFor int) error {
		asked = 0
		return link.command(t.Context(), func() error {
			if asked++; asked > fitFor {
				return unfit
			}
			return nil
		}, []profiles.Message{{Topic: "x", Payload: payload}})
	}
	for fitFor := range 2 {
		if err := send("never", fitFor); !errors.Is(err, unfit) {
			t.Errorf("fit for %d questions: %v", fitFor, err)
		}
	}
	if err := send("fit", 2); err != nil {
		t.Error(err)
	}
	if got := <-heard; got != "fit" {
		t.Errorf("heard %q", got)
	}
}
