package study

import "waymark/fault"

// survey does a study of interviews.
func (r *runner) survey() error { return fault.Unavailable }
