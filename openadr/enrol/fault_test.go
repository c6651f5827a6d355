package enrol

import (
	"log/slog"
	"net/http"
	"testing"

	"pgregory.net/rapid"

	"hearth/openadr"
)

func keeper(c Client, s Store) *Keeper {
	return New(Config{Name: "utility", Wish: house()}, Parts{Client: c, Store: s, Log: slog.New(slog.DiscardHandler)})
}

// A write whose answer is lost was made all the same: it is not made again.
func TestKeeper_ALostAnswerMakesNoDuplicate(t *testing.T) {
	for _, d := range dialects {
		for _, m := range []mishap{unheard, half, doneBut, blank} {
			r, s := open(t, d)
			k := keeper(dial(t, s, d, "home"), &memory{})
			writes := 0
			r.set(func(req *http.Request) mishap {
				if req.Method == http.MethodGet {
					return fine
				}
				writes++
				return m
			})
			for range 4 { // one for each write, and one to see that nothing is left
				_, _ = k.Look(t.Context())
			}
			place, isKnown := k.Place()
			if err := k.Err(); err != nil || !isKnown || writes != 3 {
				t.Errorf("%s, mishap %d: %d writes, %v", d, m, writes, err)
			}
			wantOnce(t, r.vtn, house(), place)
		}
	}
}

func TestKeeper_AnyInterleavingOfMishapsEndsWithOneOfEach(t *testing.T) {
	for _, d := range dialects {
		t.Run(string(d), func(t *testing.T) {
			r, s := open(t, d)
			// One client for all: tokens of a VTN before it are refused, and then renewed.
			client := dial(t, s, d, "home")
			rapid.Check(t, func(t *rapid.T) {
				town := fresh(d)
				store := &memory{}
				r.mu.Lock()
				r.vtn = town
				r.mu.Unlock()
				k := keeper(client, store)
				for range rapid.IntRange(1, 5).Draw(t, "looks") {
					script := rapid.SliceOfN(rapid.IntRange(0, int(mishaps)-1), 0, 12).Draw(t, "mishaps")
					r.set(func(*http.Request) mishap {
						if len(script) == 0 {
							return fine
						}
						m := mishap(script[0])
						script = script[1:]
						return m
					})
					_, _ = k.Look(t.Context())
					if n := len(town.VENs()); n > 1 {
						t.Fatalf("%d vens", n)
					}
					switch rapid.IntRange(0, 2).Draw(t, "then") {
					case 1: // a restart
						k = keeper(client, store)
						if err := k.Restore(); err != nil {
							t.Fatal(err)
						}
					case 2: // a restart that has lost its store
						store = &memory{}
						k = keeper(client, store)
					}
				}
				r.set(nil)
				if _, err := k.Look(t.Context()); err != nil {
					t.Fatal(err)
				}
				place, _ := k.Place()
				wantOnce(t, town, house(), place)
			})
		})
	}
}

// A VTN that cannot be read costs nothing that was known.
func TestKeeper_KeepsItsPlaceThroughAnything(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		k := keeper(dial(t, s, d, "home"), &memory{})
		if _, err := k.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		before, _ := k.Place()
		for m := lost; m < mishaps; m++ {
			for _, from := range []int{0, 2} { // the list of VENs is two pages, the second empty
				count := 0
				r.set(func(*http.Request) mishap {
					if count++; count > from {
						return m
					}
					return fine
				})
				_, err := k.Look(t.Context())
				place, isKnown := k.Place()
				if !isKnown || !place.isSame(before) {
					t.Errorf("%s, mishap %d from %d on: %+v (%v)", d, m, from, place, err)
				}
			}
		}
		r.set(nil)
		if _, err := k.Look(t.Context()); err != nil {
			t.Error(err)
		}
		wantOnce(t, r.vtn, house(), before)
	}
}

// When the VTN has lost everything, the home is made known anew.
func TestKeeper_EnrolsAgainWhereItWasForgotten(t *testing.T) {
	for _, d := range dialects {
		r, s := open(t, d)
		store := &memory{}
		k := keeper(dial(t, s, d, "home"), store)
		if _, err := k.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.mu.Lock()
		r.vtn = fresh(d)
		r.vtn.PutProgram(openadr.Program{ProgramName: "other ids now"})
		r.mu.Unlock()
		changes, err := k.Look(t.Context())
		if err != nil || len(changes) != 3 {
			t.Errorf("%s: %v %v", d, changes, err)
		}
		place, _ := k.Place()
		wantOnce(t, r.vtn, house(), place)
	}
}
