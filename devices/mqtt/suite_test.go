package mqtt

import (
	"testing"

	"hearth/devices/devicetest"
)

func TestSuite_InProcessBroker(t *testing.T) {
	t.Parallel()
	devicetest.Run(t, factory(func(t *testing.T) string { return quickBroker(t) }))
}

func TestSuite_Mosquitto(t *testing.T) {
	t.Parallel()
	devicetest.Run(t, factory(func(t *testing.T) string { return startMosquitto(t, "allow_anonymous true").url }))
}
