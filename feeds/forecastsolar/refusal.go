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
	wait := time.Duration(0)
	limit := doc.Message.Limit
	switch seconds, err := strconv.ParseInt(a.Header.Get("Retry-After"), 10, 64); {
	case err == nil:
		wait = bounded(seconds)
	case !limit.At.IsZero():
		server := now // a wrong clock of ours must not make us wait for a day
		if at, err := http.ParseTime(a.Header.Get("Date")); err == nil {
			server = at
		}
		wait = limit.At.Sub(server)
	default:
		wait = bounded(limit.Period)
	}
	f := feeds.Failure{Kind: feeds.Temporary, Err: errQuota}
	if wait > 0 {
		f.After = now.Add(min(wait, feeds.MaxPatience))
	}
	return &f
}

func bounded(seconds int64) time.Duration {
	return time.Duration(min(max(seconds, 0), int64(feeds.MaxPatience/time.Second))) * time.Second
}
