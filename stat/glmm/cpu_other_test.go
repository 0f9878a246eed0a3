//go:build !unix

package glmm_test

import "time"

func processorTime() time.Duration { return 0 }
