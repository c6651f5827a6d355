package storage_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"hearth/energy"
	"hearth/storage"
)

type stopped time.Time

func (c stopped) Now() time.Time { return time.Time(c) }

func Example() {
	folder, err := os.MkdirTemp("", "hearth")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	store, err := storage.Open(context.Background(), filepath.Join(folder, "hearth.db"), storage.Options{
		Clock: stopped(now), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()

	store.Record(now, map[string]float64{"grid.power": -350, "car.power": 11000})
	store.Record(now.Add(10*time.Second), map[string]float64{"grid.power": -330})
	err = store.Rollups("grid.power", energy.Span(now, time.Hour), func(r storage.Rollup) bool {
		fmt.Println(r.Slot.Start.Format("15:04"), energy.Watts(r.Mean()))
		return true
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: 12:00 -340W
}
