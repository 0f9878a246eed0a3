package formula_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/stat/formula"
)

func readFrame(t *testing.T, path string) *formula.Frame {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f := formula.NewFrame()
	for c, name := range records[0] {
		var numbers []float64
		var texts []string
		for _, row := range records[1:] {
			if v, err := strconv.ParseFloat(row[c], 64); err == nil {
				numbers = append(numbers, v)
			}
			texts = append(texts, row[c])
		}
		if len(numbers) == len(texts) {
			err = f.AddNumbers(name, numbers...)
		} else {
			err = f.AddTexts(name, texts...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// TestModelMatrix compares names and matrices with R's, made by testdata/matrix.R, with joint factors of
// every size.
func TestModelMatrix(t *testing.T) {
	var reference struct {
		Tolerance float64
		Cases     []struct {
			Formula string
			Names   []string
			Sums    []float64
		}
	}
	text, err := os.ReadFile("testdata/matrix.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &reference); err != nil {
		t.Fatal(err)
	}
	cols := readFrame(t, "testdata/matrix.csv")
	for _, c := range reference.Cases {
		for _, cells := range []int{0, 2, 5} {
			t.Run(c.Formula+" in "+strconv.Itoa(cells), func(t *testing.T) {
				d := build(t, c.Formula, cols, formula.Options{Cells: cells})
				if diff := cmp.Diff(c.Names, d.Names); diff != "" {
					t.Fatal(diff)
				}
				x := matrix(d)
				for j, want := range c.Sums {
					have := 0.0
					for i := range x {
						have += float64(i+1) * x[i][j]
					}
					if math.Abs(have-want) > reference.Tolerance*max(1, math.Abs(want)) {
						t.Errorf("%s: have %v, want %v", c.Names[j], have, want)
					}
				}
			})
		}
	}
}
