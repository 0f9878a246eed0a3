package glmm

import (
	"math"

	"waymark/fault"
)

// integral is a criterion whose discretisation can be made finer.
type integral interface {
	criterion
	refine()
	count() int
}

func (f *twoFactors) refine()    { f.fine /= 2 }
func (f *twoFactors) count() int { return f.points }
func (f *oneFactor) refine()     { f.step /= 2 }
func (f *oneFactor) count() int  { return f.points }

// certify halves the steps of an exact integral until the log-likelihood at the estimate no longer changes by more
// than 1e-8, searching on at each finer step, and says so.
func (m *Model) certify(run *search) {
	f, ok := m.crit.(integral)
	if !ok || !m.Exact {
		return
	}
	if !(run.decrement < 1e-4) || m.running(run) {
		return // there is no maximum to be certain of
	}
	const limit = 4
	searches := 0
	allowed := math.Max(1e-8, 1e-13*math.Abs(m.value))
	for range limit {
		m.Levels = f.count()
		before := m.value
		f.refine()
		run.value, run.gradient = f.evaluate(m.x)
		run.evaluations++
		change := math.Abs(run.value - before)
		if change <= allowed {
			m.value = run.value
			m.say(CodeExact, fault.Soft, map[string]any{"points": m.Levels, "change": rounded(change)})
			return
		}
		if change < 1e-4 && m.inverse != nil {
			for range 4 {
				if decrement, ok := newtonStep(f.evaluate, run, m.inverse); !ok || decrement < 1e-14 {
					break
				}
			}
			m.x, m.value = run.x, run.value
			continue
		}
		if searches++; searches > 2 || run.gradient == nil {
			break
		}
		again := m.minimiseFrom(m.x, m.inverseOrStart(), 1e-6)
		again.iterations += run.iterations
		again.evaluations += run.evaluations
		*run = *again
		m.settle(run)
	}
	m.say(CodeNotExact, fault.Hard, map[string]any{"change": rounded(math.Abs(run.value - m.value))})
}

func (m *Model) inverseOrStart() []float64 {
	if m.inverse != nil {
		return append([]float64(nil), m.inverse...)
	}
	_, inverse := m.start()
	return inverse
}
