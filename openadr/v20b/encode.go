package v20b

import (
	"bytes"
	"encoding/xml"
	"strings"
	"time"
)

// markup is XML of our own making: whatever was text is escaped in it.
type markup string

// el is an element around others. The name may bring attributes: `oadr:oadrPoll ei:schemaVersion="2.0b"`.
func el(name string, inner ...markup) markup {
	var b strings.Builder
	b.WriteString("<" + name + ">")
	for _, m := range inner {
		b.WriteString(string(m))
	}
	local, _, _ := strings.Cut(name, " ")
	b.WriteString("</" + local + ">")
	return markup(b.String())
}

// text is an element around a text.
func text(name, value string) markup {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(value)) // a Buffer takes everything
	return el(name, markup(b.String()))
}

// optional is an element around a text, and nothing where that is empty.
func optional(name, value string) markup {
	if value == "" {
		return ""
	}
	return text(name, value)
}

func truth(name string, isSet bool) markup {
	if isSet {
		return text(name, "true")
	}
	return text(name, "false")
}

func instant(name string, t time.Time) markup {
	return text(name, t.UTC().Format("2006-01-02T15:04:05Z"))
}

const namespaces = ` xmlns:oadr="http://openadr.org/oadr-2.0b/2012/07"` +
	` xmlns:ei="http://docs.oasis-open.org/ns/energyinterop/201110"` +
	` xmlns:pyld="http://docs.oasis-open.org/ns/energyinterop/201110/payloads"` +
	` xmlns:emix="http://docs.oasis-open.org/ns/emix/2011/06"` +
	` xmlns:power="http://docs.oasis-open.org/ns/emix/2011/06/power"` +
	` xmlns:scale="http://docs.oasis-open.org/ns/emix/2011/06/siscale"` +
	` xmlns:xcal="urn:ietf:params:xml:ns:icalendar-2.0"` +
	` xmlns:strm="urn:ietf:params:xml:ns:icalendar-2.0:stream"`

// envelope is a whole body around one message: "oadrPoll".
func envelope(name string, inner ...markup) []byte {
	message := el("oadr:"+name+` ei:schemaVersion="2.0b"`, inner...)
	return []byte(xml.Header + string(el("oadr:oadrPayload"+namespaces, el("oadr:oadrSignedObject", message))))
}

// fine is the eiResponse that says that all is well, to the request of that id.
func fine(requestID string) markup { return response(codeOK, "OK", requestID) }

func response(code, description, requestID string) markup {
	return el("ei:eiResponse", text("ei:responseCode", code), text("ei:responseDescription", description),
		text("pyld:requestID", requestID))
}

// The response codes that we give (profile 2.0b, section 8.3). All others begin with the class of HTTP.
const (
	codeOK            = "200"
	codeOutOfSequence = "450"
	codeInvalidData   = "454"
	codeNoSuchSignal  = "460"
	codeNoSuchReport  = "461"
	codeNotForUs      = "462"
	codeNotRegistered = "463" // of VTNs only
)
