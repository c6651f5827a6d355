package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

// options are the flags, read.
type options struct {
	listen, objects, state string
	dialect                openadr.Dialect
	client, business       login
	broker                 *vtn.Broker // nil: none
	isTokenLogin           bool        // of clients at the broker
	public                 *url.URL    // to announce; nil: nothing
}

// login is an id and its secret; both empty for nobody.
type login struct {
	id     string
	secret openadr.Secret
}

// readOptions says what is wrong on errs.
func readOptions(args []string, errs io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("vtn", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` on this machine")
	flags.StringVar(&o.objects, "objects", "", "JSON `file` with programs and events to start with")
	flags.StringVar(&o.state, "state", "", "`file` that keeps what is written over HTTP; once it is there, objects are not read")
	flags.BoolVar(&o.isTokenLogin, "mqtt-token", false, "say that VENs log in to the broker with their id and access token")
	dialect := flags.String("dialect", string(openadr.Dialect31), "`version` of OpenADR to speak: 3.1, 3.0 (3.0.1) or 3.0.0")
	client := flags.String("client", "", "id and secret of VENs, as `id:secret`, or @file that holds them; empty lets anybody in")
	business := flags.String("business", "", "`id:secret`, or @file, of the software that may publish over HTTP; empty: none may")
	broker := flags.String("mqtt", "", "`URL` of a broker to publish changes on, as mqtts://user:password@host:8883/topic/prefix, or @file")
	public := flags.String("mdns", "", "announce the server on the local network, under the `URL` by which others reach it")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.dialect = openadr.Dialect(*dialect)
	known := []openadr.Dialect{openadr.Dialect31, openadr.Dialect30, openadr.Dialect300}
	faults := []error{
		o.client.read("client", *client), o.business.read("business", *business), o.readBroker(*broker), o.readPublic(*public),
	}
	if !slices.Contains(known, o.dialect) {
		faults = append(faults, errors.New("dialect: want 3.1, 3.0 or 3.0.0"))
	}
	if o.broker != nil && o.dialect != openadr.Dialect31 {
		faults = append(faults, errors.New("mqtt: only OpenADR 3.1 has it"))
	}
	if flags.NArg() > 0 {
		faults = append(faults, fmt.Errorf("%.40q: is no flag", flags.Arg(0)))
	}
	if o.objects == "" && (o.state == "" || o.business.id == "") {
		faults = append(faults, errors.New("objects: a file to start with, or a state and a business side that publishes"))
	}
	if err := errors.Join(faults...); err != nil {
		fmt.Fprintf(errs, "vtn: %v\n", err)
		flags.Usage()
		return o, err
	}
	return o, nil
}

// secret is the text, or what stands in the file that it names: others on the machine see the command line.
func secret(text string) (string, error) {
	name, isFile := strings.CutPrefix(text, "@")
	if !isFile {
		return text, nil
	}
	content, err := os.ReadFile(name)
	return strings.TrimSpace(string(content)), err
}

func (l *login) read(flag, text string) error {
	text, err := secret(text)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	id, password, _ := strings.Cut(text, ":")
	if text != "" && (id == "" || password == "") {
		return fmt.Errorf("%s: want id:secret", flag)
	}
	*l = login{id, openadr.Secret(password)}
	return nil
}

// readBroker takes user, password and prefix out of the URL, for it is told to clients.
func (o *options) readBroker(text string) error {
	if text == "" {
		return nil
	}
	text, err := secret(text)
	if err != nil {
		return fmt.Errorf("mqtt: %w", err)
	}
	u, err := url.Parse(text)
	if err != nil { // whose text would show the password
		return errors.New("mqtt: want for example mqtts://user:password@host:8883/topic/prefix")
	}
	password, _ := u.User.Password()
	o.broker = &vtn.Broker{User: u.User.Username(), Password: openadr.Secret(password)}
	if prefix := strings.Trim(u.Path, "/"); prefix != "" {
		o.broker.Prefix = prefix + "/"
	}
	u.User, u.Path = nil, ""
	o.broker.URL = u.String()
	if err := o.broker.Check(); err != nil {
		return fmt.Errorf("mqtt: %w", err)
	}
	return nil
}

func (o *options) readPublic(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" {
		return errors.New("mdns: want a url such as https://vtn.local:8443/openadr3")
	}
	o.public = u
	return nil
}

func (o *options) config() vtn.Config {
	cfg := vtn.Config{ClientID: o.client.id, ClientSecret: o.client.secret, Dialect: o.dialect, Broker: o.broker}
	if o.business.id != "" {
		cfg.Business = map[string]openadr.Secret{o.business.id: o.business.secret}
	}
	if o.broker != nil && o.isTokenLogin {
		cfg.MQTT = &openadr.MQTTNotifier{
			URIs: []string{o.broker.URL}, Serialization: "JSON",
			Authentication: openadr.MQTTAuthentication{Method: openadr.MQTTToken, Username: "{clientID}"},
		}
	}
	return cfg
}
