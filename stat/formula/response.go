package formula

import (
	"math"
	"strings"

	"waymark/fault"
)

// wholeTolerance is how far a number of successes may be from a whole number: R warns from there on.
const wholeTolerance = 1e-3

// response fills Y and Trials and checks them against the kind of response.
func (b *builder) response() error {
	d, v := b.design, b.left
	if b.failure != nil {
		return b.grouped()
	}
	trials := b.options.Weights != "" && b.options.WeightsKind == Trials
	if trials && b.options.Response != Binary {
		return of(CodeTrialsKind, b.options.Weights, "variable", b.options.Weights)
	}
	if v.factor != nil {
		if b.options.Response != Binary {
			return of(CodeResponseFactor, v.column, "variable", v.column)
		}
		if trials {
			return of(CodeTrialsKind, b.options.Weights, "variable", b.options.Weights)
		}
		return b.factorResponse()
	}
	switch y := b.take(v); b.options.Response {
	case Continuous:
		d.Y = y
		return nil
	case Count:
		d.Y = y
		if err := b.notNegative(y, v); err != nil {
			return err
		}
		return count(y, CodeNotWhole, v, notWhole)
	default:
		if trials {
			return b.shares(y)
		}
		if err := count(y, CodeNotBinary, v, func(x float64) bool { return x != 0 && x != 1 }); err != nil {
			return b.notBinary(y, err)
		}
		d.Y = y
	}
	return b.notConstant()
}

// notBinary tells a share that wants trials from numbers that are no outcome.
func (b *builder) notBinary(y []float64, otherwise error) error {
	for _, x := range y {
		if x < 0 || x > 1 {
			return otherwise
		}
	}
	return of(CodeNoTrials, b.left.column, "variable", b.left.label)
}

func (b *builder) notConstant() error {
	y := b.design.Y
	for _, x := range y {
		if x != y[0] {
			return nil
		}
	}
	return of(CodeResponseConstant, b.left.column, "variable", b.left.label)
}

// factorResponse takes the first level as failure and every other as success, as R does.
func (b *builder) factorResponse() error {
	d, f := b.design, b.left.factor
	if len(f.levels) < 2 {
		return of(CodeResponseConstant, b.left.column, "variable", b.left.label)
	}
	d.Success = strings.Join(f.levels[1:], ", ")
	d.Y = make([]float64, b.used)
	each(b.index, b.used, func(u, i int) {
		if f.at(i) != 0 {
			d.Y[u] = 1
		}
	})
	return nil
}

// grouped fills the response from cbind(successes, failures).
func (b *builder) grouped() error {
	d := b.design
	if b.options.Response != Binary {
		return of(CodeResponseFactor, b.left.column, "variable", d.Response)
	}
	if b.options.Weights != "" && b.options.WeightsKind == Trials {
		return of(CodeTrialsKind, b.options.Weights, "variable", b.options.Weights)
	}
	for _, v := range []*variable{b.left, b.failure} {
		if v.factor != nil {
			return of(CodeNotNumeric, v.column, "variable", v.column)
		}
		values := b.take(v)
		if err := b.notNegative(values, v); err != nil {
			return err
		}
		if err := count(values, CodeNotWhole, v, notWhole); err != nil {
			return err
		}
		if d.Y == nil {
			d.Y = rounded(values)
			continue
		}
		d.Trials = rounded(values)
		for i, y := range d.Y {
			d.Trials[i] += y
		}
	}
	return b.someOfEach()
}

// shares fills the response from a share and a column of trials.
func (b *builder) shares(share []float64) error {
	d := b.design
	if err := count(share, CodeProportion, b.left, func(x float64) bool { return x < 0 || x > 1 }); err != nil {
		return err
	}
	trials := b.take(b.weights)
	if err := b.notNegative(trials, b.weights); err != nil {
		return err
	}
	if err := count(trials, CodeNotWhole, b.weights, notWhole); err != nil {
		return err
	}
	d.Trials, d.Y = rounded(trials), make([]float64, len(share))
	for i, p := range share {
		d.Y[i] = p * d.Trials[i]
	}
	if err := count(d.Y, CodeNotWhole, b.left, notWhole); err != nil {
		return err
	}
	d.Y = rounded(d.Y)
	return b.someOfEach()
}

// someOfEach asks for at least one success and one failure.
func (b *builder) someOfEach() error {
	var yes, no float64
	for i, y := range b.design.Y {
		yes += y
		no += b.design.Trials[i] - y
	}
	if yes == 0 || no == 0 {
		return fault.Issue{Code: CodeResponseConstant, Place: fault.Place{Field: b.left.column},
			Args: map[string]any{"variable": b.design.Response}}
	}
	return nil
}

func notWhole(x float64) bool { return math.Abs(x-math.Round(x)) > wholeTolerance }

func rounded(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Round(v)
	}
	return out
}
