package main

import (
	"bytes"
	"crypto/sha256"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"waymark/dataset"
)

// TestBytesDoNotDependOnBatches writes the same survey in batches of several sizes.
func TestBytesDoNotDependOnBatches(t *testing.T) {
	for _, region := range strings.Split(simulatedRegions, ", ") {
		for _, name := range []string{"s.csv", "s.parquet"} {
			hashes := map[[32]byte][]int{}
			for _, batch := range []int{3000, 3000, 777, 1} {
				s, _, err := simulateFlowSurvey{region: region, rows: 3000, seed: 5}.draw()
				if err != nil {
					t.Fatal(err)
				}
				var b bytes.Buffer
				if err := writeTable(&b, name, s.Answers(), func() *dataset.Table { return s.Next(batch) }); err != nil {
					t.Fatal(err)
				}
				sum := sha256.Sum256(b.Bytes())
				hashes[sum] = append(hashes[sum], batch)
			}
			if len(hashes) != 1 {
				t.Errorf("%s, %s: %d different files: %v", region, name, len(hashes), hashes)
			}
		}
	}
}

// unmark takes away the column that says that interviews are simulated: unmark IN.csv OUT.csv. It is always
// the first.
func unmark(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: unmark IN.csv OUT.csv")
	}
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile(args[0]), "\n"), "\n")
	for i, l := range lines {
		_, rest, ok := strings.Cut(l, ",")
		if !ok {
			ts.Fatalf("line %d has one column", i+1)
		}
		lines[i] = rest
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

// commonOnly asks that every value of a column of a drawn file is shared by at least so many rows of the file it
// came from, and that there were rarer ones to leave out: commononly FROM.csv DRAWN.csv COLUMN LEAST.
func commonOnly(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: commononly FROM.csv DRAWN.csv COLUMN LEAST")
	}
	from, err := openTable(ts.MkAbs(args[0]), tableOptions{})
	ts.Check(err)
	drawn, err := openTable(ts.MkAbs(args[1]), tableOptions{})
	ts.Check(err)
	least, err := strconv.Atoi(args[3])
	ts.Check(err)
	have, got := counts(from.Table.Column(args[2])), counts(drawn.Table.Column(args[2]))
	for value := range got {
		if have[value] < least {
			ts.Fatalf("a value of %s that %d people share was drawn", args[2], have[value])
		}
	}
	if len(got) == 0 || len(got) >= len(have) {
		ts.Fatalf("%d values drawn of %d: the check shows nothing", len(got), len(have))
	}
}

func counts(c *dataset.Column) map[string]int {
	n := map[string]int{}
	for i := range c.Rows() {
		if v := c.Cell(i); v != "" {
			n[v]++
		}
	}
	return n
}
