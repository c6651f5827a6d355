package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Verify reads all of the file at path and returns an error when it is not sound. A damaged file may crash the process
// or keep Verify busy for ever: run it in a process of its own, and count anything but success as damage.
// A single record that fails its checksum is not damage of the file.
func Verify(path string) error {
	err := guard(func() error {
		db, err := bolt.Open(path, fileMode, &bolt.Options{ReadOnly: true, Timeout: lockTimeout})
		if err != nil {
			return err
		}
		return errors.Join(db.View(verify), db.Close())
	})
	if err != nil {
		return fmt.Errorf("verify %s: %w", path, err)
	}
	return nil
}

func verify(tx *bolt.Tx) error {
	var first error
	for err := range tx.Check() { // to its end: a check left early blocks Close
		if first == nil {
			first = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return first
}

// verify is ErrDamaged when the file is not sound.
func (s *Store) verify(ctx context.Context, path string) error {
	if len(s.opt.VerifyCommand) > 0 {
		err := s.child(ctx, s.opt.VerifyCommand, path)
		if !errors.Is(err, errNoChild) {
			return err
		}
		s.log.Warn("store verified in process", "path", path, "err", err)
	}
	err := Verify(path)
	if err == nil || errors.Is(err, ErrDamaged) {
		return err
	}
	if errors.Is(err, berrors.ErrTimeout) {
		return ErrLocked
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// errNoChild says that the child could not even be started, which tells nothing about the file.
var errNoChild = errors.New("no child process")

// child runs this same binary; anything but success is ErrDamaged.
func (s *Store) child(ctx context.Context, command []string, args ...string) error {
	bounded, cancel := context.WithTimeout(ctx, s.opt.ChildTimeout)
	defer cancel()
	cmd := exec.CommandContext(bounded, command[0], append(command[1:len(command):len(command)], args...)...)
	cmd.WaitDelay = time.Second // for pipes a grandchild may hold
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case bounded.Err() != nil:
		return fmt.Errorf("%w: child still busy after %v", ErrDamaged, s.opt.ChildTimeout)
	case cmd.ProcessState == nil:
		return fmt.Errorf("%w: %w", errNoChild, err)
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return fmt.Errorf("%w: %w: %.200s", ErrDamaged, err, line)
}

// setAside renames the damaged file, for ever, and puts a new one in its place with what could be read of the old.
func (s *Store) setAside(ctx context.Context, reason error) error {
	stamp := s.opt.Clock.Now().UTC().Format("20060102T150405Z")
	aside := s.path + ".damaged-" + stamp
	for i := 2; exists(aside); i++ {
		aside = fmt.Sprintf("%s.damaged-%s-%d", s.path, stamp, i)
	}
	if err := rename(s.path, aside); err != nil {
		return fmt.Errorf("set aside: %w", err)
	}
	s.mu.Lock()
	s.stats.Quarantined++
	s.mu.Unlock()
	s.log.Error("store damaged, set aside", "path", s.path, "aside", aside, "err", reason)
	if len(s.opt.SalvageCommand) == 0 {
		return createFile(s.path)
	}
	fresh := s.path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("salvage: %w", err)
	}
	// Whatever the child got across before it met something it did not survive is as good as the rest.
	err := s.child(ctx, s.opt.SalvageCommand, aside, fresh)
	if exists(fresh) && s.verify(ctx, fresh) == nil {
		s.log.Warn("store begun anew with what could be read", "path", s.path, "aside", aside, "err", err)
		return putInPlace(fresh, s.path)
	}
	s.log.Error("store not salvaged, starting empty", "path", s.path, "aside", aside, "err", err)
	return createFile(s.path)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Salvage makes a new file at to of what is readable in the damaged file at from. As [Verify] it may crash or hang,
// and belongs in a process of its own; what it got across by then is in the new file.
func Salvage(from, to string) error {
	if err := createFile(to); err != nil {
		return fmt.Errorf("salvage: %w", err)
	}
	err := guard(func() error {
		old, err := bolt.Open(from, fileMode, &bolt.Options{ReadOnly: true, Timeout: lockTimeout})
		if err != nil {
			return err
		}
		// Whoever takes the new file over syncs it; many syncs would cost minutes on a card.
		fresh, err := bolt.Open(to, fileMode, &bolt.Options{Timeout: lockTimeout, NoSync: true})
		if err != nil {
			return errors.Join(err, old.Close())
		}
		return errors.Join(salvage(old, fresh), fresh.Close(), old.Close())
	})
	if err != nil {
		return fmt.Errorf("salvage %s: %w", from, err)
	}
	return nil
}

func salvage(old, fresh *bolt.DB) error {
	var errs []error
	isKnown := false // which channel each number in a row means
	for _, name := range bucketNames() {
		if (name == rawBucket || name == quarterBucket) && !isKnown {
			continue // numbers without names would be given to other channels
		}
		err := salvageBucket(old, fresh, [][]byte{[]byte(name)})
		if name == channelBucket {
			isKnown = err == nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// salvageBucket copies the records at path that pass their checksum, then the buckets inside, each on its own: one that
// cannot be read costs only itself.
func salvageBucket(old, fresh *bolt.DB, path [][]byte) error {
	var inside [][]byte
	err := guard(func() error {
		return old.View(func(from *bolt.Tx) error {
			src := from.Bucket(path[0])
			for _, name := range path[1:] {
				if src != nil {
					src = src.Bucket(name)
				}
			}
			if src == nil {
				return fmt.Errorf("bucket %q is missing: %w", path, ErrDamaged)
			}
			return fresh.Update(func(to *bolt.Tx) (err error) {
				inside, err = copyRecords(src, to, path)
				return err
			})
		})
	})
	errs := []error{err}
	for _, name := range inside {
		errs = append(errs, salvageBucket(old, fresh, append(path[:len(path):len(path)], name)))
	}
	return errors.Join(errs...)
}

func copyRecords(src *bolt.Bucket, to *bolt.Tx, path [][]byte) (inside [][]byte, err error) {
	dst, err := to.CreateBucketIfNotExists(path[0])
	for _, name := range path[1:] {
		if err == nil {
			dst, err = dst.CreateBucketIfNotExists(name)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := dst.SetSequence(src.Sequence()); err != nil {
		return nil, err
	}
	return inside, src.ForEach(func(k, v []byte) error {
		if v == nil {
			inside = append(inside, append([]byte{}, k...))
			return nil
		}
		if _, err := unseal(k, v); err != nil {
			return nil // it is still in the file set aside
		}
		return dst.Put(k, v)
	})
}
