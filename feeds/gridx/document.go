package gridx

import (
	"encoding/json"

	"hearth/feeds"
)

// The answer, as far as it is used. Prices are text and stay exact.
type document struct {
	Meta meta    `json:"meta"`
	Data []curve `json:"data"`
}

// meta is what an answer says of itself, whatever its status.
type meta struct {
	Code     json.Number `json:"code"`
	Response string      `json:"response"`
}

func (m meta) check(what string) error {
	code := m.Code.String()
	switch {
	case code == "" || code == "200":
		return nil
	case m.Response == "":
		return feeds.Fail(feeds.Misconfigured, "%s: refused with code %s", what, code)
	}
	return feeds.Fail(feeds.Misconfigured, "%s: refused with code %s: %s", what, code, feeds.OneLine(m.Response))
}

type curve struct {
	Header struct {
		Name     string      `json:"priceCurveName"`
		Minutes  json.Number `json:"intervalLengthInMinutes"`
		Currency string      `json:"settlementCurrency"`
		Unit     string      `json:"settlementUnit"`
		Count    json.Number `json:"recordCount"`
	} `json:"priceHeader"`
	Details []struct {
		Start      string      `json:"startIntervalTimeStamp"`
		Price      json.Number `json:"intervalPrice"`
		Status     string      `json:"priceStatus"`
		Components []struct {
			Price json.Number `json:"intervalPrice"`
		} `json:"priceComponents"`
	} `json:"priceDetails"`
}
