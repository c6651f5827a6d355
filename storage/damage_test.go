package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// content is all a store holds, to compare.
type content struct {
	State    map[string]string
	Readings []string
	Records  []string
}

// fill writes enough for a tree of some dozen pages.
func (h *home) fill() content {
	c := content{State: map[string]string{}}
	for i := range 200 {
		key, value := fmt.Sprint("key", i), strings.Repeat(fmt.Sprint("value", i, " "), 5)
		h.put(key, value)
		c.State[key] = value
		at := noon().Add(time.Duration(i-100) * 10 * time.Minute)
		h.Record(at, map[string]float64{"grid": float64(i), "solar": -float64(i), "car": 11000})
		h.append("plans", at, value)
		c.Records = append(c.Records, value)
	}
	c.Readings = strings.Fields(h.readings("grid", ever()))
	h.flush()
	return c
}

// wrongAgainst names something the store has that is not in whole; missing is not wrong.
func (h *home) wrongAgainst(whole content) string {
	for key, want := range whole.State {
		v, ok, err := h.Get(key)
		if ok && string(v) != want || err != nil && !errors.Is(err, ErrDamaged) {
			return fmt.Sprintf("%s = %q, %v", key, v, err)
		}
	}
	for _, r := range strings.Fields(h.readings("grid", ever())) {
		if !slices.Contains(whole.Readings, r) {
			return "reading " + r
		}
	}
	wrong := ""
	if err := h.Journal("plans", ever(), func(_ time.Time, record []byte) bool {
		if !slices.Contains(whole.Records, string(record)) {
			wrong = "record " + string(record)
		}
		return wrong == ""
	}); err != nil {
		return err.Error()
	}
	return wrong
}

func (h *home) holds() content {
	c := content{State: map[string]string{}, Readings: strings.Fields(h.readings("grid", ever()))}
	for i := range 200 {
		key := fmt.Sprint("key", i)
		if v, ok, err := h.Get(key); ok && err == nil {
			c.State[key] = string(v)
		}
	}
	if err := h.Journal("plans", ever(), func(_ time.Time, record []byte) bool {
		c.Records = append(c.Records, string(record))
		return true
	}); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// unclean makes the next Open believe that the last process died.
func (h *home) unclean() {
	h.t.Helper()
	if err := os.Truncate(h.path+".lock", 0); err != nil {
		h.t.Fatal(err)
	}
}

func (h *home) aside() []string {
	h.t.Helper()
	names, err := filepath.Glob(h.path + ".damaged-*")
	if err != nil {
		h.t.Fatal(err)
	}
	return names
}

// children makes Open verify and salvage the way the real binary does.
func children(t *testing.T) func(*Options) {
	return func(o *Options) {
		o.VerifyCommand, o.SalvageCommand = self(t, "tool", "verify"), self(t, "tool", "salvage")
	}
}

func TestOpen_DamageNeverStopsItNorComesBackAsData(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	page := os.Getpagesize()
	noise := make([]byte, page)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	type damage struct {
		name      string
		do        func(file []byte) []byte
		isCertain bool // it cannot go unnoticed
	}
	cases := []damage{
		{"empty file", func([]byte) []byte { return nil }, true},
		{"garbage", func(f []byte) []byte { return bytes.Repeat([]byte("garbage "), len(f)/8) }, true},
		{"one byte", func([]byte) []byte { return []byte{0} }, true},
		{"both meta pages zero", func(f []byte) []byte { clear(f[:2*page]); return f }, true},
		{"first meta page zero", func(f []byte) []byte { clear(f[:page]); return f }, true},
		{"second meta page zero", func(f []byte) []byte { clear(f[page : 2*page]); return f }, true},
		{"cut to four pages", func(f []byte) []byte { return f[:4*page] }, true},
	}
	for _, p := range []int{2, 3, 5, 8, 13, 21, 34} {
		cases = append(cases,
			damage{fmt.Sprint("page ", p, " zero"), func(f []byte) []byte { clear(f[p*page : (p+1)*page]); return f }, false},
			damage{fmt.Sprint("page ", p, " noise"), func(f []byte) []byte { copy(f[p*page:], noise); return f }, false})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := openHome(t, children(t))
			whole := h.fill()
			h.close()
			file, err := os.ReadFile(h.path)
			if err != nil {
				t.Fatal(err)
			}
			file = c.do(file)
			if err := os.WriteFile(h.path, file, fileMode); err != nil {
				t.Fatal(err)
			}
			h.unclean()
			h.open()
			if wrong := h.wrongAgainst(whole); wrong != "" {
				t.Errorf("wrong data: %s", wrong)
			}
			h.put("key0", "new")
			h.reopen()
			h.wantState("key0", "new")
			aside := h.aside()
			if c.isCertain && len(aside) != 1 {
				t.Fatalf("%d files set aside", len(aside))
			}
			if len(aside) == 0 {
				return // a free page: nothing was lost
			}
			if kept, err := os.ReadFile(aside[0]); err != nil || !bytes.Equal(kept, file) {
				t.Errorf("the file set aside is not the damaged one (%v)", err)
			}
			if log := h.log.String(); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, aside[0]) {
				t.Errorf("log does not say where it went:\n%s", log)
			}
		})
	}
}

