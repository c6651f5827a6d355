package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	// lookTime is how often a stream looks at the home, in wall time also when the home's clock runs fast:
	// it is for eyes.
	lookTime = time.Second

	// beatTime keeps idle connections open through proxies and finds readers that are gone.
	beatTime = 15 * time.Second

	// eventTime bounds one write. A reader slower than this reconnects and gets the newest state.
	eventTime = 5 * time.Second

	// maxStreams is a household of open pages; each costs a goroutine and a look a second.
	maxStreams = 16
)

// addStream adds the server-sent events: the home at once, and again whenever it differs.
func addStream(data huma.API, o Options) {
	free := make(chan struct{}, maxStreams)
	schema := data.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Home](), true, "Home")
	operation := huma.Operation{
		OperationID: "stream", Method: http.MethodGet, Path: "/api/v1/stream", Summary: "The home, as it changes",
		Description: "Server-sent events named home. The data of each is a Home; its id is the revision of the timeline. " +
			"A comment is sent after 15 s of silence.",
		Responses: map[string]*huma.Response{
			"200": {Description: "Each event's data", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: schema}}},
			"503": {Description: "Too many pages are open"},
		},
	}
	huma.Register(data, operation, func(context.Context, *struct{}) (*huma.StreamResponse, error) {
		select {
		case free <- struct{}{}:
		default:
			full := huma.Error503ServiceUnavailable(fmt.Sprintf("all %d streams are in use", maxStreams))
			return nil, huma.ErrorWithHeaders(full, http.Header{"Retry-After": {"10"}})
		}
		return &huma.StreamResponse{Body: func(c huma.Context) { //nolint:contextcheck // c brings the request's own
			defer func() { <-free }()
			r, w := humago.Unwrap(c)
			h := w.Header()
			h.Set("Content-Type", "text/event-stream")
			h.Set("Cache-Control", "no-store")
			if r.Method != http.MethodHead {
				(&stream{out: w, home: o.Home, log: o.Log}).run(r.Context())
			}
		}}, nil
	})
}

// stream is one open page.
type stream struct {
	out  http.ResponseWriter
	home Source
	log  *slog.Logger

	last   Home   // as sent
	core   []byte // last without its clock
	silent time.Duration
}

// run sends until ctx ends or the reader is gone.
func (s *stream) run(ctx context.Context) {
	// A writer without deadlines (a test's recorder) has no peer that could be slow.
	_ = http.NewResponseController(s.out).SetReadDeadline(time.Time{}) // the server's would end the stream
	tick := time.NewTicker(lookTime)
	defer tick.Stop()
	for {
		text, err := s.next()
		if err != nil {
			s.log.Error("write home", "err", err)
			return
		}
		if s.send(text) != nil {
			return // the reader is gone, which is how streams end
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// next is the text to send now; empty when there is nothing to say.
func (s *stream) next() ([]byte, error) {
	home := s.home.Home()
	clockless := home
	clockless.Now = time.Time{}
	core, err := json.Marshal(clockless)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	// The page shows minutes, so the clock alone is news once a minute.
	if bytes.Equal(core, s.core) && home.Now.Truncate(time.Minute).Equal(s.last.Now.Truncate(time.Minute)) {
		s.silent += lookTime
		if s.silent < beatTime {
			return nil, nil
		}
		s.silent = 0
		return []byte(": still here\n\n"), nil
	}
	body, err := json.Marshal(home)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	s.last, s.core, s.silent = home, core, 0
	// JSON has no line breaks outside of strings and escapes those inside, so one data line holds it.
	return fmt.Appendf(nil, "id: %d\nevent: home\ndata: %s\n\n", home.Revision, body), nil
}

func (s *stream) send(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	control := http.NewResponseController(s.out)
	_ = control.SetWriteDeadline(time.Now().Add(eventTime)) // as in run
	if _, err := s.out.Write(text); err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	if err := control.Flush(); err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	return nil
}
