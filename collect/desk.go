package collect

import (
	"fmt"
	"sync"
	"time"

	"waymark/fault"
)

// Options say what a Desk works with. Store, Blobs and Keys are required.
type Options struct {
	Store Store
	Blobs Blobs
	Keys  Keys
	Now   func() time.Time // default time.Now

	// Patience is how long this must have been the time before Sweep takes anything away for good, so that a clock that
	// jumps ahead loses no record; default 0, at once.
	Patience time.Duration
}

// Desk acts on projects, forms and records for actors. It is safe for use by many goroutines.
type Desk struct {
	options  Options
	checking chan struct{} // passwords being checked
	tries    tries
	memory   memory
	blobs    recent
	outgoing outgoing
	unused   unused
	nobody   struct {
		once sync.Once
		hash string // of no user's password, to take as long where there is no user
	}
}

// New makes a Desk. The store must have been migrated.
func New(o Options) (*Desk, error) {
	if o.Store == nil || o.Blobs == nil || o.Keys == nil {
		return nil, fmt.Errorf("make a desk: store, blobs and keys are required: %w", fault.Invalid)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Desk{options: o, checking: make(chan struct{}, passwordsAtOnce)}, nil
}

// passwordsAtOnce bounds the memory that sign-ins take.
const passwordsAtOnce = 2

func (d *Desk) now() time.Time { return d.options.Now() }

func (d *Desk) mac(purpose, s string) []byte { return d.options.Keys.Mac(purpose, []byte(s)) }
