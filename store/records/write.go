package records

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/trust/audit"
)

// mostTogether bounds how many writes share one commit, so that none waits long for the others.
const mostTogether = 128

// write is one call of Write that waits for its commit.
type write struct {
	ctx  context.Context
	act  func(collect.Tx) error
	done chan struct{}
	err  error
	// panicked is what act panicked with; it goes on in the goroutine that called Write
	panicked any
}

// Write runs a function in a transaction that is durable when it returns nil (invariant 1).
func (s *Store) Write(ctx context.Context, act func(collect.Tx) error) error {
	w := &write{ctx: ctx, act: act, done: make(chan struct{})}
	if err := s.queue(ctx, w); err != nil {
		return err
	}
	<-w.done
	if w.panicked != nil {
		panic(w.panicked)
	}
	return w.err
}

// queue lets a write wait for its commit, unless the store is being closed.
func (s *Store) queue(ctx context.Context, w *write) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return fault.Issue{Code: CodeClosed, Kind: fault.Unavailable}
	}
	select {
	case s.writes <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run is the goroutine of the writer. It ends when Close is called, after the writes that wait by then.
func (s *Store) run() {
	defer close(s.stopped)
	var r *session
	defer func() {
		if r != nil {
			r.close()
		}
	}()
	for {
		var first *write
		select {
		case first = <-s.writes:
		case <-s.quit:
			select {
			case first = <-s.writes:
			default:
				return
			}
		}
		batch := s.gather(first)
		if len(batch) == 0 {
			continue
		}
		var err error
		fresh := r == nil
		if fresh {
			r, err = s.connect(context.Background())
		}
		if err == nil {
			err = s.commit(r, batch)
		}
		if errors.Is(err, errBegin) && !fresh { // the connection died while it lay idle: once more with a new one
			r.close()
			if r, err = s.connect(context.Background()); err == nil {
				err = s.commit(r, batch)
			}
		}
		if err != nil {
			if r != nil {
				r.close()
				r = nil
			}
			time.Sleep(idleWait)
		}
		for _, w := range batch {
			if err != nil && w.err == nil {
				w.err = s.explain(err)
			}
			close(w.done)
		}
	}
}

// gather takes the writes that wait, those left out whose callers have gone.
func (s *Store) gather(first *write) []*write {
	var batch []*write
	for w := first; ; {
		if w.err = w.ctx.Err(); w.err != nil {
			close(w.done)
		} else {
			batch = append(batch, w)
		}
		if len(batch) == mostTogether {
			return batch
		}
		select {
		case w = <-s.writes:
		default:
			return batch
		}
	}
}

// errBegin says that a transaction did not begin, so that nothing was tried.
var errBegin = errors.New("begin to write")

// commit runs the writes of a batch in one transaction. An error means that none of them is kept and the connection
// is not to be used again; a write's own error is left with it (invariant 2).
func (s *Store) commit(r *session, batch []*write) error {
	ctx := context.Background() // a caller that leaves does not stop the others
	if err := r.together(ctx, s.dialect, s.dialect.BeginWrite); err != nil {
		return fmt.Errorf("%w: %w", errBegin, err)
	}
	t := &tx{ctx: ctx, session: r, store: s, numbers: s.tables.known(), writes: true}
	kept, err := s.perform(r, t, batch)
	if err == nil && kept > 0 {
		err = t.settle()
	}
	t.over = true
	if err != nil {
		return err
	}
	if kept == 0 {
		if err := r.run(ctx, []string{"ROLLBACK"}); err != nil {
			return fmt.Errorf("roll back: %w", err)
		}
		return nil
	}
	if err := r.run(ctx, []string{"COMMIT"}); err != nil {
		_ = r.run(ctx, []string{"ROLLBACK"})
		return fmt.Errorf("commit: %w", err)
	}
	s.tables.add(t.made)
	return nil
}

// perform calls the writes of a batch, each in a savepoint, and says how many are to be kept. One alone needs no
// savepoint: it is kept or rolled back whole.
func (s *Store) perform(r *session, t *tx, batch []*write) (kept int, err error) {
	if len(batch) == 1 {
		w := batch[0]
		if w.perform(t); w.err != nil {
			w.err = s.explain(w.err)
			return 0, nil
		}
		return 1, nil
	}
	if err := r.run(t.ctx, []string{"SAVEPOINT one"}); err != nil {
		return 0, fmt.Errorf("set savepoint: %w", err)
	}
	for i, w := range batch {
		before := t.mark()
		if w.perform(t); w.err != nil {
			w.err = s.explain(w.err)
			if err := r.run(t.ctx, []string{"ROLLBACK TO one"}); err != nil { // the database gave up the whole transaction
				return 0, fmt.Errorf("go back to savepoint: %w", w.err)
			}
			t.back(before)
			continue // the savepoint is still there
		}
		kept++
		next := []string{"RELEASE one", "SAVEPOINT one"}
		if i == len(batch)-1 {
			next = next[:1]
		}
		if err := r.together(t.ctx, s.dialect, next); err != nil {
			return 0, fmt.Errorf("keep savepoint: %w", err)
		}
	}
	return kept, nil
}

// perform calls the function of a write. A panic is kept, rolled back like an error, and goes on in its caller.
func (w *write) perform(t *tx) {
	defer func() {
		if w.panicked = recover(); w.panicked != nil {
			w.err = fmt.Errorf("write: panicked: %w", fault.Unavailable)
		}
	}()
	w.err = w.act(t)
}

// mark is what a Tx holds beside the database, to go back to.
type mark struct {
	chain audit.Head
	held  bool
	made  map[tableKey]int64
	fresh map[int64]tableKey
	count map[tableKey]int64
}

func (t *tx) mark() mark {
	m := mark{held: t.chain != nil, made: copied(t.made), fresh: copied(t.fresh), count: copied(t.counts)}
	if t.chain != nil {
		m.chain = t.chain.Head()
	}
	return m
}

func (t *tx) back(m mark) {
	t.made, t.fresh, t.counts = m.made, m.fresh, m.count
	if !m.held {
		t.chain = nil
	} else {
		t.chain.Back(m.chain)
	}
}

// copied copies the small maps of a transaction.
func copied[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return nil
	}
	out := make(map[K]V, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}
