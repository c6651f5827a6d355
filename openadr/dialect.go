package openadr

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// Dialect is the version that a VTN speaks. Nothing on the wire says which, so it is configured.
type Dialect string

// The dialects. Reading knows all of them at once; the dialect says where to ask and what to write.
const (
	Dialect31  Dialect = "3.1"   // 3.1.0 and 3.1.1
	Dialect30  Dialect = "3.0"   // 3.0.1
	Dialect300 Dialect = "3.0.0" // as 3.0, but the operations of a subscription are HTTP's verbs
)

// pair is a target of 3.0.
type pair struct {
	Type   string   `json:"type"`
	Values []string `json:"values"`
}

// splitTarget cuts "TYPE:value" at the first colon.
func splitTarget(text string) (kind, value string, err error) {
	kind, value, ok := strings.Cut(text, ":")
	if !ok || !isName(kind) {
		return "", "", fmt.Errorf("target %.40q: OpenADR 3.0 wants it as %q", text, "TYPE:value")
	}
	return kind, value, nil
}

// targets is what stands in a body: texts, or in 3.0 a pair for each type in the order they first appear;
// nil for none.
func (d Dialect) targets(texts []string) (any, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	if d == Dialect31 {
		for _, text := range texts {
			if !isName(text) {
				return nil, fmt.Errorf("target %.40q: want 1 to %d characters", text, maxName)
			}
		}
		return texts, nil
	}
	var pairs []pair
	at := map[string]int{}
	for _, text := range texts {
		kind, value, err := splitTarget(text)
		if err != nil {
			return nil, err
		}
		i, isKnown := at[kind]
		if !isKnown {
			i, at[kind] = len(pairs), len(pairs)
			pairs = append(pairs, pair{Type: kind})
		}
		pairs[i].Values = append(pairs[i].Values, value)
	}
	return pairs, nil
}

// query is the parameters of a search. In 3.0 one search has one type of target; several would need several
// searches, and whether their results are to be joined or cut only the caller knows.
func (d Dialect) query(q Query) (url.Values, error) {
	v := url.Values{}
	if q.ProgramID != "" {
		v.Set("programID", q.ProgramID)
	}
	for _, text := range q.Targets {
		if d == Dialect31 {
			v.Add("targets", text)
			continue
		}
		kind, value, err := splitTarget(text)
		if err != nil {
			return nil, err
		}
		if v.Has("targetType") && v.Get("targetType") != kind {
			return nil, fmt.Errorf("targets %s and %s: OpenADR 3.0 finds one type at a time", v.Get("targetType"), kind)
		}
		v.Set("targetType", kind)
		v.Add("targetValues", value)
	}
	return v, nil
}

// The operations on objects, as 3.1 names them. In 3.0 notifications say POST for CREATE, and so on, and
// in 3.0.0 subscriptions do too.
const (
	OperationRead   = "READ"
	OperationCreate = "CREATE"
	OperationUpdate = "UPDATE"
	OperationDelete = "DELETE"
)

// operationOf is the word of 3.1 for one of any dialect; an unknown one stays as it is.
func operationOf(word string) string {
	switch word {
	case "GET":
		return OperationRead
	case "POST":
		return OperationCreate
	case "PUT":
		return OperationUpdate
	}
	return word
}

// operation is the word for a subscription.
func (d Dialect) operation(word string) (string, error) {
	verb := ""
	switch word {
	case OperationRead:
		verb = "GET"
	case OperationCreate:
		verb = "POST"
	case OperationUpdate:
		verb = "PUT"
	case OperationDelete:
		verb = "DELETE"
	default:
		return "", fmt.Errorf("operation %.40q: want for example %q", word, OperationCreate)
	}
	if d == Dialect300 {
		return verb, nil
	}
	return word, nil
}

// attributes30 are the fields of a program of 3.0 that 3.1 made attributes, but for those that are known. Its
// timeZoneOffset became none.
func attributes30(program []byte, known Attributes) (found Attributes) {
	var o map[string]json.RawMessage
	if json.Unmarshal(program, &o) != nil {
		return nil
	}
	for _, of := range [...]struct {
		field, kind string
		isFlag      bool
	}{
		{"programLongName", "PROGRAM_LONG_NAME", false},
		{"retailerName", "RETAILER_NAME", false},
		{"retailerLongName", "RETAILER_LONG_NAME", false},
		{"programType", "PROGRAM_TYPE", false},
		{"country", "COUNTRY", false},
		{"principalSubdivision", "PRINCIPAL_SUBDIVISION", false},
		{"bindingEvents", "BINDING_EVENTS", true},
		{"localPrice", "LOCAL", true},
	} {
		value := o[of.field]
		isFlag := string(value) == "true" || string(value) == "false"
		isText := len(value) > 2 && value[0] == '"'
		if known.Of(of.kind) == nil && (of.isFlag && isFlag || !of.isFlag && isText) {
			found = append(found, ValuesMap{of.kind, []json.RawMessage{value}})
		}
	}
	return found
}