func TestOpen_DamageAfterACleanStopIsMetToo(t *testing.T) {
	for name, do := range map[string]func(string) error{
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"cut":     func(path string) error { return os.Truncate(path, int64(2*os.Getpagesize())) },
		"garbage": func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("x"), 1<<16), fileMode) },
		"foreign": func(path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			db, err := bolt.Open(path, fileMode, nil)
			if err != nil {
				return err
			}
			return db.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := openHome(t, nil)
			h.put("k", "v")
			h.close()
			if err := do(h.path); err != nil {
				t.Fatal(err)
			}
			h.open()
			if len(h.aside()) != 1 || h.Stats().Quarantined != 1 {
				t.Errorf("%d files set aside, %d counted", len(h.aside()), h.Stats().Quarantined)
			}
			h.wantState("k", "")
			h.put("k", "again")
			h.reopen()
			h.wantState("k", "again")
		})
	}
}

func TestOpen_SalvagesWhatIsReadable(t *testing.T) {
	h := openHome(t, children(t))
	whole := h.fill()
	h.put("later", "lost with the newer of the two meta pages, if it is that one")
	h.close()
	// Both meta pages are needed for a sound file, one for a readable one.
	file, err := os.OpenFile(h.path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteAt(make([]byte, os.Getpagesize()), 0)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	h.unclean()
	h.open()
	if len(h.aside()) != 1 || !strings.Contains(h.log.String(), "store begun anew with what could be read") {
		t.Fatalf("not salvaged:\n%s", h.log)
	}
	if got := h.holds(); len(got.State) == 0 || !reflect.DeepEqual(got, whole) {
		t.Errorf("salvaged %d of %d values, %d of %d readings, %d of %d records", len(got.State), len(whole.State),
			len(got.Readings), len(whole.Readings), len(got.Records), len(whole.Records))
	}
	h.append("plans", noon(), "next")
	if got := h.journal("plans", ever()); !strings.Contains(got, "next") {
		t.Error("the salvaged journal takes no more records")
	}
}

func TestSalvage_LeavesRowsWhoseChannelsAreUnknown(t *testing.T) {
	h := openHome(t, nil)
	whole := h.fill()
	h.close()
	db, err := bolt.Open(h.path, fileMode, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte(channelBucket)) }), db.Close()); err != nil {
		t.Fatal(err)
	}
	to := h.path + ".salvaged"
	if err := Salvage(h.path, to); !errors.Is(err, ErrDamaged) {
		t.Errorf("salvage without channels: %v", err)
	}
	h.path = to
	h.open()
	h.Record(noon(), map[string]float64{"new": 1}) // gets the first number
	h.flush()
	got := h.holds()
	if len(got.Readings) != 0 || h.readings("new", ever()) != "21T12:00:00=1" {
		t.Errorf("rows of lost channels came back: %v", got.Readings)
	}
	if len(got.State) != len(whole.State) || len(got.Records) != len(whole.Records) {
		t.Errorf("%d values and %d records survived", len(got.State), len(got.Records))
	}
}

