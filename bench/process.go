package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// process is what one whole process used.
type process struct {
	CPU, System, Wall float64 // seconds
	PeakMB            float64 // largest resident set
	Out               []byte
}

// start runs a program on one core and measures it. The measuring process must stay small: Linux counts the parent's
// resident set towards the child's peak until the child's program is loaded.
func start(name string, args ...string) (process, error) {
	command := exec.Command(name, args...)
	command.Env = append(os.Environ(), "GOMAXPROCS=1", "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1")
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	began := time.Now()
	if err := command.Run(); err != nil {
		return process{}, fmt.Errorf("run %s: %w: %s", name, err, complaints.String())
	}
	p := process{Wall: time.Since(began).Seconds(), Out: out.Bytes()}
	p.CPU = command.ProcessState.UserTime().Seconds()
	p.System = command.ProcessState.SystemTime().Seconds()
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		p.PeakMB = float64(usage.Maxrss) / 1024
	}
	return p, nil
}

// measured is the median process of several, and what the last of them found.
type measured struct {
	process
	fitted
	Runs int
}

// repeat runs a program several times and gives the median of its CPU and the largest of its peaks.
func repeat(runs int, name string, args ...string) (measured, error) {
	var all []process
	for range runs {
		p, err := start(name, args...)
		if err != nil {
			return measured{}, err
		}
		all = append(all, p)
	}
	out := measured{process: all[len(all)-1], Runs: runs}
	if err := json.Unmarshal(out.Out, &out.fitted); err != nil {
		return measured{}, fmt.Errorf("read what %s printed: %w", name, err)
	}
	for _, p := range all {
		out.PeakMB = max(out.PeakMB, p.PeakMB)
	}
	slices.SortFunc(all, func(a, b process) int {
		if a.CPU < b.CPU {
			return -1
		}
		return 1
	})
	out.CPU, out.Wall = all[len(all)/2].CPU, all[len(all)/2].Wall
	return out, nil
}
