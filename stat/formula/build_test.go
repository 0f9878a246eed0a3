package formula_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/stat/formula"
)

// sample is eight rows of every kind of column.
func sample(t *testing.T) *formula.Frame {
	t.Helper()
	f := formula.NewFrame()
	add := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	add(f.AddNumbers("y", 0, 1, 0, 1, 1, 0, 1, 0))
	add(f.AddNumbers("x", 1, 2, 3, 4, 5, 6, 7, 8))
	add(f.AddTexts("a", "u", "v", "w", "u", "v", "w", "u", "v"))
	add(f.AddTexts("b", "p", "p", "p", "q", "q", "q", "p", "q"))
	add(f.AddTexts("g", "10", "9", "10", "9", "100", "100", "9", "10"))
	add(f.AddTexts("h", "1", "1", "2", "2", "1", "2", "1", "2"))
	add(f.AddNumbers("k", 1, 2, 1, 2, 1, 2, 1, 2))
	return f
}

// matrix writes a design's fixed part out, row by row.
func matrix(d *formula.Design) [][]float64 {
	out := make([][]float64, d.Used)
	for i := range out {
		out[i] = make([]float64, len(d.Names))
		for _, j := range d.Fixed.Joints {
			for k, c := range j.Coefs {
				out[i][c] += j.Cells[j.Codes[i]][k]
			}
		}
		for _, z := range d.Fixed.Dense {
			out[i][z.Coef] += z.Values[i]
		}
	}
	return out
}

func build(t *testing.T, text string, cols formula.Columns, opt formula.Options) *formula.Design {
	t.Helper()
	f, err := formula.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := formula.Build(f, cols, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestNames(t *testing.T) {
	cases := []struct {
		formula string
		want    []string
	}{
		{"y ~ 1", []string{"(Intercept)"}},
		{"y ~ x + a", []string{"(Intercept)", "x", "av", "aw"}},
		{"y ~ a*b", []string{"(Intercept)", "av", "aw", "bq", "av:bq", "aw:bq"}},
		{"y ~ b:a", []string{"(Intercept)", "bp:au", "bq:au", "bp:av", "bq:av", "bp:aw", "bq:aw"}},
		{"y ~ I(x^2) + log(x + 1)", []string{"(Intercept)", "I(x^2)", "log(x + 1)"}},
		{"y ~ 0 + a + x:a", []string{"au", "av", "aw", "au:x", "av:x", "aw:x"}},
		{"y ~ factor(k)", []string{"(Intercept)", "factor(k)2"}},
	}
	for _, c := range cases {
		t.Run(c.formula, func(t *testing.T) {
			d := build(t, c.formula, sample(t), formula.Options{})
			if diff := cmp.Diff(c.want, d.Names); diff != "" {
				t.Error(diff)
			}
			if rows := matrix(d); len(rows) != 8 || math.IsNaN(rows[0][0]) {
				t.Error(rows)
			}
		})
	}
}

func TestRandom(t *testing.T) {
	d := build(t, "y ~ x + (1 + x || g/h)", sample(t), formula.Options{})
	var labels []string
	for _, g := range d.Random {
		labels = append(labels, g.Label+" "+g.Names[0])
	}
	want := []string{"g (Intercept)", "g x", "g:h (Intercept)", "g:h x"}
	if diff := cmp.Diff(want, labels); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"9", "10", "100"}, d.Random[0].Levels); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"9:1", "9:2", "10:1", "10:2", "100:1", "100:2"}, d.Random[2].Levels); diff != "" {
		t.Error(diff)
	}
}
