package push

import (
	"context"
	"log/slog"
	"time"

	"hearth/openadr"
)

// Parts is what a way of being told works with. Each way wants a Pace of its own.
type Parts struct {
	Client Client
	Store  Store // of a [Webhook] only
	Clock  Clock
	Pace   Pace
	Bell   *Bell // shared by all ways of one VTN
	Log    *slog.Logger
}

// Client speaks with a VTN; [*openadr.Client] is one.
type Client interface {
	Subscriptions(ctx context.Context, clientName string) (openadr.List[openadr.Subscription], error)
	CreateSubscription(ctx context.Context, s openadr.Subscription) (openadr.Subscription, error)
	DeleteSubscription(ctx context.Context, id string) error

	Notifiers(ctx context.Context) (openadr.Notifiers, error)
	MQTTLogin(ctx context.Context, a openadr.MQTTAuthentication) (username string, password openadr.Secret, err error)
	TopicsOfVEN(ctx context.Context, venID, objects string) (openadr.Topics, error)
	TopicsOfProgram(ctx context.Context, programID, objects string) (openadr.Topics, error)
	TopicsOfEvents(ctx context.Context) (openadr.Topics, error)
}

// Store keeps bytes over a restart. Put is called only when something changed.
type Store interface {
	Get(key string) (value []byte, isFound bool, err error)
	Put(key string, value []byte) error
}

// Clock waits. What must be quick, and the limits of the wire, go by the machine's own.
type Clock interface {
	Sleep(ctx context.Context, d time.Duration) error
}

// Pace says how long to wait after a try that ended with err, nil for a good one. An error may ask for
// patience of its own: errors.As finds RetryAfter() time.Duration in it.
type Pace interface {
	Next(err error) time.Duration
}
