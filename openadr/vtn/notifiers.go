package vtn

import (
	"net/http"

	"hearth/openadr"
)

// notifiers announces the ways of notification (3.1, GET /notifiers): webhooks, and the broker that the
// configuration names. The VTN itself tells no broker anything.
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
