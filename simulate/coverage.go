package simulate

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"

	"waymark/fault"
	"waymark/stat/effect"
	"waymark/stat/formula"
	"waymark/stat/glm"
	"waymark/stat/glmm"
)

// CoverageOptions say how a study of coverage is done.
type CoverageOptions struct {
	Replicates int         // surveys drawn and refitted, 2 or more
	Seed       uint64      // replicate r draws from the source PCG(Seed, r), r from 1
	Threads    int         // goroutines; 0: one. Does not change a result
	Method     glmm.Method // of the refits
	// Progress is told of each survey refitted, from one goroutine at a time; nil for none.
	Progress func(done, of int)
}

// Coverage is how well a model's own estimates and intervals find the truth that surveys were drawn from.
type Coverage struct {
	Replicates int
	Used       int // whose fit found a maximum; only these are counted below
	Singular   int // of them with a group standard deviation of zero
	Method     string
	// MonteCarlo is the standard error that the number of replicates leaves to a coverage of 95 %.
	MonteCarlo   float64
	Coefficients []Recovery
	Groups       []Recovery // standard deviations of the random intercepts
}

// Recovery is one parameter: its truth, and what the refits said of it.
type Recovery struct {
	Name    string
	Truth   float64
	Bias    float64 // mean of the estimates less the truth
	SD      float64 // of the estimates
	MeanSE  float64 // mean of the standard errors that the fits gave
	Covered float64 // share of the 95 % intervals that hold the truth
	Fits    int     // with an interval
	// DF is how many degrees of freedom the groups leave a coefficient that mostly varies between them (see
	// effect.BetweenGroups), and CoveredSmall the share of the intervals for small samples (Between.Width) that hold the
	// truth; 0 and Covered where it varies within groups, and for standard deviations.
	DF           int
	CoveredSmall float64
}

// CodeNoReplicate says that no survey drawn from a model could be refitted.
const CodeNoReplicate fault.Code = "simulate.no-replicate"

const normal95 = 1.959963984540054 // 97.5 % point of the normal distribution

// Cover draws surveys from parameters over the rows of a design, refits each, and counts. Intervals are those
// that a fit prints: estimate and 1.96 standard errors for a coefficient; for a standard deviation the same on
// the scale of its logarithm, exp(log s +- 1.96 SE(s)/s), since it cannot be negative (near zero it reaches
// from zero to any size, and holds the truth). See
// docs/methods/coverage.md.
func Cover(ctx context.Context, d *formula.Design, truth glmm.Parameters, o CoverageOptions) (*Coverage, error) {
	found := make([]*refit, o.Replicates)
	var group sync.WaitGroup
	var lock sync.Mutex
	next, done := 0, 0
	for range max(1, o.Threads) {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				lock.Lock()
				r := next
				next++
				lock.Unlock()
				if r >= o.Replicates || ctx.Err() != nil {
					return
				}
				drawn := glmm.SimulateDesign(d, truth, rand.NewPCG(o.Seed, uint64(r)+1))
				found[r] = fitAgain(drawn, truth, o.Method)
				lock.Lock()
				done++
				if o.Progress != nil {
					o.Progress(done, o.Replicates)
				}
				lock.Unlock()
			}
		}()
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return summary(d, truth, found)
}

// refit is what one survey gave.
type refit struct {
	coef, se, sd, sdError []float64
	method                string
	singular              bool
}

// fitAgain fits a survey; nil where there is no maximum to speak of.
func fitAgain(d *formula.Design, truth glmm.Parameters, method glmm.Method) *refit {
	if len(d.Random) == 0 {
		m, err := glm.Fit(d, glm.Options{Family: glm.Binomial})
		if err != nil || !m.Converged || doubtful(m.Verdicts) {
			return nil
		}
		return &refit{coef: m.Coef, se: m.SE, method: "ml"}
	}
	m, err := glmm.Fit(d, glmm.Options{Family: truth.Family, Method: method, NoCheck: true})
	if err != nil || !m.Converged() || doubtful(m.Verdicts) {
		return nil
	}
	out := &refit{coef: m.Coef(), se: m.SE(), method: m.MethodName()}
	for _, r := range m.Random {
		out.sd = append(out.sd, r.SD[0])
		out.sdError = append(out.sdError, r.SDError[0])
		out.singular = out.singular || r.Singular
	}
	return out
}

func doubtful(verdicts []glm.Verdict) bool {
	for _, v := range verdicts {
		if v.Severity == fault.Hard || v.Code == glm.CodeSeparation {
			return true
		}
	}
	return false
}

// summary counts, in the order of the replicates, so that threads do not change a sum.
func summary(d *formula.Design, truth glmm.Parameters, found []*refit) (*Coverage, error) {
	c := &Coverage{Replicates: len(found)}
	for _, f := range found {
		if f == nil {
			continue
		}
		c.Used++
		c.Method = f.method
		if f.singular {
			c.Singular++
		}
	}
	if c.Used == 0 {
		return nil, fault.Issue{Code: CodeNoReplicate, Args: map[string]any{"replicates": len(found)}}
	}
	c.MonteCarlo = math.Sqrt(0.95 * 0.05 / float64(c.Used))
	rests := effect.BetweenGroups(d)
	for k, name := range d.Names {
		if math.IsNaN(truth.Coef[k]) {
			continue
		}
		t := tally{truth: truth.Coef[k]}
		wide := rests[k].Width(0.95)
		held := 0.0
		for _, f := range found {
			if f == nil {
				continue
			}
			off := math.Abs(f.coef[k] - t.truth)
			t.add(f.coef[k], f.se[k], off <= normal95*f.se[k])
			held += number(off <= wide*f.se[k])
		}
		r := t.recovery(name)
		r.DF, r.CoveredSmall = rests[k].DF, held/t.n
		c.Coefficients = append(c.Coefficients, r)
	}
	for g := range d.Random {
		t := tally{truth: truth.Factors[g][0][0]}
		for _, f := range found {
			if f != nil {
				s, se := f.sd[g], f.sdError[g]
				t.add(s, se, s > 0 && math.Abs(math.Log(s/t.truth)) <= normal95*se/s)
			}
		}
		r := t.recovery(d.Random[g].Label)
		r.CoveredSmall = r.Covered
		c.Groups = append(c.Groups, r)
	}
	return c, nil
}

// tally sums what refits said of one parameter. Means and squares are of the error, not of the estimate, so
// that nothing cancels.
type tally struct {
	truth                    float64
	n, sum, square, se, held float64
}

func (t *tally) add(estimate, se float64, holds bool) {
	if math.IsNaN(estimate) || math.IsNaN(se) {
		return
	}
	off := estimate - t.truth
	t.n++
	t.sum += off
	t.square += off * off
	t.se += se
	if holds {
		t.held++
	}
}

func (t *tally) recovery(name string) Recovery {
	mean := t.sum / t.n
	return Recovery{Name: name, Truth: t.truth, Bias: mean, SD: math.Sqrt(max(0, t.square-t.n*mean*mean) / (t.n - 1)),
		MeanSE: t.se / t.n, Covered: t.held / t.n, Fits: int(t.n)}
}
