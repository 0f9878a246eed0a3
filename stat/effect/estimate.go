package effect

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"waymark/fault"
)

// Codes of what can be wrong with a question to a model.
const (
	CodeLength        fault.Code = "effect.length"          // slices of different lengths
	CodeNoVariation   fault.Code = "effect.no-variation"    // only successes or only failures
	CodeProbability   fault.Code = "effect.probability"     // a probability outside 0 to 1
	CodeConfidence    fault.Code = "effect.confidence"      // a confidence outside 0 to 1
	CodeFewGroups     fault.Code = "effect.few-groups"      // too few distinct fitted values to group by
	CodeRowsDiffer    fault.Code = "effect.rows-differ"     // models compared on different rows
	CodeMethodDiffers fault.Code = "effect.method-differs"  // models compared by different likelihoods
	CodeNotNested     fault.Code = "effect.not-nested"      // the larger model has no more parameters
	CodeUnknownTerm   fault.Code = "effect.unknown-term"    // a variable that the model does not hold
	CodeUnknownLevel  fault.Code = "effect.unknown-level"   // a level that the factor does not have
	CodeUnknownGroup  fault.Code = "effect.unknown-group"   // a group that the model has not seen
	CodeNotEstimable  fault.Code = "effect.not-estimable"   // a profile that needs an aliased coefficient
	CodeProfileFlawed fault.Code = "effect.profile-climbed" // a profile that found a higher likelihood than the fit
)

// Confidence is the coverage of an interval: 0.95 for 95 %.
type Confidence float64

// quantile gives the normal quantile of a two-sided interval, 1.96 for 0.95.
func (c Confidence) quantile() float64 { return distuv.UnitNormal.Quantile(0.5 + float64(c)/2) }

func (c Confidence) check() error {
	if !(c > 0 && c < 1) {
		return fault.Issue{Code: CodeConfidence, Args: map[string]any{"have": float64(c)}}
	}
	return nil
}

// Estimate is a number with its standard error and interval.
type Estimate struct {
	Value    float64
	StdError float64
	Low      float64
	High     float64
}

// wald gives value +- z se.
func wald(value, se float64, c Confidence) Estimate {
	d := c.quantile() * se
	return Estimate{Value: value, StdError: se, Low: value - d, High: value + d}
}

// Z is the estimate in standard errors, and P its two-sided normal p-value against zero.
func (e Estimate) Z() float64 { return e.Value / e.StdError }

// P is the two-sided normal p-value against zero.
func (e Estimate) P() float64 { return math.Erfc(math.Abs(e.Z()) / math.Sqrt2) }
