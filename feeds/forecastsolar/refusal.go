package forecastsolar

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"hearth/feeds"
	"hearth/feeds/wire"
)

// refusal is what status 429 says of when to come back: the header where there is one, else the time in the body, else
// the length of the quota's hour.
func refusal(a wire.Answer, now time.Time) error {
	var doc struct {
		Message struct {
			Limit struct {
				At     time.Time `json:"retry-at"`
				Period int64     `json:"period"`
			} `json:"ratelimit"`
		}
	}
	_ = json.Unmarshal(a.Body, &doc) // what is no document says nothing
	header, limit := a.Header.Clone(), doc.Message.Limit
	switch {
	case header.Get("Retry-After") != "":
	case !limit.At.IsZero():
		header.Set("Retry-After", limit.At.UTC().Format(http.TimeFormat))
	case limit.Period > 0:
		header.Set("Retry-After", strconv.FormatInt(limit.Period, 10))
	}
	return &feeds.Failure{Kind: feeds.Temporary, After: wire.RetryAfter(header, now), Err: errQuota}
}
