package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/devices/discover"
	"hearth/devices/modbus"
	"hearth/devices/profiles"
	"hearth/devices/sunspec"
)

// walkUnit looks whether a unit describes itself by SunSpec, which is read over Modbus TCP only. Each part of it is a
// thing.
func walkUnit(ctx context.Context, address modbus.Address, where string, unit int, all []*profiles.Profile) (things []discover.Thing, isThere bool) {
	target, isTCP := strings.CutPrefix(address.Line(), "tcp://")
	if u, err := url.Parse(strings.Fields(where)[0]); err != nil || u.Scheme != "tcp" || !isTCP {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, 3*probeTime)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", target)
	if err != nil {
		return nil, false
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	m, err := sunspec.Walk(ctx, &questioner{conn: conn, unit: byte(unit)})
	if err != nil {
		return nil, errors.Is(err, sunspec.ErrNotSunSpec)
	}
	var profile []*profiles.Profile
	if i := slices.IndexFunc(all, func(p *profiles.Profile) bool { return p.ID == "sunspec" }); i >= 0 {
		profile = all[i : i+1]
	}
	for _, part := range m.Parts() {
		t := discover.Thing{
			Name: m.Identity.Model + " " + string(part), Model: m.Identity.Maker + " " + m.Identity.Model + ", serial " + m.Identity.Serial, Where: where,
			Fits: profile, Params: map[string]string{"unit": strconv.Itoa(unit), "part": string(part)}, Remarks: m.Remarks,
		}
		if len(profile) == 0 {
			t.Missing = []string{fmt.Sprintf("a profile (SunSpec, unit %d, part %s)", unit, part)}
		}
		if part == sunspec.Meter || part == sunspec.Battery {
			t.Missing = append(t.Missing, "sign: 1 or -1, by what it reads while the home takes power")
		}
		t.Complete()
		things = append(things, t)
	}
	return things, true
}

// questioner reads holding registers over one connection, and can do nothing else.
type questioner struct {
	conn net.Conn
	unit byte
	id   uint16 // of the last question
}

// answerTime bounds one answer.
const answerTime = 2 * time.Second

// Read asks with function 3 (Modbus Messaging on TCP/IP V1.0b, section 3.1.3).
func (h *questioner) Read(ctx context.Context, addr, count uint16) ([]uint16, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	h.id++
	question := binary.BigEndian.AppendUint16(nil, h.id)
	question = append(question, 0, 0, 0, 6, h.unit, 3)
	question = binary.BigEndian.AppendUint16(question, addr)
	question = binary.BigEndian.AppendUint16(question, count)
	if err := h.conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return nil, err
	}
	if _, err := h.conn.Write(question); err != nil {
		return nil, err
	}
	for {
		answer, err := h.frame()
		if err != nil {
			return nil, err
		}
		if binary.BigEndian.Uint16(answer) != h.id {
			continue // to a question given up
		}
		return registersOf(answer[6:], h.unit, count)
	}
}

// frame reads one answer with its head.
func (h *questioner) frame() ([]byte, error) {
	var frame [260]byte
	if _, err := io.ReadFull(h.conn, frame[:6]); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint16(frame[4:]))
	if frame[2] != 0 || frame[3] != 0 || length < 3 || length > 254 {
		return nil, errors.New("not a Modbus answer")
	}
	if _, err := io.ReadFull(h.conn, frame[6:6+length]); err != nil {
		return nil, err
	}
	return frame[:6+length], nil
}

// registersOf are the registers of an answer from its unit on.
func registersOf(answer []byte, unit byte, count uint16) ([]uint16, error) {
	switch {
	case answer[0] == unit && answer[1] == 0x83:
		if answer[2] == 0x0A || answer[2] == 0x0B { // the gateway's, not the unit's
			return nil, errors.New("nobody answers for the unit")
		}
		return nil, sunspec.ErrRefused
	case answer[0] != unit || answer[1] != 3 || int(answer[2]) != 2*int(count) || len(answer) != 3+2*int(count):
		return nil, errors.New("an answer to another question")
	}
	out := make([]uint16, count)
	for i := range out {
		out[i] = binary.BigEndian.Uint16(answer[3+2*i:])
	}
	return out, nil
}
