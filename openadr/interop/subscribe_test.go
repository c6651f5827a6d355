package interop_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hearth/openadr"
)

func TestSubscriptions_AreMadeFoundAndEnded(t *testing.T) {
	u := vtn(t)
	program, _ := u.program("")
	h := u.home()
	want := openadr.Subscription{ClientName: h.id, ProgramID: program, ObjectOperations: []openadr.ObjectOperation{{
		Objects: []string{openadr.ObjectEvent}, Operations: []string{openadr.OperationCreate, openadr.OperationUpdate, openadr.OperationDelete},
		CallbackURL: "https://home.example/openadr", BearerToken: "whisper",
	}}}
	made, err := h.CreateSubscription(t.Context(), want)
	if err != nil || made.ID == "" {
		t.Fatalf("%+v, %v", made, err)
	}
	found, err := h.Subscriptions(t.Context(), h.id)
	if err != nil || len(found.Items) != 1 || found.Items[0].ID != made.ID {
		t.Fatalf("%+v, %v", found, err)
	}
	got := found.Items[0]
	if o := got.ObjectOperations; len(o) != 1 || !slices.Equal(o[0].Operations, want.ObjectOperations[0].Operations) || o[0].CallbackURL != "https://home.example/openadr" || got.ProgramID != program {
		t.Errorf("%+v", got)
	}
	if text := fmt.Sprintf("%+v", found); strings.Contains(text, "whisper") {
		t.Errorf("the bearer token shows in %s", text)
	}
	if err := u.home().DeleteSubscription(t.Context(), made.ID); openadr.KindOf(err) != openadr.NotFound {
		t.Errorf("by a stranger: %v", err)
	}
	if err := h.DeleteSubscription(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	if err := h.DeleteSubscription(t.Context(), made.ID); openadr.KindOf(err) != openadr.NotFound {
		t.Errorf("again: %v", err)
	}
}
