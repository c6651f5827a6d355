package api

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
)

// The folder holds at least a placeholder, so that the program builds without Node.
//
//go:embed all:dist
var dist embed.FS

// built is the page as Vite made it; without an index.html when it has not been built.
func built() fs.FS {
	page, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the path is a constant and valid
	}
	return page
}

// addPage serves the built page at /, or the plain one where there is none.
func addPage(mux *http.ServeMux, page fs.FS, o Options) {
	if _, err := fs.Stat(page, "index.html"); err != nil {
		addPlain(mux, o)
		return
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache") // it names the files of this build
		serveFile(w, r, page, "index.html")
	})
	mux.HandleFunc("GET /assets/{file}", func(w http.ResponseWriter, r *http.Request) {
		name := "assets/" + r.PathValue("file")
		if _, err := fs.Stat(page, name); err != nil {
			writeProblem(w, http.StatusNotFound, "this file is not part of the page: reload it")
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // the name holds a hash of the content
		serveFile(w, r, page, name)
	})
	mux.HandleFunc("GET /favicon.svg", func(w http.ResponseWriter, r *http.Request) {
		serveFile(w, r, page, "favicon.svg")
	})
}

// serveFile names the type itself: the standard library would ask the machine's own list, and with one
// wrong line in it browsers would refuse the script.
func serveFile(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	kinds := map[string]string{
		".html": "text/html; charset=utf-8",
		".css":  "text/css; charset=utf-8",
		".js":   "text/javascript; charset=utf-8",
		".svg":  "image/svg+xml",
	}
	if kind, isKnown := kinds[path.Ext(name)]; isKnown {
		w.Header().Set("Content-Type", kind)
	}
	http.ServeFileFS(w, r, files, name)
}
