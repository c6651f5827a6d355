package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"hearth/openadr"
	"hearth/openadr/vtn"
)

// publish puts the objects of a file on the VTN.
func publish(v *vtn.VTN, name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var file struct {
		Programs []openadr.Program `json:"programs"`
		Events   []openadr.Event   `json:"events"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(file.Programs) == 0 {
		return fmt.Errorf("%s: holds no programs", name)
	}
	for _, p := range file.Programs {
		v.PutProgram(p)
	}
	for _, e := range file.Events {
		v.Put(e)
	}
	return nil
}

// load takes the state of a file; false if there is none yet.
func load(v *vtn.VTN, name string) (isThere bool, err error) {
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return true, err
	}
	if err := v.Load(text); err != nil {
		return true, fmt.Errorf("%s: %w", name, err)
	}
	return true, nil
}

// save writes the state beside the file and then puts it in its place, so that a power cut leaves the old or the new.
func save(v *vtn.VTN, name string) (err error) {
	text, err := v.Save()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // for the owner only: it holds bearer tokens
	if err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("save state: %w", err)
	}
	return syncFolder(filepath.Dir(name))
}

// syncFolder makes the new name last.
func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	return nil
}
