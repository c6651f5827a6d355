package modbus

import (
	"errors"
	"fmt"
	"time"

	"github.com/goburrow/modbus"

	"hearth/devices"
)

// backoff remembers a failure for as long as a pace says.
type backoff struct {
	pace         devices.Pace
	cause        error // nil while all is well
	since, until time.Time
}

func (b *backoff) note(now time.Time, err error) {
	if err == nil && b.cause == nil {
		return
	}
	wait := b.pace.Next(err)
	b.cause, b.since, b.until = err, now, now.Add(wait)
}

// check is the failure while the wait lasts. A clock that was set back ends it.
func (b *backoff) check(now time.Time) error {
	if b.cause == nil || !now.Before(b.until) || now.Before(b.since) {
		return nil
	}
	return fmt.Errorf("waiting until %s: %w", b.until.Format(time.TimeOnly), b.cause)
}

// exceptionOf is the exception code with which a device refused.
func exceptionOf(err error) (code byte, isException bool) {
	var e *modbus.ModbusError
	if !errors.As(err, &e) {
		return 0, false
	}
	return e.ExceptionCode, true
}

// isUnsupported says that asking again will not help (Modbus Application Protocol V1.1b3, section 7).
func isUnsupported(code byte) bool {
	return code == modbus.ExceptionCodeIllegalFunction || code == modbus.ExceptionCodeIllegalDataAddress ||
		code == modbus.ExceptionCodeIllegalDataValue
}

// isUnitTrouble says that the device, or the path behind a gateway, is down rather than busy.
func isUnitTrouble(code byte) bool {
	return code == modbus.ExceptionCodeServerDeviceFailure || code == modbus.ExceptionCodeGatewayPathUnavailable ||
		code == modbus.ExceptionCodeGatewayTargetDeviceFailedToRespond
}
