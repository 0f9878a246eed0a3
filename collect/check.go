package collect

import (
	"waymark/fault"
	"waymark/form/instance"
)

// check finds what in a record does not fit its form (invariant 5).
func check(e *edition, in *instance.Instance) fault.Issues { return nil }
