package v20b

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Bounds of a document. An event of 96 intervals has some 800 elements.
const (
	maxBody     = 4 << 20
	maxDepth    = 40
	maxElements = 250_000
	maxAttrs    = 64 // of one element; namespaces are attributes too
)

// message is the one thing that an answer says; all but one are nil. Elements are told apart by their local
// names alone, for VTNs bind the namespaces as they please. All values stay texts here: one that cannot be read
// must not spoil what stands beside it.
type message struct {
	Response           *plain        `xml:"oadrResponse"`
	Registered         *registered   `xml:"oadrCreatedPartyRegistration"`
	RegistrationGone   *plain        `xml:"oadrCanceledPartyRegistration"`
	CancelRegistration *cancellation `xml:"oadrCancelPartyRegistration"`
	Reregister         *struct{}     `xml:"oadrRequestReregistration"`
	Distribute         *distribution `xml:"oadrDistributeEvent"`
	CreatedEvent       *plain        `xml:"oadrCreatedEvent"` // with it some VTNs refuse ours
	RegisterReport     *request      `xml:"oadrRegisterReport"`
	RegisteredReport   *asked        `xml:"oadrRegisteredReport"`
	CreateReport       *asked        `xml:"oadrCreateReport"`
	CreatedReport      *plain        `xml:"oadrCreatedReport"`
	CancelReport       *cancelReport `xml:"oadrCancelReport"`
	UpdatedReport      *updated      `xml:"oadrUpdatedReport"`
	CreatedOpt         *plain        `xml:"oadrCreatedOpt"`
	CanceledOpt        *plain        `xml:"oadrCanceledOpt"`
}

type said struct {
	Code        string `xml:"responseCode"`
	Description string `xml:"responseDescription"`
}

type plain struct {
	Said *said `xml:"eiResponse"`
}

type request struct {
	RequestID string `xml:"requestID"`
}

type registered struct {
	Said           *said     `xml:"eiResponse"`
	RegistrationID string    `xml:"registrationID"`
	VENID          string    `xml:"venID"`
	VTNID          string    `xml:"vtnID"`
	Profiles       []profile `xml:"oadrProfiles>oadrProfile"`
	PollEvery      string    `xml:"oadrRequestedOadrPollFreq>duration"`
}

type profile struct {
	Name       string   `xml:"oadrProfileName"`
	Transports []string `xml:"oadrTransports>oadrTransport>oadrTransportName"`
}

type cancellation struct {
	RequestID      string `xml:"requestID"`
	RegistrationID string `xml:"registrationID"`
}

type asked struct {
	Said      *said         `xml:"eiResponse"`
	RequestID string        `xml:"requestID"`
	Requests  []reportOrder `xml:"oadrReportRequest"`
}

type reportOrder struct {
	ID          string   `xml:"reportRequestID"`
	SpecifierID string   `xml:"reportSpecifier>reportSpecifierID"`
	Granularity string   `xml:"reportSpecifier>granularity>duration"`
	Back        string   `xml:"reportSpecifier>reportBackDuration>duration"`
	Start       string   `xml:"reportSpecifier>reportInterval>properties>dtstart>date-time"`
	Length      string   `xml:"reportSpecifier>reportInterval>properties>duration>duration"`
	Points      []string `xml:"reportSpecifier>specifierPayload>rID"`
}

type cancelReport struct {
	RequestID string   `xml:"requestID"`
	Requests  []string `xml:"reportRequestID"`
}

type updated struct {
	Said   *said         `xml:"eiResponse"`
	Cancel *cancelReport `xml:"oadrCancelReport"`
}

type distribution struct {
	Said      *said   `xml:"eiResponse"`
	RequestID string  `xml:"requestID"`
	VTNID     string  `xml:"vtnID"`
	Events    []event `xml:"oadrEvent"`
}

