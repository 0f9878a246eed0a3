// Package suppress knows which numbers of a set of tables must be held back so that no small count of people
// can be worked out from the rest. It must not know what the counts are about, nor files, words or policies:
// it sees counts, the sums that any reader knows to hold between them, and the outputs that would tell them.
//
// A Problem is a linear system. Counts are unknowns, zero or more; each Sum says that some counts add to
// another; each Output, when published, tells its reader the values of some counts. Protect hides outputs
// until, for every sensitive count, a reader who knows all sums and all published counts can prove no
// interval narrower than Options.Width, and none who contributes the only person to a sensitive count can
// work out another sensitive count. How it does so, and what it does not cover, is in docs/methods/suppression.md.
//
// Invariants:
//
//  1. An output that is Unsafe is hidden; one that is Fixed is not.
//  2. A verdict of the audit that cannot be established by arithmetic counts as a failure: doubt hides more.
//  3. Protect ends: every round hides at least one output more, and with nothing published nothing is known.
//
// References: Fischetti and Salazar (2001), Solving the cell suppression problem on tabular data with linear
// constraints, Management Science 47(7); Hundepool et al. (2012), Statistical Disclosure Control, Wiley, ch. 4.
package suppress

import (
	"errors"
	"fmt"
	"math"
)

// Count is an unknown number of people (or of anything that is never negative).
type Count struct {
	Value     float64 // what it truly is
	Sensitive bool    // a reader must not be able to bound it closely
}

// Sum says that the counts Parts add to the count Whole, and that every reader knows it.
type Sum struct {
	Whole int
	Parts []int
}

// Output is one number that asks to be published.
type Output struct {
	Tells  []int   // the counts its reader knows from it
	Cost   float64 // what is lost by hiding it, above zero; 0 is taken as 1
	Unsafe bool    // to be hidden whatever else is
	Fixed  bool    // published already: it cannot be hidden
}

// Problem is everything that is to be published together, with what was published before.
type Problem struct {
	Counts  []Count
	Sums    []Sum
	Outputs []Output
}

// Options are the demands of the audit.
type Options struct {
	// Width is the narrowest interval that a reader may prove for a sensitive count, in people; at least 1.
	// For whole counts it is reckoned between whole numbers. 0 means 1.
	Width float64
	// Near is in how large a neighbourhood, in unknown counts, a proof of safety is looked for first. It
	// changes how much work is done and how much more than needed is hidden, never what is safe. 0 means 60.
	Near int
}

// Result says what Protect hid.
type Result struct {
	Hidden      []bool // per output
	Secondary   []bool // per output: hidden, though not Unsafe
	Known       []bool // per count: told by a published output
	Unprotected []int  // sensitive counts that Fixed outputs alone give away; empty otherwise
	Rounds      int    // audits of the whole system
}

// ErrProblem marks a Problem that cannot be: an index out of range, a negative count, a false sum.
var ErrProblem = errors.New("not a system of counts")

// Protect hides outputs until the audit passes. The problem is not changed.
func Protect(p Problem, o Options) (Result, error) {
	if err := p.check(); err != nil {
		return Result{}, err
	}
	if o.Width < 1 {
		o.Width = 1
	}
	if o.Near < 1 {
		o.Near = defaultNear
	}
	s := newSystem(p, o)
	s.closeSums()
	rounds := s.repair()
	s.restore()
	res := Result{Hidden: s.hidden, Known: s.known(), Unprotected: s.given, Rounds: rounds,
		Secondary: make([]bool, len(s.hidden))}
	for i, h := range s.hidden {
		res.Secondary[i] = h && !p.Outputs[i].Unsafe
	}
	return res, nil
}

func (p Problem) check() error {
	in := func(i int) bool { return i >= 0 && i < len(p.Counts) }
	for i, c := range p.Counts {
		if !(c.Value >= 0) || math.IsInf(c.Value, 0) {
			return fmt.Errorf("count %d is negative or not a number: %w", i, ErrProblem)
		}
	}
	for i, s := range p.Sums {
		if !in(s.Whole) {
			return fmt.Errorf("sum %d: no count %d: %w", i, s.Whole, ErrProblem)
		}
		total := 0.0
		for _, k := range s.Parts {
			if !in(k) || k == s.Whole {
				return fmt.Errorf("sum %d: part %d is not another count: %w", i, k, ErrProblem)
			}
			total += p.Counts[k].Value
		}
		if math.Abs(total-p.Counts[s.Whole].Value) > 1e-6*(1+total) {
			return fmt.Errorf("sum %d does not hold: %w", i, ErrProblem)
		}
	}
	for i, out := range p.Outputs {
		for _, k := range out.Tells {
			if !in(k) {
				return fmt.Errorf("output %d tells no count %d: %w", i, k, ErrProblem)
			}
		}
		if out.Fixed && out.Unsafe {
			return fmt.Errorf("output %d is both fixed and unsafe: %w", i, ErrProblem)
		}
	}
	return nil
}
