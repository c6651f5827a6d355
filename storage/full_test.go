package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// recordFull records a wide row every 10 s for n days, flushing each quarter of a day.
func (h *home) recordFull(first time.Time, days, channels int) (lastErr error) {
	values := map[string]float64{}
	for i := range 8640 * days {
		at := first.Add(time.Duration(i) * 10 * time.Second)
		for c := range channels {
			values[fmt.Sprint("channel", c)] = float64(i) + 0.1
		}
		h.Record(at, values)
		if i%2160 == 2159 {
			h.clock.set(at)
			lastErr = h.Flush()
		}
	}
	return lastErr
}

func TestStore_StaysWithinMaxSizeByDroppingTheOldest(t *testing.T) {
	t.Parallel()
	const limit = 4 << 20
	h := openHome(t, func(o *Options) { o.MaxSize, o.RawDays = limit, 1000 })
	h.put("precious", "state")
	if err := h.recordFull(firstDay(), 8, 10); err != nil {
		t.Fatal(err)
	}
	st := h.Stats()
	if st.Size > limit || st.Errors != 0 || st.Dropped != 0 {
		t.Errorf("%d bytes of %d, %+v", st.Size, limit, st)
	}
	rows := strings.Fields(h.readings("channel3", ever()))
	if n := len(rows); n < 2*8640 || n > 6*8640 || !strings.HasPrefix(rows[n-1], "08T23:59:50=") {
		t.Errorf("%d rows are left, the last is %s", n, rows[n-1])
	}
	if got := h.rollups("channel3", ever()); len(got) != 8*96 {
		t.Errorf("%d quarter hours are left, want all: rows go first", len(got))
	}
	h.reopen()
	h.wantState("precious", "state")
}

func TestStore_TodayBeyondMaxSizeIsHeldInMemoryUntilTomorrow(t *testing.T) {
	h := openHome(t, func(o *Options) { o.MaxSize = minMaxSize })
	h.put("k", "before")
	h.flush()
	if err := h.recordFull(firstDay(), 1, 12); err == nil {
		t.Fatal("1.2 MB fitted into 1 MiB")
	}
	st := h.Stats()
	if st.Writable || st.Errors == 0 || st.Pending == 0 || st.Size > minMaxSize {
		t.Errorf("full: %+v", st)
	}
	h.put("k", "while full")
	_ = h.Flush() // which has no room for the rows
	stored := stateOf(t, h)
	if string(stored.values["k"]) != "while full" {
		t.Errorf("state in the full file: %q", stored.values["k"])
	}
	for _, r := range []string{"01T00:00:00=0.1", "01T23:59:50=8639.1"} { // one is in the file, one in memory
		if !strings.Contains(h.readings("channel0", ever()), r) {
			t.Errorf("reading %s is lost", r)
		}
	}
	h.clock.set(firstDay().AddDate(0, 0, 1))
	h.flush()
	if st := h.Stats(); !st.Writable || st.Pending != 0 {
		t.Errorf("tomorrow: %+v", st)
	}
	if log := h.log.String(); strings.Count(log, "store cannot write") != 1 || strings.Count(log, "store writes again") != 1 {
		t.Errorf("want one line for each change:\n%s", log)
	}
	h.reopen()
	h.wantState("k", "while full")
}

