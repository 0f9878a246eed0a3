package design

import "waymark/fault"

// What a person can mend. Places carry the name of the column as Field.
const (
	CodeNoColumn     fault.Code = "design.no-column"      // column
	CodeNearColumn   fault.Code = "design.near-column"    // column, near
	CodeNotNumbers   fault.Code = "design.not-numbers"    // column
	CodeNoValue      fault.Code = "design.no-value"       // column, count
	CodeNoRows       fault.Code = "design.no-rows"        //
	CodeNegative     fault.Code = "design.negative"       // column, count
	CodeNoWeight     fault.Code = "design.no-weight"      // column
	CodeUnitTwice    fault.Code = "design.unit-twice"     // column, strata, count
	CodeFPCVaries    fault.Code = "design.fpc-varies"     // column, count
	CodeFPCSmall     fault.Code = "design.fpc-small"      // column, count
	CodeFPCMixed     fault.Code = "design.fpc-mixed"      // column
	CodeStages       fault.Code = "design.stages"         // strata, clusters, fpc
	CodeLonely       fault.Code = "design.lonely"         // count, stage
	CodeAllLonely    fault.Code = "design.all-lonely"     // stage
	CodeOneUnit      fault.Code = "design.one-unit"       //
	CodeNothing      fault.Code = "design.nothing"        // column
	CodeZeroTotal    fault.Code = "design.zero-total"     // column
	CodeProbability  fault.Code = "design.probability"    // value
	CodeMarginLevel  fault.Code = "design.margin-level"   // column, count
	CodeMarginAbsent fault.Code = "design.margin-absent"  // column, level
	CodeMarginTotals fault.Code = "design.margin-totals"  // first, second
	CodeNotReached   fault.Code = "design.not-reached"    // iterations, column
	CodeBounds       fault.Code = "design.bounds"         // low, high
	CodePairs        fault.Code = "design.pairs"          // count
	CodeNoStrata     fault.Code = "design.strata-of-jk1"  //
	CodeFay          fault.Code = "design.fay"            // value
	CodeCount        fault.Code = "design.replicates"     // count
	CodeScales       fault.Code = "design.scales"         // scales, columns
	CodeTable        fault.Code = "design.table"          // column
	CodeSeed         fault.Code = "design.seed"           //
	CodeSmaller      fault.Code = "design.not-nested"     //
	CodeNoTerm       fault.Code = "design.no-term"        // term
	CodeNegativeFit  fault.Code = "design.negative-model" // count
)

// What a sample has to say about itself: Sample.Notes.
const (
	CodeEqualWeights  fault.Code = "design.equal-weights"  // no weights were given: each row counts once
	CodeFPCWeights    fault.Code = "design.fpc-weights"    // weights are population over sample
	CodeNoFPC         fault.Code = "design.no-fpc"         // drawn as from an endless population
	CodeLonelyTreated fault.Code = "design.lonely-treated" // count, stage, how
	CodeDropped       fault.Code = "design.dropped"        // column, count: left out of an estimate, no value
	CodeFewUnits      fault.Code = "design.few-units"      // df
)

func issue(code fault.Code, args ...any) fault.Issue {
	return fault.Issue{Code: code, Args: arguments(args)}
}

func of(code fault.Code, column string, args ...any) fault.Issue {
	return fault.Issue{Code: code, Place: fault.Place{Field: column}, Args: arguments(append(args, "column", column))}
}

func note(code fault.Code, args ...any) fault.Issue {
	return fault.Issue{Code: code, Severity: fault.Soft, Args: arguments(args)}
}

func arguments(args []any) map[string]any {
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}
