package vtn

import (
	"net/http"
	"strings"

	"hearth/openadr"
)

// notifiers announces the ways of notification (3.1, GET /notifiers): webhooks, and the broker that the
// configuration names.
func (v *VTN) notifiers(w http.ResponseWriter, _ *http.Request) {
	ways := map[string]any{"WEBHOOK": true}
	if m := v.cfg.MQTT; m != nil {
		login := map[string]any{"method": m.Authentication.Method}
		switch m.Authentication.Method {
		case openadr.MQTTToken:
			login["username"] = m.Authentication.Username
		case openadr.MQTTCertificate:
			login["caCert"], login["clientCert"] = m.Authentication.CACert, m.Authentication.ClientCert
			login["clientKey"] = string(m.Authentication.ClientKey)
		}
		ways["MQTT"] = map[string]any{
			"URIS": append([]string{}, m.URIs...), "serialization": m.Serialization, "authentication": login,
		}
	}
	v.answer(w, http.StatusOK, ways)
}

// plural is the word of paths and topics for a kind of object: "events" for EVENT.
func plural(kind string) string { return strings.ToLower(kind) + "s" }

// openTopics serves the names of topics, where there is a broker that hears of changes (3.1, GET
// /notifiers/mqtt/topics/...). Programs may be read by whoever sees them, a VEN by its client, all else by the
// business side.
func (v *VTN) openTopics() {
	if v.cfg.Broker == nil {
		return
	}
	const base = "GET /notifiers/mqtt/topics/"
	mayAll := func(*http.Request) *refusal { return nil }
	mayProgram := func(r *http.Request) *refusal { return among(v.visiblePrograms(r), r) }
	mayBusiness := func(r *http.Request) *refusal {
		if v.isBusiness(client(r)) {
			return nil
		}
		return forbidden("only the business side hears of all of them")
	}
	desk := v.venDesk()
	mayVEN := func(r *http.Request) *refusal { return among(desk.found(v, r), r) }
	for path, may := range map[string]func(*http.Request) *refusal{
		"programs": mayAll, "programs/{id}": mayProgram, "programs/{id}/events": mayProgram,
		"events": mayBusiness, "reports": mayBusiness, "subscriptions": mayBusiness, "vens": mayBusiness, "resources": mayBusiness,
		"vens/{id}": mayVEN, "vens/{id}/events": mayVEN, "vens/{id}/programs": mayVEN, "vens/{id}/resources": mayVEN,
	} {
		v.mux.HandleFunc(base+path, func(w http.ResponseWriter, r *http.Request) {
			if why := may(r); why != nil {
				problem(w, why.status, why.detail)
				return
			}
			v.answer(w, http.StatusOK, map[string]any{"topics": v.topicsAt(strings.ReplaceAll(path, "{id}", r.PathValue("id")), r)})
		})
	}
}

// among is a refusal unless the object with the id of the path is among those that a client sees.
func among(objects []any, r *http.Request) *refusal {
	if named(objects, r) < 0 {
		return errNone
	}
	return nil
}

// topicsAt are the names below a path. A single object is there already: nobody hears of its creation.
func (v *VTN) topicsAt(path string, r *http.Request) map[string]string {
	if v.isBusiness(client(r)) && !strings.HasPrefix(path, "vens/") {
		path = "business/" + path
	}
	path = v.cfg.Broker.Prefix + path + "/"
	out := map[string]string{"UPDATE": path + "update", "DELETE": path + "delete", "ALL": path + "+"}
	if isSingle := r.PathValue("id") != "" && strings.HasSuffix(path, r.PathValue("id")+"/"); !isSingle {
		out["CREATE"] = path + "create"
	}
	return out
}