func TestOpen_KeepsEveryFileSetAside(t *testing.T) {
	h := openHome(t, nil)
	for i := range 3 { // within the same second
		h.close()
		if err := os.WriteFile(h.path, []byte{byte(i)}, fileMode); err != nil {
			t.Fatal(err)
		}
		h.open()
	}
	if got := h.aside(); len(got) != 3 || filepath.Base(got[0]) != "hearth.db.damaged-20261121T120000Z" {
		t.Errorf("set aside: %v", got)
	}
}

func TestOpen_HangingVerificationIsDamage(t *testing.T) {
	h := openHome(t, nil)
	h.put("k", "v")
	h.close()
	h.unclean()
	h.opt.VerifyCommand, h.opt.ChildTimeout = self(t, "hang"), 100*time.Millisecond
	h.open()
	if len(h.aside()) != 1 || !strings.Contains(h.log.String(), "child still busy after 100ms") {
		t.Errorf("not set aside for the right reason:\n%s", h.log)
	}
}

func TestOpen_StartsEmptyWhenNothingCanBeSalvaged(t *testing.T) {
	h := openHome(t, nil)
	h.put("k", "v")
	h.close()
	h.unclean()
	h.opt.VerifyCommand, h.opt.SalvageCommand = []string{"/bin/false"}, []string{"/bin/false"}
	h.open()
	h.wantState("k", "")
	if len(h.aside()) != 1 || !strings.Contains(h.log.String(), "store not salvaged") {
		t.Errorf("%d set aside:\n%s", len(h.aside()), h.log)
	}
	h.put("k", "again")
	h.flush()
}

func TestOpen_VerifyCommandThatCannotStartIsNotDamage(t *testing.T) {
	h := openHome(t, nil)
	h.put("k", "v")
	h.close()
	h.unclean()
	h.opt.VerifyCommand = []string{filepath.Join(t.TempDir(), "nothing")}
	h.open()
	h.wantState("k", "v")
	if len(h.aside()) != 0 {
		t.Error("a sound file was set aside")
	}
}

func TestOpen_VerifiesOnlyAfterAnUncleanStop(t *testing.T) {
	h := openHome(t, func(o *Options) { o.VerifyCommand = []string{"/bin/false"} })
	h.put("k", "v")
	h.reopen()
	h.wantState("k", "v")
	h.close()
	h.unclean()
	h.open()
	if len(h.aside()) != 1 {
		t.Error("not verified after an unclean stop")
	}
}

// childBreaks has its file zeroed while it runs, as a dying card does, and must get by without it.
func childBreaks(path string) error {
	clock := &fakeClock{t: noon()}
	s, err := Open(context.Background(), path, Options{Clock: clock, Log: discard()})
	if err != nil {
		return err
	}
	s.Record(noon(), map[string]float64{"grid": 1})
	if err := errors.Join(s.Put("k", []byte("before")), s.Flush()); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	page := os.Getpagesize()
	_, err = file.WriteAt(make([]byte, int(size(path))-2*page), int64(2*page))
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	s.Record(noon().AddDate(0, 0, 1), map[string]float64{"grid": 2})
	if err := s.Put("k", []byte("after")); err != nil {
		return err
	}
	for range 2 { // the second must not wait for the first
		if err := s.Flush(); !errors.Is(err, ErrDamaged) {
			return fmt.Errorf("flush: %v", err)
		}
	}
	if err := s.Readings("grid", ever(), func(time.Time, float64) bool { return true }); !errors.Is(err, ErrDamaged) {
		return fmt.Errorf("readings: %v", err)
	}
	if v, _, err := s.Get("k"); err != nil || string(v) != "after" {
		return fmt.Errorf("state: %q, %v", v, err)
	}
	if err := s.Close(); !errors.Is(err, ErrDamaged) {
		return fmt.Errorf("close: %v", err)
	}
	return nil
}

