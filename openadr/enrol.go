package openadr

// VENObject is what a VTN knows of a VEN.
type VENObject struct {
	Metadata
	Name       string      `json:"venName"`
	ClientID   string      `json:"clientID,omitempty"`
	Targets    Targets     `json:"targets,omitempty"` // that it may see; a VEN cannot write them
	Attributes []ValuesMap `json:"attributes,omitempty"`
}

// Resource is a thing behind a VEN.
type Resource struct {
	Metadata
	Name       string      `json:"resourceName"`
	VENID      string      `json:"venID,omitempty"`
	ClientID   string      `json:"clientID,omitempty"`
	Targets    Targets     `json:"targets,omitempty"`
	Attributes []ValuesMap `json:"attributes,omitempty"`
}

// Subscription asks for notifications at a callback.
type Subscription struct {
	Metadata
	ClientName       string            `json:"clientName"`
	ClientID         string            `json:"clientID,omitempty"`
	ProgramID        string            `json:"programID,omitempty"` // required in 3.0
	ObjectOperations []ObjectOperation `json:"objectOperations"`
	Targets          Targets           `json:"targets,omitempty"`
}

// ObjectOperation is what is notified, and where to.
type ObjectOperation struct {
	Objects     []string `json:"objects"`    // "EVENT"
	Operations  []string `json:"operations"` // in the words of 3.1: "CREATE"
	CallbackURL string   `json:"callbackUrl"`
	BearerToken Secret   `json:"-"` // that the VTN shows when it calls
}
