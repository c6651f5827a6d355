package storage

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	bolt "go.etcd.io/bbolt"
)

// The buckets of schema 1. A day bucket is named by the key of the day's first instant.
//
//	meta      schema -> number
//	state     name -> value
//	channels  name -> id
//	raw       day -> time -> cells of one row
//	quarters  day -> time of the quarter hour -> cells of its rollups
//	journals  name -> day -> time, number -> record
const (
	metaBucket     = "meta"
	stateBucket    = "state"
	channelBucket  = "channels"
	rawBucket      = "raw"
	quarterBucket  = "quarters"
	journalBucket  = "journals"
	schemaKey      = "schema"
	fillAppendOnly = 0.95 // bbolt splits pages at half full unless told; keys that only grow never need the rest
)

func bucketNames() []string {
	return []string{metaBucket, stateBucket, channelBucket, rawBucket, quarterBucket, journalBucket}
}

// step takes the file from one schema to the next, in one transaction with the new number.
type step func(*bolt.Tx) error

// steps are the migrations in order; the first leads from schema 1 to 2. There is none yet.
func steps() []step { return nil }

// create makes the buckets of an empty file, which then has the newest schema.
func create(tx *bolt.Tx) error {
	for _, name := range bucketNames() {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	return putSchema(tx, uint64(1+len(steps())))
}

// migrate brings the file to the newest schema; one from the future is ErrNewerSchema.
func migrate(db *bolt.DB, steps []step) error {
	var at uint64
	if err := db.View(func(tx *bolt.Tx) (err error) {
		at, err = schemaOf(tx)
		return err
	}); err != nil {
		return err
	}
	newest := uint64(1 + len(steps))
	if at > newest {
		return fmt.Errorf("schema %d, this version knows %d: %w", at, newest, ErrNewerSchema)
	}
	for ; at < newest; at++ {
		if err := db.Update(func(tx *bolt.Tx) error {
			if err := steps[at-1](tx); err != nil {
				return err
			}
			return putSchema(tx, at+1)
		}); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", at+1, err)
		}
	}
	return nil
}

func schemaOf(tx *bolt.Tx) (uint64, error) {
	meta := tx.Bucket([]byte(metaBucket))
	if meta == nil {
		return 0, fmt.Errorf("bucket %s is missing: %w", metaBucket, ErrDamaged)
	}
	body, err := unseal([]byte(schemaKey), meta.Get([]byte(schemaKey)))
	if err != nil || len(body) != 8 {
		return 0, fmt.Errorf("schema number: %w", ErrDamaged)
	}
	at := binary.BigEndian.Uint64(body)
	if at == 0 {
		return 0, fmt.Errorf("schema number: %w", ErrDamaged)
	}
	return at, nil
}

func putSchema(tx *bolt.Tx, n uint64) error {
	key := []byte(schemaKey)
	return tx.Bucket([]byte(metaBucket)).Put(key, seal(key, binary.BigEndian.AppendUint64(nil, n)))
}

// recordVersion begins every sealed value, so that a later format can be told from this one.
const recordVersion = 1

// seal frames a value: version, body, CRC-32C over key, version and body. bbolt itself has checksums for
// its two meta pages only; with the key inside, a value that turns up under another key is noticed too.
func seal(key, body []byte) []byte {
	out := make([]byte, 0, len(body)+5)
	out = append(append(out, recordVersion), body...)
	return binary.BigEndian.AppendUint32(out, checksum(key, out))
}

// unseal is the body of a sealed value, still inside it; ErrDamaged when it is not what was sealed.
func unseal(key, sealed []byte) ([]byte, error) {
	n := len(sealed) - 4
	if n < 1 || sealed[0] != recordVersion || binary.BigEndian.Uint32(sealed[n:]) != checksum(key, sealed[:n]) {
		return nil, ErrDamaged
	}
	return sealed[1:n], nil
}

func checksum(key, framed []byte) uint32 {
	castagnoli := crc32.MakeTable(crc32.Castagnoli) // built once by the library
	return crc32.Update(crc32.Update(0, castagnoli, key), castagnoli, framed)
}
