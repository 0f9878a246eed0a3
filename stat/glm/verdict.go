package glm

import "waymark/fault"

// Verdict is something a fit has to say about itself: soft where the result stands, hard where it does not.
// Package glmm says its verdicts in the same type.
type Verdict struct {
	Code     fault.Code
	Severity fault.Severity
	Args     map[string]any // for the text of the code: names of terms and numbers
}

// Verdicts of a fit.
const (
	CodeConverged    fault.Code = "glm.converged"     // iterations, decrement
	CodeNotConverged fault.Code = "glm.not-converged" // iterations, decrement
	CodeSeparation   fault.Code = "glm.separation"    // terms, coefficients, rows
	CodeUncertain    fault.Code = "glm.uncertain"     // iterations: neither a maximum nor separation could be shown
	CodeAliased      fault.Code = "glm.aliased"       // coefficients
	CodeFewEvents    fault.Code = "glm.few-events"    // events, coefficients, each
	CodeFirth        fault.Code = "glm.firth"         // the estimates are penalised
)

// What a person can mend.
const (
	CodeLink           fault.Code = "glm.link"            // family, link
	CodeFirthFamily    fault.Code = "glm.firth-family"    // family
	CodeRandomTerms    fault.Code = "glm.random-terms"    // terms
	CodeNoCoefficients fault.Code = "glm.no-coefficients" //
	CodeTrialsFamily   fault.Code = "glm.trials-family"   // family
	CodeNoCluster      fault.Code = "glm.no-cluster"      //
	CodeFewClusters    fault.Code = "glm.few-clusters"    // clusters
	CodeOtherRows      fault.Code = "glm.other-rows"      // first, second
	CodeOtherMethod    fault.Code = "glm.other-method"    //
	CodeNotNested      fault.Code = "glm.not-nested"      // first, second
	CodeNoWeight       fault.Code = "glm.no-weight"       //
	CodeLargeCluster   fault.Code = "glm.large-cluster"   // patterns, limit
)

func issue(code fault.Code, args ...any) fault.Issue {
	return fault.Issue{Code: code, Args: arguments(args)}
}

func verdict(code fault.Code, severity fault.Severity, args ...any) Verdict {
	return Verdict{Code: code, Severity: severity, Args: arguments(args)}
}

func arguments(args []any) map[string]any {
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}
