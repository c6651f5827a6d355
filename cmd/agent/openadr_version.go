package main

import (
	"context"
	"encoding/json"
	"net/http"

	"hearth/openadr"
)

// evidence is what speaks for one version of OpenADR or another. Nothing on the wire says which it is.
type evidence struct {
	authServer, notifiers reply // of 3.1 only
	getToken              reply // GET /auth/token, which is of 3.0.0
	resources             reply // GET /resources, of 3.1; in 3.0 they lie below their VEN
	programs, events      reply
	vens                  reply
	reports               reply
	subscriptions         reply
}

// gather asks for all that differs between the versions, with the token if there is one. What gives no answer is no
// evidence.
func gather(ctx context.Context, c *caller) evidence {
	ask := func(path string) reply {
		r, err := c.get(ctx, path)
		if err != nil {
			return reply{}
		}
		return r
	}
	e := evidence{programs: ask("programs?limit=5&skip=0"), events: ask("events?limit=5&skip=0")}
	e.vens, e.resources = ask("vens?limit=5&skip=0"), ask("resources?limit=5&skip=0")
	e.reports, e.subscriptions = ask("reports?limit=1&skip=0"), ask("subscriptions?limit=1&skip=0")
	e.notifiers = ask("notifiers")
	open := *c
	open.token = "" // these two are for who has none yet
	if r, err := open.get(ctx, "auth/server"); err == nil {
		e.authServer = r
	}
	if r, err := open.get(ctx, "auth/token"); err == nil {
		e.getToken = r
	}
	return e
}

// tokenURL is where the server says that tokens are had; empty where it does not say.
func (e evidence) tokenURL() string {
	var u string
	_ = json.Unmarshal(e.authServer.object()["tokenURL"], &u)
	return u
}

// version judges: the first that is conclusive counts. The reason is for people.
func (e evidence) version() (d openadr.Dialect, reason string) {
	_, hasWebhook := e.notifiers.object()["WEBHOOK"]
	_, hasMQTT := e.notifiers.object()["MQTT"]
	text, pair := e.targets()
	switch {
	case e.tokenURL() != "":
		return openadr.Dialect31, "/auth/server names where tokens are had"
	case hasWebhook || hasMQTT:
		return openadr.Dialect31, "/notifiers says how it tells of changes"
	case text:
		return openadr.Dialect31, "targets are plain texts"
	case e.resources.isList():
		return openadr.Dialect31, "/resources is there"
	case pair:
		return e.old("targets are pairs of type and values")
	case e.hasOldFields():
		return e.old("programs have fields that 3.1 made attributes")
	case e.programs.isList() && e.notifiers.status == http.StatusNotFound:
		return e.old("it has programs, and no /notifiers")
	case e.programs.isLocked() && e.authServer.status == http.StatusNotFound:
		return e.old("probably, for there is no /auth/server")
	}
	return "", "nothing that it shows tells"
}

// old tells 3.0.0 from 3.0.1: there a token is had with a GET.
func (e evidence) old(reason string) (openadr.Dialect, string) {
	switch e.getToken.status {
	case 0, http.StatusNotFound, http.StatusMethodNotAllowed:
		return openadr.Dialect30, reason
	}
	if e.getToken.isPage() {
		return openadr.Dialect30, reason
	}
	return openadr.Dialect300, reason + ", and /auth/token takes a GET"
}

// targets says which shapes of targets there are anywhere.
func (e evidence) targets() (text, pair bool) {
	for _, r := range []reply{e.programs, e.events, e.vens, e.resources} {
		for _, o := range r.objects() {
			var elements []json.RawMessage
			_ = json.Unmarshal(o["targets"], &elements)
			for _, t := range elements {
				text = text || t[0] == '"'
				pair = pair || t[0] == '{'
			}
		}
	}
	return text, pair
}

// hasOldFields says that a program has one of the fields that 3.1 dropped.
func (e evidence) hasOldFields() bool {
	for _, o := range e.programs.objects() {
		for _, field := range []string{"programLongName", "retailerName", "programType", "timeZoneOffset", "bindingEvents", "localPrice"} {
			if v, isThere := o[field]; isThere && string(v) != "null" {
				return true
			}
		}
	}
	return false
}

// doors says what may be read with the credentials that were shown, and what may not.
func (e evidence) doors() (open, shut []string) {
	for _, of := range []struct {
		name string
		r    reply
	}{{"programs", e.programs}, {"events", e.events}, {"vens", e.vens}, {"reports", e.reports}, {"subscriptions", e.subscriptions}} {
		switch {
		case of.r.isList():
			open = append(open, of.name)
		case of.r.isLocked():
			shut = append(shut, of.name)
		}
	}
	return open, shut
}
