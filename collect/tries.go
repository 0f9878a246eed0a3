package collect

import (
	"strings"
	"sync"
	"time"

	"waymark/fault"
)

// tries slows those down who guess: after some failures of an account or from an address it asks for a wait
// that doubles with each further one. It holds no password; it is lost when the program stops.
type tries struct {
	lock sync.Mutex
	of   map[string]try
}

type try struct {
	failures int
	last     time.Time
	until    time.Time
}

const (
	freeTries        = 5  // failures of an account before the first wait
	freeTriesAddress = 25 // failures from an address before the first wait
	firstWait        = 2 * time.Second
	longestWait      = 15 * time.Minute
	triesForget      = time.Hour // after which failures no longer count
	triesKept        = 20_000    // accounts and addresses looked at, at most
)

// allow refuses with fault.Unavailable while one of the names has to wait.
func (t *tries) allow(now time.Time, names ...string) error {
	t.lock.Lock()
	defer t.lock.Unlock()
	for _, n := range names {
		if wait := t.of[n].until.Sub(now); wait > 0 && wait <= longestWait { // longer ones are of a clock that was ahead
			seconds := int((wait + time.Second - 1) / time.Second)
			return fault.Issue{Code: CodeTooManyTries, Args: map[string]any{"seconds": seconds}, Kind: fault.Unavailable}
		}
	}
	return nil
}

// failed counts a failure for each name.
func (t *tries) failed(now time.Time, names ...string) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if t.of == nil {
		t.of = map[string]try{}
	}
	if len(t.of) > triesKept {
		for n, one := range t.of {
			if now.Sub(one.last) > triesForget || len(t.of) > triesKept {
				delete(t.of, n)
			}
		}
	}
	for _, n := range names {
		one := t.of[n]
		if now.Sub(one.last) > triesForget {
			one = try{}
		}
		one.failures++
		one.last = now
		free := freeTries
		if strings.HasPrefix(n, "address:") { // many may sit behind one
			free = freeTriesAddress
		}
		if over := one.failures - free; over >= 0 {
			wait := longestWait
			if over < 9 {
				wait = min(firstWait<<over, longestWait)
			}
			one.until = now.Add(wait)
		}
		t.of[n] = one
	}
}

// succeeded forgets the failures of a name.
func (t *tries) succeeded(name string) {
	t.lock.Lock()
	defer t.lock.Unlock()
	delete(t.of, name)
}
