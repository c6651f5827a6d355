package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	lockTimeout = time.Second // another instance on its way out may hold the file for a moment
	allocSize   = 1 << 20     // bytes by which the file grows; bbolt's 16 MiB is a quarter of what we allow it
	fileMode    = 0o600       // what the home consumes is nobody else's business
)

// contents is what a file holds that is kept in memory.
type contents struct {
	state    state
	channels dictionary
	base     uint64
	bad      int
}

// attach opens the file and takes over what it holds. On an error that isUnavailable the store may have the
// file for reading, or none.
func (s *Store) attach(ctx context.Context) error {
	s.swap(nil)
	db, held, err := s.openOrReplace(ctx)
	if err == nil {
		s.adopt(db, held)
		return nil
	}
	if isUnavailable(err) && s.verify(ctx, s.path) == nil {
		if db, held, err := openFile(s.path, s.boltOptions(true)); err == nil {
			s.adopt(db, held)
		}
	}
	return err
}

func (s *Store) adopt(db *bolt.DB, held contents) {
	length := size(s.path)
	s.mu.Lock()
	s.state = s.state.adopt(held.state)
	s.channels, s.base = held.channels, held.base
	s.stats.BadRecords += int64(held.bad)
	s.stats.Size = length
	s.paged = 0
	s.mu.Unlock()
	s.swap(db)
}

// swap closes the file in use, waiting for its readers, and takes db instead.
func (s *Store) swap(db *bolt.DB) {
	s.file.Lock()
	defer s.file.Unlock()
	if s.db != nil {
		if err := s.db.Close(); err != nil {
			s.log.Warn("store close", "path", s.path, "err", err)
		}
	}
	s.db = db
}

// openOrReplace opens the file for writing; where there is none it is made, a damaged one is set aside first.
func (s *Store) openOrReplace(ctx context.Context) (*bolt.DB, contents, error) {
	if s.lock == nil {
		lock, err := acquire(ctx, s.path+".lock")
		if err != nil {
			return nil, contents{}, err
		}
		s.lock = lock
	}
	if err := s.check(ctx); errors.Is(err, ErrDamaged) {
		if err := s.setAside(ctx, err); err != nil {
			return nil, contents{}, err
		}
	} else if err != nil {
		return nil, contents{}, err
	}
	if err := s.lock.markUnclean(); err != nil {
		return nil, contents{}, err
	}
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		if err := createFile(s.path); err != nil {
			return nil, contents{}, err
		}
	}
	db, held, err := openFile(s.path, s.boltOptions(false))
	if errors.Is(err, ErrDamaged) {
		if err := s.setAside(ctx, err); err != nil {
			return nil, contents{}, err
		}
		db, held, err = openFile(s.path, s.boltOptions(false))
	}
	return db, held, err
}

// check says whether the file may be opened in this process; there need not be one.
func (s *Store) check(ctx context.Context) error {
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		err = flock(ctx, f) // whoever has it open without our lock file has not damaged it
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if info.Size() == 0 {
		return fmt.Errorf("empty file: %w", ErrDamaged) // ours get their name only when they are complete
	}
	if s.lock.wasClean {
		return nil
	}
	return s.verify(ctx, s.path)
}

func (s *Store) boltOptions(isReadOnly bool) bolt.Options {
	// All of the file is mapped from the start: mapping it anew as it grows would wait for every reader.
	return bolt.Options{
		Timeout: lockTimeout, ReadOnly: isReadOnly, PreLoadFreelist: !isReadOnly,
		MaxSize: int(s.opt.MaxSize), InitialMmapSize: int(s.opt.MaxSize),
	}
}

// openFile opens a complete file and reads what is kept in memory of it.
func openFile(path string, o bolt.Options) (db *bolt.DB, held contents, err error) {
	err = guard(func() error {
		db, err = bolt.Open(path, fileMode, &o)
		return err
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, held, ErrLocked
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, held, fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return nil, held, err
	}
	db.AllocSize = allocSize
	err = guard(func() error {
		if err := migrate(db, steps()); err != nil {
			return err
		}
		return db.View(func(tx *bolt.Tx) (err error) {
			held, err = load(tx)
			return err
		})
	})
	if err != nil {
		return nil, held, errors.Join(err, db.Close())
	}
	return db, held, nil
}

func load(tx *bolt.Tx) (held contents, err error) {
	for _, name := range bucketNames() {
		if tx.Bucket([]byte(name)) == nil {
			return held, fmt.Errorf("bucket %s is missing: %w", name, ErrDamaged)
		}
	}
	if held.state, err = loadState(tx); err != nil {
		return held, err
	}
	held.base = tx.Bucket([]byte(journalBucket)).Sequence()
	held.channels, held.bad, err = loadDictionary(tx)
	return held, err
}

// createFile makes an empty store under a passing name: a power cut while bbolt sets up a file leaves one
// that cannot be opened (etcd-io/etcd#16596).
func createFile(path string) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := bolt.Open(fresh, fileMode, &bolt.Options{Timeout: lockTimeout})
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	if err := errors.Join(db.Update(create), db.Close()); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	return putInPlace(fresh, path)
}

// putInPlace gives a finished file its name for good.
func putInPlace(fresh, path string) error {
	f, err := os.OpenFile(fresh, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return rename(fresh, path)
}

// rename lasts through a power cut: the folder is synced too.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// lockFile stands beside the file while a process has it open, and says whether the last one closed it cleanly. It is
// a file of its own so that it stays held while the store is verified by a child, renamed and replaced.
type lockFile struct {
	f        *os.File
	wasClean bool
}

const cleanMark = "closed cleanly\n"

func acquire(ctx context.Context, path string) (*lockFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	if err := flock(ctx, f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	mark, err := io.ReadAll(io.LimitReader(f, 64))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &lockFile{f, string(mark) == cleanMark}, nil
}

// flock takes an exclusive lock, which ends with the file's closing at the latest.
func flock(ctx context.Context, f *os.File) error {
	ctx, cancel := context.WithTimeoutCause(ctx, lockTimeout, ErrLocked)
	defer cancel()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		select {
		case <-time.After(lockTimeout / 20):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// markUnclean empties the file, which needs no room on the disk.
func (l *lockFile) markUnclean() error {
	l.wasClean = false
	return errors.Join(l.f.Truncate(0), l.f.Sync())
}

func (l *lockFile) markClean() error {
	_, err := l.f.WriteAt([]byte(cleanMark), 0)
	return errors.Join(err, l.f.Sync())
}

// release lets another process in; a lock never taken is fine.
func (l *lockFile) release() {
	if l != nil {
		_ = l.f.Close() // nothing of it is left to lose
	}
}

// guard turns a panic, or a fault in the mapped file, into ErrDamaged: that is how bbolt meets a damaged page.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	return fn()
}

// isUnavailable says that the disk, not the file, is the trouble, and that it may pass.
func isUnavailable(err error) bool {
	return isFull(err) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EIO)
}
