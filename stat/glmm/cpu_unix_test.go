//go:build unix

package glmm_test

import (
	"syscall"
	"time"
)

// processorTime is what this process has used so far, user and system, which other work on the machine disturbs less
// than the clock.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
