package push

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"hearth/openadr"
)

// BrokerConfig says how to listen at the VTN's broker. The VTN itself says where that is.
type BrokerConfig struct {
	// ClientID is of MQTT, and ours alone: two of one id keep throwing each other out. Empty: a random one.
	ClientID string

	// AllowPlain permits brokers without TLS beyond loopback: a token that they ask for can then be read on the
	// way.
	AllowPlain bool

	CAFile string // PEM certificates trusted instead of the system's, where the VTN hands out none

	// VENID is our id at the VTN, for the topics of what we may see; nil or an empty id: none.
	VENID func() string
	// Programs are the ids of those that are followed, for their topics; nil: none.
	Programs func() []string
}

// Broker listens to what the VTN tells over MQTT. Its methods are safe for concurrent use.
type Broker struct {
	life
	cfg   BrokerConfig
	roots *x509.CertPool // nil: the system's
	heard atomic.Uint64

	// steady is how long a connection must have lasted for its loss to be a first one. A broker that takes us and
	// throws us out at once must not make us poll every few seconds.
	steady time.Duration
}

// NewBroker checks the configuration and reads the file it names. It does not connect.
func NewBroker(cfg BrokerConfig, parts Parts) (*Broker, error) {
	b := &Broker{life: newLife("mqtt", parts), cfg: cfg, steady: time.Minute}
	if cfg.ClientID == "" {
		b.cfg.ClientID = "hearth" + rand.Text()[:17] // 23 letters and digits, which every broker takes (MQTT 3.1.1, section 3.1.3.1)
	}
	if cfg.CAFile != "" {
		pem, err := os.ReadFile(cfg.CAFile)
		if err != nil {
			return nil, fmt.Errorf("mqtt: ca file: %w", err)
		}
		b.roots = x509.NewCertPool()
		if !b.roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("mqtt: ca file %s: holds no PEM certificate", cfg.CAFile)
		}
	}
	return b, nil
}

// lookAgain is how long it takes to see that a VTN has a broker now, or another one.
const lookAgain = 24 * time.Hour

// Run keeps the connection until ctx ends or Close; then it returns nil. Where the VTN has no broker for us, it is
// asked again after a day.
func (b *Broker) Run(ctx context.Context) error {
	b.run(ctx, func(ctx context.Context) time.Duration {
		lasted, err := b.session(ctx)
		if ctx.Err() != nil {
			return 0
		}
		if lasted >= b.steady {
			b.parts.Pace.Next(nil)
		}
		switch {
		case errors.Is(err, errMoved):
			return 0
		case openadr.KindOf(err) == openadr.NoMQTT:
			b.note(nil) // which is usual, and nothing to fix
			return lookAgain
		case errors.Is(err, errUnfit):
			b.note(err)
			return lookAgain
		}
		b.note(err)
		return b.parts.Pace.Next(err)
	}, func(context.Context) {})
	return nil
}

// Heard counts the messages that came since the broker was made, but for what a broker had retained.
func (b *Broker) Heard() uint64 { return b.heard.Load() }

var (
	errUnfit = errors.New("no broker that may be used")
	errMoved = errors.New("the VTN names another broker, or other topics")
)
