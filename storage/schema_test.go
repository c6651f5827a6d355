package storage

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// raw opens the file beneath a closed store.
func (h *home) raw(do func(*bolt.DB) error) {
	h.t.Helper()
	db, err := bolt.Open(h.path, fileMode, &bolt.Options{Timeout: lockTimeout})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := errors.Join(do(db), db.Close()); err != nil {
		h.t.Fatal(err)
	}
}

func TestOpen_LeavesANewerSchemaAlone(t *testing.T) {
	h := openHome(t, nil)
	h.put("k", "v")
	h.close()
	h.raw(func(db *bolt.DB) error { return db.Update(func(tx *bolt.Tx) error { return putSchema(tx, 2) }) })
	before, err := os.ReadFile(h.path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it counts as uncleanly stopped
		if _, err := Open(t.Context(), h.path, h.opt); !errors.Is(err, ErrNewerSchema) {
			t.Fatalf("Open: %v", err)
		}
	}
	if after, err := os.ReadFile(h.path); err != nil || !slices.Equal(after, before) || len(h.aside()) != 0 {
		t.Errorf("the file was touched (%v), %d set aside", err, len(h.aside()))
	}
}

func TestMigrate_RunsEachStepOnceInOrder(t *testing.T) {
	h := openHome(t, nil)
	h.close()
	var ran []int
	stepNamed := func(n int) step {
		return func(tx *bolt.Tx) error {
			ran = append(ran, n)
			return tx.Bucket([]byte(metaBucket)).Put([]byte(fmt.Sprint("step", n)), []byte{1})
		}
	}
	broken := errors.New("broken")
	h.raw(func(db *bolt.DB) error {
		if err := migrate(db, []step{stepNamed(1), func(tx *bolt.Tx) error {
			return errors.Join(stepNamed(2)(tx), broken)
		}}); !errors.Is(err, broken) {
			t.Errorf("a broken step: %v", err)
		}
		if err := db.View(func(tx *bolt.Tx) error {
			if n, err := schemaOf(tx); n != 2 || err != nil {
				t.Errorf("schema after one of two steps: %d, %v", n, err)
			}
			if tx.Bucket([]byte(metaBucket)).Get([]byte("step2")) != nil {
				t.Error("half of the broken step is in the file")
			}
			return nil
		}); err != nil {
			return err
		}
		for range 2 {
			if err := migrate(db, []step{stepNamed(1), stepNamed(2), stepNamed(3)}); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	if !slices.Equal(ran, []int{1, 2, 2, 3}) {
		t.Errorf("steps ran in the order %v", ran)
	}
}

func TestOpen_NeverLeavesAHalfMadeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hearth.db")
	if err := os.WriteFile(path+".new", []byte("the power went while it was made"), fileMode); err != nil {
		t.Fatal(err)
	}
	if err := createFile(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("passing name: %v", err)
	}
	if err := Verify(path); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != fileMode {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestFormat_IsThatOfSchema1 holds the bytes on disk: a change here needs a migration.
func TestFormat_IsThatOfSchema1(t *testing.T) {
	key := timeKey(noon().UnixMilli())
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{"time", key, "800001a1fdfa4600"},
		{"time before 1970", timeKey(-1), "7fffffffffffffff"},
		{"sealed", seal([]byte("k"), []byte("v")), "0176d0a10d93"},
		{"cells", encodeCells([]idValue{{1, 0.1}, {300, -5}}), "013fb999999999999aac02c014000000000000"},
		{"accounts", encodeAccounts([]account{{2, 90, 1, -1, 2}}), "025a3ff0000000000000bff00000000000004000000000000000"},
		{"entry", (&entry{ms: noon().UnixMilli(), number: 2}).key(5), "800001a1fdfa46000000000000000007"},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTimeKey_SortsAsTimeDoes(t *testing.T) {
	instants := []time.Time{{}, time.Unix(-1, 0), time.Unix(0, 0), noon(), noon().AddDate(300, 0, 0)}
	for i, at := range instants {
		ms, ok := keyTime(timeKey(at.UnixMilli()))
		if !ok || ms != at.UnixMilli() {
			t.Errorf("%v comes back as %d", at, ms)
		}
		if i > 0 && string(timeKey(instants[i-1].UnixMilli())) >= string(timeKey(ms)) {
			t.Errorf("%v does not sort after %v", at, instants[i-1])
		}
		if start := startOf(ms, day); start > ms || ms-start >= day.Milliseconds() || start%day.Milliseconds() != 0 {
			t.Errorf("the day of %v starts at %d", at, start)
		}
	}
}

func FuzzUnseal(f *testing.F) {
	f.Add([]byte("key"), seal([]byte("key"), []byte("body")))
	f.Add([]byte("key"), []byte{recordVersion, 0, 0, 0, 0})
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, key, sealed []byte) {
		body, err := unseal(key, sealed)
		if err == nil && !slices.Equal(seal(key, body), sealed) {
			t.Errorf("took %x for sealed", sealed)
		}
		if body, err := unseal(key, seal(key, sealed)); err != nil || !slices.Equal(body, sealed) {
			t.Errorf("%x sealed comes back as %x, %v", sealed, body, err)
		}
	})
}

func FuzzDecodeCells(f *testing.F) {
	f.Add(encodeCells([]idValue{{1, 0.5}, {2, -3}}))
	f.Add([]byte{0x80})
	f.Add(binary.AppendUvarint(nil, 1<<60))
	f.Fuzz(func(t *testing.T, body []byte) {
		cells := decodeCells(body)
		if again := encodeCells(cells); len(again) > len(body) {
			t.Errorf("%d bytes became %d", len(body), len(again))
		}
		for _, c := range cells {
			if _, ok := valueOf(body, c.id); !ok {
				t.Errorf("cell %d is decoded but not found", c.id)
			}
		}
	})
}

func FuzzDecodeAccounts(f *testing.F) {
	f.Add(encodeAccounts([]account{{1, 2, 3, 4, 5}, {300, 90, -1, -2, 0}}))
	f.Add([]byte{1, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, a := range decodeAccounts(body) {
			if a.count == 0 {
				t.Error("a quarter hour without a value")
			}
		}
	})
}
