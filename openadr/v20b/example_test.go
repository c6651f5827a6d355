package v20b_test

import (
	"fmt"
	"log/slog"
	"time"

	"hearth/openadr/v20b"
	"hearth/openadr/ven"
)

// A VTN of 2.0b behind the engine of all others. Its operator wants to know the fingerprint first.
func Example() {
	var store ven.Store // of the agent
	client, err := v20b.New(v20b.Config{
		BaseURL: "https://vtn.example", VENName: "home-7",
		CertFile: "/etc/hearth/ven.pem", KeyFile: "/etc/hearth/ven.key", CAFile: "/etc/hearth/alliance.pem",
	}, store)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Println("fingerprint", client.Fingerprint())
	utility := ven.New(ven.Config{Name: "utility"}, ven.Parts{Client: client, Store: store, Log: slog.Default()})
	fmt.Println(len(utility.Signals(time.Now()).MaxImport.Points), "limits")
}
