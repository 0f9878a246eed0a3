// Command tally reads what `go test -json` writes and says it in short: a line a package, everything that a failed
// test wrote, what was skipped and why, the slowest packages. The file it is given gets three numbers: tests that
// passed, failed and were skipped. It exits with 1 where anything failed or no test ran.
//
//	go test -json ./... | go run ./tools/tally COUNTS
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go test -json ./... | tally COUNTS")
		os.Exit(2)
	}
	n, err := tally(os.Stdin, os.Stdout)
	if err == nil {
		err = os.WriteFile(os.Args[1], fmt.Appendf(nil, "%d %d %d\n", n.passed, n.failed, n.skipped), 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
	if n.failed > 0 || n.passed == 0 {
		os.Exit(1)
	}
}

// counts are tests and subtests; a package that failed without a failed test (it does not build, or it ended in
// a panic outside of one) is one that failed.
type counts struct{ passed, failed, skipped int }

// event is a line of `go test -json`; fields as `go doc test2json` has them.
type event struct {
	Action, Package, ImportPath, Test, Output, FailedBuild string
	Elapsed                                                float64 // seconds
}

type packageTime struct {
	name    string
	seconds float64
}

func tally(in io.Reader, out io.Writer) (counts, error) {
	var n counts
	written := map[string][]string{} // lines of each test that is not over, of each package and build
	failedIn := map[string]int{}
	var times []packageTime
	var skipped []string
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // the go command itself complains
			n.failed++
			continue
		}
		key := e.Package + "\x00" + e.Test
		if e.Package == "" {
			key = "build " + e.ImportPath
		}
		switch {
		case e.Action == "output" || e.Action == "build-output":
			if !strings.HasPrefix(strings.TrimSpace(e.Output), "=== ") {
				written[key] = append(written[key], e.Output)
			}
			continue
		case e.Action == "build-fail":
			fmt.Fprintf(out, "%s", strings.Join(written[key], ""))
		case e.Test != "" && e.Action == "pass":
			n.passed++
		case e.Test != "" && e.Action == "skip":
			n.skipped++
			skipped = append(skipped, e.Package+" "+strings.TrimSpace(strings.Join(written[key], "")))
		case e.Test != "" && e.Action == "fail":
			n.failed++
			failedIn[e.Package]++
			fmt.Fprintf(out, "%s %s:\n%s", e.Package, e.Test, strings.Join(written[key], ""))
		case e.Action == "pass":
			fmt.Fprintf(out, "ok    %-28s %6.1f s\n", e.Package, e.Elapsed)
			times = append(times, packageTime{e.Package, e.Elapsed})
		case e.Action == "fail" && e.Package != "":
			if failedIn[e.Package] == 0 {
				n.failed++
				fmt.Fprintf(out, "%s", strings.Join(written[key], ""))
			}
			fmt.Fprintf(out, "FAIL  %-28s %6.1f s\n", e.Package, e.Elapsed)
			times = append(times, packageTime{e.Package, e.Elapsed})
		default:
			continue
		}
		delete(written, key)
	}
	for _, s := range skipped {
		fmt.Fprintln(out, "skipped:", s)
	}
	slices.SortFunc(times, func(a, b packageTime) int { return cmp.Compare(b.seconds, a.seconds) })
	if len(times) > 5 {
		times = times[:5]
	}
	fmt.Fprint(out, "slowest:")
	for _, p := range times {
		fmt.Fprintf(out, " %s %.0f s;", strings.TrimPrefix(p.name, "waymark/"), p.seconds)
	}
	fmt.Fprintln(out)
	return n, lines.Err()
}
