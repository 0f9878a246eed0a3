package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// heading begins the part of docs/benchmarks.md that this program writes: from there to the end.
const heading = "## The server under load"

const about = `Measured by ` + "`bench/run.sh --server`" + `: ` + "`waymark serve`" + ` in a process of its own, on an encrypted SQLite file, posts as ODK Collect sends them and
reads as programs send them, over the loopback; the sender runs on the same processors. Every record is synced to the disk before it is
confirmed (records that arrive at the same time share a sync). Sent at a rate, each record has its moment, and its time counts from then on,
waiting included. Medians are of all answers of a run, and of five requests for reads. ODK
Central's numbers are of its backend alone (v2026.3, Node 24, PostgreSQL 15), sent to in the same way on the same kind of machine.

`

// page runs both measurements and writes the part.
func (b *bench) page(ctx context.Context) error {
	b.say("%s\n\n%s", heading, about)
	version, err := exec.CommandContext(ctx, b.waymark, "version").Output()
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(version), "\n")
	b.say("Machine: %s, %d logical processors, load %s when it began. Versions: %s, %s.\n\n", processor(), runtime.NumCPU(), busy(), runtime.Version(), strings.TrimSpace(first))
	b.say("A form of 250 questions:\n\n")
	if err := b.fresh(ctx, b.posts); err != nil {
		return err
	}
	b.say("\n%d records of ten questions with two rows of four in a repeat:\n\n", b.records)
	return b.fresh(ctx, b.reads)
}

// replace puts the part in the place of the one there is.
func replace(file, text string) error {
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if at := bytes.Index(before, []byte(heading)); at >= 0 {
		before = before[:at]
	} else if len(before) > 0 {
		before = append(before, '\n')
	}
	return os.WriteFile(file, append(before, text...), 0o644)
}

// processor is the name that the system gives it.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "model name"); ok {
			return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), ":"))
		}
	}
	return runtime.GOARCH
}

// busy is the load average of the last minute: what else the machine was doing.
func busy() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}
