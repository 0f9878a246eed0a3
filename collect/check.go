package collect

import (
	"waymark/fault"
)

// check finds what in a record does not fit its form: kept with the record, no reason to refuse it (invariant 5).
func (a *arrival) check() fault.Issues { return a.edition.checker.Check(a.in, a.at) }
