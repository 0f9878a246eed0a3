package formula

import "waymark/fault"

// What can be wrong with a formula or with the columns it is applied to. Places carry the column (in
// characters) of the formula's text, or the name of the data column as Field.
const (
	CodeSyntax           fault.Code = "formula.syntax"            // found
	CodeEndsEarly        fault.Code = "formula.ends-early"        //
	CodeTooLong          fault.Code = "formula.too-long"          // limit
	CodeUnclosed         fault.Code = "formula.unclosed"          // open
	CodeEmpty            fault.Code = "formula.empty"             //
	CodeNoTilde          fault.Code = "formula.no-tilde"          //
	CodeNoResponse       fault.Code = "formula.no-response"       //
	CodeTooDeep          fault.Code = "formula.too-deep"          // limit
	CodeNumberTerm       fault.Code = "formula.number-term"       // found
	CodePower            fault.Code = "formula.power"             // found
	CodeFunction         fault.Code = "formula.function"          // name, known
	CodeArguments        fault.Code = "formula.arguments"         // name, want, have
	CodeCbindPlace       fault.Code = "formula.cbind-place"       //
	CodeOffsetPlace      fault.Code = "formula.offset-place"      //
	CodeRandomPlace      fault.Code = "formula.random-place"      //
	CodeGroup            fault.Code = "formula.group"             // found
	CodeDot              fault.Code = "formula.dot"               //
	CodeArithmetic       fault.Code = "formula.arithmetic"        // found
	CodeTooManyTerms     fault.Code = "formula.too-many-terms"    // limit
	CodeResponseOnRight  fault.Code = "formula.response-on-right" // variable
	CodeNothing          fault.Code = "formula.nothing-to-fit"    //
	CodeUnknownVariable  fault.Code = "formula.unknown-variable"  // variable
	CodeNearVariable     fault.Code = "formula.near-variable"     // variable, near
	CodeNotUsable        fault.Code = "formula.not-usable"        // variable
	CodeNotNumeric       fault.Code = "formula.not-numeric"       // variable
	CodeOneLevel         fault.Code = "formula.one-level"         // variable
	CodeTooManyLevels    fault.Code = "formula.too-many-levels"   // variable, levels, limit
	CodeTooManyCells     fault.Code = "formula.too-many-cells"    // term, cells
	CodeLevelUnknown     fault.Code = "formula.level-unknown"     // variable, level, near
	CodeLevelRepeated    fault.Code = "formula.level-repeated"    // variable, level
	CodeInfinite         fault.Code = "formula.infinite"          // variable, count
	CodeAllMissing       fault.Code = "formula.all-missing"       // variable
	CodeNoRows           fault.Code = "formula.no-rows"           // count
	CodeTooManyRows      fault.Code = "formula.too-many-rows"     // count
	CodeNotBinary        fault.Code = "formula.not-binary"        // variable, count
	CodeProportion       fault.Code = "formula.proportion"        // variable, count
	CodeNotWhole         fault.Code = "formula.not-whole"         // variable, count
	CodeNegative         fault.Code = "formula.negative"          // variable, count
	CodeResponseConstant fault.Code = "formula.response-constant" // variable
	CodeResponseFactor   fault.Code = "formula.response-factor"   // variable
	CodeTrialsKind       fault.Code = "formula.trials-kind"       // variable
	CodeNoTrials         fault.Code = "formula.no-trials"         // variable
)

func at(code fault.Code, column int, args ...any) fault.Issue {
	return fault.Issue{Code: code, Place: fault.Place{Column: column}, Args: arguments(args)}
}

func of(code fault.Code, field string, args ...any) fault.Issue {
	return fault.Issue{Code: code, Place: fault.Place{Field: field}, Args: arguments(args)}
}

func arguments(args []any) map[string]any {
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}