func stateOf(t *testing.T, h *home) (st state) {
	t.Helper()
	if err := h.view(func(tx *bolt.Tx) (err error) {
		st, err = loadState(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return st
}

func TestStore_MemoryIsBounded(t *testing.T) {
	h := openHome(t, func(o *Options) { o.MaxSize = minMaxSize })
	defer func() { _ = h.Close() }() // what is pending does not fit
	for range 3 * maxJournal / (1 << 20) {
		h.append("plans", noon(), strings.Repeat("x", 1<<20-entryOverhead))
	}
	for i := range maxRows + 10 {
		values := map[string]float64{"a": 1}
		if i == 0 {
			for c := range 30000 { // this row alone does not fit
				values[fmt.Sprint(strings.Repeat("c", 30), c)] = 1
			}
		}
		h.Record(noon().Add(time.Duration(i)*time.Second), values)
	}
	if st := h.Stats(); st.Pending > maxRows+4 {
		t.Errorf("%d pending", st.Pending)
	}
}

// mounted runs a mode of this binary as root of a user namespace that may mount, without being root.
func mounted(t *testing.T, mode string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, t.TempDir())
	cmd.Env = append(os.Environ(), "STORAGE_CHILD="+mode, "GORACE=atexit_sleep_ms=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Skip("no user namespaces here: ", err)
	}
	if strings.Contains(string(out), "mount: ") {
		t.Skip("no mounting in a user namespace here: ", string(out))
	}
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestStore_GoesOnWhileTheDiskIsFull(t *testing.T)        { mounted(t, "fills up") }
func TestOpen_GoesOnWhileTheDiskIsFull(t *testing.T)         { mounted(t, "full at start") }
func TestOpen_GoesOnWhileTheDiskIsReadOnly(t *testing.T)     { mounted(t, "read-only and empty") }
func TestOpen_ReadsAStoreOnADiskThatIsReadOnly(t *testing.T) { mounted(t, "read-only with a store") }

// small is a file system of 2 MB with a store's path and a ballast to make and take room.
type small struct {
	folder, path, ballast string
	opt                   Options
}

func childMounted(mode string, args []string) error {
	d := small{folder: args[0], path: filepath.Join(args[0], "hearth.db"), ballast: filepath.Join(args[0], "ballast")}
	d.opt = Options{Clock: &fakeClock{t: noon()}, Log: discard()}
	if err := syscall.Mount("tmpfs", d.folder, "tmpfs", 0, "size=2m"); err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	switch mode {
	case "fills up":
		return d.fillsUp()
	case "full at start":
		return d.fullAtStart()
	case "read-only with a store":
		return d.readOnlyStore()
	}
	return d.readOnlyEmpty()
}

func (d small) open() (*Store, error) { return Open(context.Background(), d.path, d.opt) }

// fillDisk leaves no byte free.
func (d small) fillDisk() error {
	f, err := os.Create(d.ballast)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return nil
		}
	}
}

func (d small) remount(flags uintptr) error {
	return syscall.Mount("tmpfs", d.folder, "tmpfs", syscall.MS_REMOUNT|flags, "size=2m")
}

func (d small) fillsUp() error {
	s, err := d.open()
	if err != nil {
		return err
	}
	if err := errors.Join(s.Put("k", []byte("before")), s.Flush(), d.fillDisk()); err != nil {
		return err
	}
	return d.weather(s, func() error { return os.Remove(d.ballast) }, "before")
}

func (d small) fullAtStart() error {
	if err := d.fillDisk(); err != nil {
		return err
	}
	s, err := d.open()
	if err != nil {
		return fmt.Errorf("open on a full disk: %w", err)
	}
	return d.weather(s, func() error { return os.Remove(d.ballast) }, "")
}

func (d small) readOnlyStore() error {
	s, err := d.open()
	if err != nil {
		return err
	}
	if err := errors.Join(s.Put("k", []byte("before")), s.Put("gone", nil), s.Close(), d.remount(syscall.MS_RDONLY)); err != nil {
		return err
	}
	if s, err = d.open(); err != nil {
		return fmt.Errorf("open on a read-only disk: %w", err)
	}
	return d.weather(s, func() error { return d.remount(0) }, "before")
}

func (d small) readOnlyEmpty() error {
	if err := d.remount(syscall.MS_RDONLY); err != nil {
		return err
	}
	s, err := d.open()
	if err != nil {
		return fmt.Errorf("open on a read-only disk: %w", err)
	}
	return d.weather(s, func() error { return d.remount(0) }, "")
}

// weather expects a store that works in memory until the disk is healed, and has lost nothing then.
func (d small) weather(s *Store, heal func() error, before string) error {
	if v, _, err := s.Get("k"); err != nil || string(v) != before {
		return fmt.Errorf("before: %q, %v", v, err)
	}
	big := make([]byte, 1<<20)
	s.Record(noon(), map[string]float64{"grid": 5})
	if err := errors.Join(s.Put("k", []byte("meanwhile")), s.Put("big", big), s.Delete("gone"), s.Append("plans", noon(), []byte("plan"))); err != nil {
		return err
	}
	if err := s.Flush(); err == nil {
		return errors.New("flushed to a disk that cannot be written")
	}
	if st := s.Stats(); st.Writable || st.Errors == 0 || st.Pending != 2 {
		return fmt.Errorf("stats: %+v", st)
	}
	if v, _, err := s.Get("k"); err != nil || string(v) != "meanwhile" {
		return fmt.Errorf("meanwhile: %q, %v", v, err)
	}
	if err := heal(); err != nil {
		return err
	}
	if err := s.Flush(); err != nil {
		return fmt.Errorf("flush to the healed disk: %w", err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	if err := Verify(d.path); err != nil {
		return err
	}
	s, err := d.open()
	if err != nil {
		return err
	}
	defer s.Close()
	v, _, err := s.Get("k")
	if err != nil || string(v) != "meanwhile" || s.Stats().Quarantined != 0 {
		return fmt.Errorf("after: %q, %v, %+v", v, err, s.Stats())
	}
	if _, ok, err := s.Get("gone"); ok || err != nil {
		return fmt.Errorf("after: what was deleted is back, %v", err)
	}
	rows, records := 0, 0
	err = errors.Join(
		s.Readings("grid", ever(), func(time.Time, float64) bool { rows++; return true }),
		s.Journal("plans", ever(), func(time.Time, []byte) bool { records++; return true }))
	if err != nil || rows != 1 || records != 1 {
		return fmt.Errorf("after: %d rows and %d records, %v", rows, records, err)
	}
	return nil
}