func TestStore_DamageWhileRunningIsSurvivedAndSetAsideNextTime(t *testing.T) {
	h := openHome(t, children(t))
	h.close()
	args := self(t, "breaks", h.path)
	if out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	h.open()
	if len(h.aside()) != 1 {
		t.Error("not set aside")
	}
}

func TestStore_DamageSeenByAReaderIsVerifiedNextTime(t *testing.T) {
	h := openHome(t, nil)
	for i := range 500 {
		h.Record(noon().Add(time.Duration(i)*time.Second), map[string]float64{"grid": 0.1})
	}
	h.flush()
	file, err := os.ReadFile(h.path)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	for at := 2 * page; at < len(file); at += page { // every page of rows, and no other
		if bytes.Count(file[at:at+page], []byte("\x3f\xb9\x99\x99\x99\x99\x99\x9a")) > 20 {
			clear(file[at : at+page])
		}
	}
	if err := os.WriteFile(h.path, file, 0); err != nil { // the same file, still open
		t.Fatal(err)
	}
	if err := h.Readings("grid", ever(), func(time.Time, float64) bool { return true }); !errors.Is(err, ErrDamaged) {
		t.Fatalf("readings: %v", err)
	}
	h.put("k", "v") // its pages are sound
	h.reopen()
	if len(h.aside()) != 1 {
		t.Error("not set aside")
	}
}

// flip changes one byte inside every copy of text in the file.
func (h *home) flip(text string) {
	h.t.Helper()
	file, err := os.ReadFile(h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	n := bytes.Count(file, []byte(text))
	if n == 0 {
		h.t.Fatalf("%q is not in the file", text)
	}
	file = bytes.ReplaceAll(file, []byte(text), append([]byte(text[:len(text)-1]), '#'))
	if err := os.WriteFile(h.path, file, fileMode); err != nil {
		h.t.Fatal(err)
	}
}

func TestRecord_OneFlippedByteIsLeftOutAndCounted(t *testing.T) {
	h := openHome(t, nil)
	h.put("k", "needle in state")
	h.put("other", "sound")
	h.append("plans", noon(), "before")
	h.append("plans", noon(), "needle in journal")
	h.append("plans", noon(), "after")
	h.Record(noon(), map[string]float64{"grid": 0.1}) // 3fb999999999999a
	h.Record(noon().Add(time.Second), map[string]float64{"grid": 2})
	h.close()
	h.flip("needle in state")
	h.flip("needle in journal")
	h.flip("\x3f\xb9\x99\x99\x99\x99\x99\x9a")
	h.open()
	if _, ok, err := h.Get("k"); ok || !errors.Is(err, ErrDamaged) {
		t.Errorf("state: %v, %v", ok, err)
	}
	h.wantState("other", "sound")
	if got := h.journal("plans", ever()); got != "before after" {
		t.Errorf("journal: %s", got)
	}
	if got := h.readings("grid", ever()); got != "21T12:00:01=2" {
		t.Errorf("readings: %s", got)
	}
	if got := h.Stats().BadRecords; got != 3 {
		t.Errorf("%d bad records counted", got)
	}
	h.put("k", "healed")
	h.reopen()
	h.wantState("k", "healed")
}

func TestRecord_BelongsToItsKey(t *testing.T) {
	sealed := seal([]byte("limit"), []byte("11kW"))
	if body, err := unseal([]byte("limit"), sealed); err != nil || string(body) != "11kW" {
		t.Errorf("%q, %v", body, err)
	}
	if _, err := unseal([]byte("limit2"), sealed); !errors.Is(err, ErrDamaged) {
		t.Errorf("under another key: %v", err)
	}
	for n := range sealed {
		if _, err := unseal([]byte("limit"), sealed[:n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}
