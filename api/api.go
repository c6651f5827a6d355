package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Source is the home the server shows. Its methods are called from many goroutines, Home about once a
// second for each open page, so they should answer from memory. The server only reads what they return,
// and it may still read after the next call: hand out slices that are not written again. Every number
// must be finite (JSON has no NaN); what is not known is nil.
type Source interface {
	Home() Home
	Timeline() Timeline
	Sources() []Feed
	// Energy is what the house connection has counted; the error says why nobody knows.
	Energy(from, to time.Time) (Energy, error)
}

// Options is what [New] needs. Only Home must be set.
type Options struct {
	Home    Source
	Metrics http.Handler                          // answers /metrics; nil: there is no such route
	Ready   func() (isReady bool, reasons string) // answers /readyz; reasons is shown while not ready; nil: always ready
	Hosts   []string                              // names, without port, by which browsers reach us besides addresses, localhost and *.local
	Version string                                // of the program, for the API document
	Log     *slog.Logger                          // nil: silent
}

// New builds the handler of every route.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Ready == nil {
		o.Ready = func() (bool, string) { return true, "" }
	}
	mux := http.NewServeMux()
	addPage(mux, built(), o)
	addProbes(mux, o)
	addData(mux, o)
	return protect(mux, o)
}

// addProbes adds what a supervisor and a metrics server ask for.
func addProbes(mux *http.ServeMux, o Options) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeText(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if isReady, reasons := o.Ready(); !isReady {
			writeText(w, http.StatusServiceUnavailable, "not ready: "+reasons)
			return
		}
		writeText(w, http.StatusOK, "ready")
	})
	if o.Metrics != nil {
		mux.Handle("GET /metrics", o.Metrics)
	}
}

type answer[T any] struct {
	Cache string `header:"Cache-Control"`
	Body  T
}

// addData adds the JSON routes, their document and the stream.
func addData(mux *http.ServeMux, o Options) {
	// Not huma.DefaultConfig: it adds a documentation page that loads from a CDN and $schema links in
	// every body. Not huma's own OpenAPIPath either: it fills the document on first use without a lock.
	data := humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{Info: &huma.Info{
			Title:       "Hearth",
			Version:     o.Version,
			Description: "The home as the page shows it. Power is in W: import, consuming and charging are positive.",
		}},
		Formats:       huma.DefaultFormats,
		DefaultFormat: "application/json",
	})
	huma.Register(data, huma.Operation{
		OperationID: "home", Method: http.MethodGet, Path: "/api/v1/home", Summary: "The home now",
	}, func(context.Context, *struct{}) (*answer[Home], error) {
		return &answer[Home]{"no-store", o.Home.Home()}, nil
	})
	huma.Register(data, huma.Operation{
		OperationID: "timeline", Method: http.MethodGet, Path: "/api/v1/timeline", Summary: "Today and tomorrow",
	}, func(context.Context, *struct{}) (*answer[Timeline], error) {
		return &answer[Timeline]{"no-store", o.Home.Timeline()}, nil
	})
	huma.Register(data, huma.Operation{
		OperationID: "sources", Method: http.MethodGet, Path: "/api/v1/sources", Summary: "Who is asked for prices and greenness, and how that goes",
	}, func(context.Context, *struct{}) (*answer[[]Feed], error) {
		return &answer[[]Feed]{"no-store", o.Home.Sources()}, nil
	})
	huma.Register(data, huma.Operation{
		OperationID: "energy", Method: http.MethodGet, Path: "/api/v1/energy", Summary: "What the house connection has counted between two times",
		Errors: []int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, func(_ context.Context, in *struct {
		From time.Time `query:"from" required:"true"`
		To   time.Time `query:"to" required:"true"`
	}) (*answer[Energy], error) {
		if !in.To.After(in.From) || in.To.Sub(in.From) > 5*366*24*time.Hour {
			return nil, huma.Error422UnprocessableEntity("to must be after from, by five years at most")
		}
		e, err := o.Home.Energy(in.From, in.To)
		if err != nil {
			return nil, huma.Error503ServiceUnavailable(err.Error())
		}
		return &answer[Energy]{"no-store", e}, nil
	})
	addStream(data, o)

	document := sync.OnceValues(func() ([]byte, error) { return json.Marshal(data.OpenAPI()) })
	mux.HandleFunc("GET /api/v1/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		body, err := document()
		if err != nil {
			o.Log.Error("write api document", "err", err)
			writeProblem(w, http.StatusInternalServerError, "the document cannot be written")
			return
		}
		w.Header().Set("Content-Type", "application/vnd.oai.openapi+json")
		_, _ = w.Write(body) // the reader has gone: nobody to tell
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, http.StatusNotFound, "there is nothing at this address")
	})
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the reader has gone: nobody to tell
}

// writeProblem answers with an error as RFC 9457 writes it, the same shape as the routes of huma.
func writeProblem(w http.ResponseWriter, status int, detail string) {
	body, err := json.Marshal(huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: detail})
	if err != nil {
		body = []byte("{}")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader has gone: nobody to tell
}
