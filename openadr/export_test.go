package openadr

import "time"

// Hurry shortens the limits of the phases of a request.
func (c *Config) Hurry(connect, handshake, header time.Duration) {
	c.phases = phases{connect: connect, handshake: handshake, header: header}
}