type event struct {
	Response     string   `xml:"oadrResponseRequired"`
	ID           string   `xml:"eiEvent>eventDescriptor>eventID"`
	Modification string   `xml:"eiEvent>eventDescriptor>modificationNumber"`
	Modified     string   `xml:"eiEvent>eventDescriptor>modificationDateTime"`
	Created      string   `xml:"eiEvent>eventDescriptor>createdDateTime"`
	Priority     string   `xml:"eiEvent>eventDescriptor>priority"`
	Context      string   `xml:"eiEvent>eventDescriptor>eiMarketContext>marketContext"`
	Status       string   `xml:"eiEvent>eventDescriptor>eventStatus"`
	Test         string   `xml:"eiEvent>eventDescriptor>testEvent"`
	Start        string   `xml:"eiEvent>eiActivePeriod>properties>dtstart>date-time"`
	Length       string   `xml:"eiEvent>eiActivePeriod>properties>duration>duration"`
	StartAfter   string   `xml:"eiEvent>eiActivePeriod>properties>tolerance>tolerate>startafter"`
	Signals      []signal `xml:"eiEvent>eiEventSignals>eiEventSignal"`
	Target       target   `xml:"eiEvent>eiTarget"`
}

type signal struct {
	Name      string `xml:"signalName"`
	Type      string `xml:"signalType"`
	Intervals []span `xml:"intervals>interval"`
	Devices   *struct {
		Classes []string `xml:"endDeviceAsset>mrid"`
	} `xml:"eiTarget"`
	Current *struct{} `xml:"currentValue"` // of no use to who knows the intervals
	Items   []item    `xml:",any"`         // of the many elements that may stand for an itemBase, at most one
}

type span struct {
	Start  string   `xml:"dtstart>date-time"`
	Length string   `xml:"duration>duration"`
	Values []string `xml:"signalPayload>payloadFloat>value"`
}

type item struct {
	XMLName xml.Name
	Units   string `xml:"itemUnits"`
	Scale   string `xml:"siScaleCode"`
}

type target struct {
	VENs      []string `xml:"venID"`
	Groups    []string `xml:"groupID"`
	Resources []string `xml:"resourceID"`
	Parties   []string `xml:"partyID"`
	Others    []item   `xml:",any"` // places and wires: an area, a substation, a meter
}

// decode reads a body. It refuses documents that are deep, long or that define entities, before anything is
// made of them.
func decode(body []byte) (message, error) {
	var payload struct {
		XMLName xml.Name `xml:"oadrPayload"`
		Object  *message `xml:"oadrSignedObject"`
	}
	g := &guard{d: xml.NewDecoder(bytes.NewReader(body))}
	d := xml.NewTokenDecoder(g)
	if err := d.Decode(&payload); err != nil {
		return message{}, err
	}
	if payload.Object == nil {
		return message{}, errors.New("no oadrSignedObject in it")
	}
	for {
		switch t, err := d.Token(); t := t.(type) {
		case nil:
			if errors.Is(err, io.EOF) {
				return *payload.Object, nil
			}
			return message{}, err
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return message{}, errors.New("text after the document")
			}
		case xml.StartElement:
			return message{}, errors.New("a second document after the first")
		}
	}
}

// guard hands tokens on as long as they keep to the bounds.
type guard struct {
	d               *xml.Decoder
	depth, elements int
}

// Token is the next one, its names not yet resolved.
func (g *guard) Token() (xml.Token, error) {
	t, err := g.d.RawToken()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case xml.Directive:
		return nil, errors.New("a document type or an entity, of which there must be none")
	case xml.StartElement:
		g.depth++
		g.elements++
		switch {
		case g.depth > maxDepth:
			return nil, fmt.Errorf("more than %d elements deep", maxDepth)
		case g.elements > maxElements:
			return nil, fmt.Errorf("more than %d elements", maxElements)
		case len(t.Attr) > maxAttrs:
			return nil, fmt.Errorf("more than %d attributes", maxAttrs)
		}
	case xml.EndElement:
		g.depth--
	}
	return t, nil
}
