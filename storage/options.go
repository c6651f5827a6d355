package storage

import (
	"errors"
	"log/slog"
	"time"
)

// Errors of Open.
var (
	// ErrLocked says that another process has the store open.
	ErrLocked = errors.New("in use by another process")
	// ErrNewerSchema says that a newer version of the program wrote the file. It is left as it is.
	ErrNewerSchema = errors.New("written by a newer version")
)

// Errors of a Store.
var (
	// ErrDamaged says that a record or the file is not what was written.
	ErrDamaged = errors.New("damaged")
	// ErrClosed says that the store was closed before.
	ErrClosed = errors.New("store is closed")
	// ErrMemoryOnly says that there is no file to write to for now; see [Stats.Errors].
	ErrMemoryOnly = errors.New("no file to write to")
)

// Clock tells the time that days and dated names go by.
type Clock interface{ Now() time.Time }

// Options are how to open a store. Clock and Log are required; every other zero value means its default.
type Options struct {
	Clock Clock
	Log   *slog.Logger

	FlushEvery time.Duration // readings and journals are written this often; 5 min
	MaxSize    int64         // bytes the file may reach; 64 MiB, and never less than 1 MiB
	RawDays    int           // days of rows to keep, today included; 8
	RollupDays int           // days of quarter hours to keep; 400

	// Journals are the bounds of the journals named; the others keep 30 days and 4 MiB.
	Journals map[string]Limit

	// VerifyCommand and SalvageCommand run this same binary so that [Verify] and [Salvage] get the arguments
	// that are appended: PATH, and FROM TO. In a child, because a damaged file can crash or hang whoever reads it.
	// Without the first Verify runs in this process; without the second nothing is salvaged.
	VerifyCommand  []string
	SalvageCommand []string
	ChildTimeout   time.Duration // a child still busy after this counts as hung; 30 s
}

// Limit bounds a journal. A zero field means the default.
type Limit struct {
	Days  int   // days with records to keep
	Bytes int64 // of records and their keys; the oldest go first
}

// Stats are counts since Open, for metrics.
type Stats struct {
	Size         int64     // bytes of the file
	WrittenBytes int64     // bytes handed to the disk, as bbolt counts them
	Flushes      int64     // commits
	Errors       int64     // commits and openings that did not work
	BadRecords   int64     // times a record was left out because its checksum did not match
	Dropped      int64     // rows and journal records given up, for want of room or of a day to put them in
	Quarantined  int64     // files set aside as damaged
	Pending      int       // rows and journal records not on disk yet
	LastFlush    time.Time // by the store's clock; zero: never
	Writable     bool      // the last attempt to write worked
}

const (
	defaultFlushEvery   = 5 * time.Minute
	defaultMaxSize      = 64 << 20
	minMaxSize          = 1 << 20
	defaultRawDays      = 8
	defaultRollupDays   = 400
	defaultJournalDays  = 30
	defaultJournalBytes = 4 << 20
	defaultChildTimeout = 30 * time.Second
)

func (o Options) withDefaults() Options {
	o.FlushEvery = or(o.FlushEvery, defaultFlushEvery)
	o.MaxSize = max(or(o.MaxSize, defaultMaxSize), minMaxSize)
	o.RawDays = or(o.RawDays, defaultRawDays)
	o.RollupDays = or(o.RollupDays, defaultRollupDays)
	o.ChildTimeout = or(o.ChildTimeout, defaultChildTimeout)
	return o
}

// journal is the bound of the named journal.
func (o Options) journal(name string) Limit {
	l := o.Journals[name]
	return Limit{or(l.Days, defaultJournalDays), or(l.Bytes, defaultJournalBytes)}
}

// or is v, or the default where v is not set.
func or[T int | int64 | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}
