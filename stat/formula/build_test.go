package formula_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/fault"
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

func TestMissingRowsAreCounted(t *testing.T) {
	f := formula.NewFrame()
	nan := math.NaN()
	for _, err := range []error{
		f.AddNumbers("y", 0, 1, nan, 1, 0, 1, 0, 1, 3),
		f.AddNumbers("x", -1, 2, nan, nan, 5, 6, 7, 8, 9),
		f.AddTexts("a", "u", "", "v", "", "u", "v", "rare", "v", "u"),
		f.AddTexts("g", "1", "2", "3", "4", "", "6", "7", "8", "9"),
		f.AddNumbers("w", 1, 1, 1, 1, 1, nan, 1, 1, 1),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d := build(t, "y ~ log(x) + a + (1 | g)", f, formula.Options{
		Response: formula.Continuous, Weights: "w", Levels: map[string][]string{"a": {"v", "u"}}})
	want := []formula.Drop{{Variable: "y", Rows: 1}, {Variable: "x", Rows: 2}, {Variable: "a", Rows: 2}, {Variable: "g", Rows: 1}, {Variable: "w", Rows: 1}}
	if diff := cmp.Diff(want, d.Dropped); diff != "" {
		t.Error(diff)
	}
	if d.Read != 9 || d.Used != 2 || !cmp.Equal(d.Index, []int32{7, 8}) || !cmp.Equal(d.Random[0].Levels, []string{"8", "9"}) {
		t.Error(d.Read, d.Used, d.Index)
	}
}

func TestResponses(t *testing.T) {
	cols := sample(t)
	d := build(t, "a ~ x", cols, formula.Options{Levels: map[string][]string{"a": {"v", "u", "w"}}})
	if d.Success != "u, w" || !cmp.Equal(d.Y, []float64{1, 0, 1, 1, 0, 1, 1, 0}) {
		t.Error(d.Success, d.Y)
	}
	d = build(t, "cbind(y, x - y) ~ a", cols, formula.Options{})
	if d.Response != "cbind(y, x - y)" || !cmp.Equal(d.Trials, []float64{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Error(d.Response, d.Trials)
	}
	d = build(t, "I(y / x) ~ a + offset(x)", cols, formula.Options{Weights: "x", WeightsKind: formula.Trials, Offset: "k"})
	if !cmp.Equal(d.Y, []float64{0, 1, 0, 1, 1, 0, 1, 0}) || d.Weights != nil || d.Offset[1] != 4 {
		t.Error(d.Y, d.Weights, d.Offset)
	}
	d = build(t, "y ~ k", cols, formula.Options{Levels: map[string][]string{"k": {"2", "1"}}, Cluster: "g"})
	if !cmp.Equal(d.Names, []string{"(Intercept)", "k1"}) || !cmp.Equal(d.Cluster.Levels, []string{"9", "10", "100"}) {
		t.Error(d.Names, d.Cluster)
	}
}

// TestApply takes a design to other columns, where some levels do not occur.
func TestApply(t *testing.T) {
	d := build(t, "y ~ a * x + offset(log(k))", sample(t), formula.Options{Levels: map[string][]string{"a": {"w", "u", "v"}}})
	f := formula.NewFrame()
	for _, err := range []error{
		f.AddNumbers("x", 10, 20, math.NaN()),
		f.AddTexts("a", "v", "v", "w"),
		f.AddNumbers("k", 1, 1, 1),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	n, err := d.Apply(f)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float64{{1, 0, 1, 10, 0, 10}, {1, 0, 1, 20, 0, 20}}
	if diff := cmp.Diff(want, matrix(n)); diff != "" || !cmp.Equal(n.Names, d.Names) {
		t.Error(n.Names, diff)
	}
	if diff := cmp.Diff([]formula.Drop{{Variable: "x", Rows: 1}}, n.Dropped); diff != "" || n.Y != nil || n.Offset[0] != 0 {
		t.Error(diff, n.Y, n.Offset)
	}
	if again, err := n.Apply(f); err != nil || !cmp.Equal(again.Names, d.Names) {
		t.Error("applied twice:", again, err)
	}
	g := formula.NewFrame()
	for _, err := range []error{g.AddNumbers("x", 1), g.AddTexts("a", "new"), g.AddNumbers("k", 1)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Apply(g); len(fault.Of(err)) == 0 || fault.Of(err)[0].Code != formula.CodeLevelUnknown {
		t.Errorf("a level of no coefficient: %v", err)
	}
}

// TestWideInteraction has an interaction with more cells than a joint factor takes.
func TestWideInteraction(t *testing.T) {
	f := formula.NewFrame()
	n := 900
	y, a, b, c := make([]float64, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range n {
		y[i] = float64(i % 2)
		a[i], b[i], c[i] = strconv.Itoa(i%30), strconv.Itoa(i/30), strconv.Itoa(i%2)
	}
	for _, err := range []error{f.AddNumbers("y", y...), f.AddTexts("a", a...), f.AddTexts("b", b...), f.AddTexts("c", c...)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d := build(t, "y ~ a * b + c", f, formula.Options{})
	x := matrix(d)
	if len(d.Names) != 901 {
		t.Fatal(len(d.Names))
	}
	seen := map[int]bool{}
	for _, j := range d.Fixed.Joints {
		for _, k := range j.Coefs {
			if seen[k] {
				t.Errorf("coefficient %d has two joint factors", k)
			}
			seen[k] = true
		}
	}
	for i, row := range x {
		for k, name := range d.Names {
			want := 0.0
			if name == "(Intercept)" || name == "a"+a[i] || name == "b"+b[i] || name == "c"+c[i] || name == "a"+a[i]+":b"+b[i] {
				want = 1
			}
			if row[k] != want {
				t.Fatalf("row %d, %s: have %v, want %v", i, name, row[k], want)
			}
		}
	}
}

func TestNestedGroups(t *testing.T) {
	cols := sample(t)
	cases := []struct {
		formula string
		want    []string // label, effects
	}{
		{"y ~ 1 + (1 | g)", []string{"g: (Intercept)"}},
		{"y ~ 1 + (x | g)", []string{"g: (Intercept) x"}},
		{"y ~ 1 + (0 + x | g)", []string{"g: x"}},
		{"y ~ 1 + (x - 1 | g)", []string{"g: x"}},
		{"y ~ 1 + (b | g)", []string{"g: (Intercept) bq"}},
		{"y ~ 1 + (0 + b | g)", []string{"g: bp bq"}},
		{"y ~ 1 + (x + b || g)", []string{"g: (Intercept)", "g: x", "g: bp bq"}},
		{"y ~ 1 + (1 | g:h)", []string{"g:h: (Intercept)"}},
		{"y ~ 1 + (1 | g/h)", []string{"g: (Intercept)", "g:h: (Intercept)"}},
		{"y ~ 1 + (1 | g/h/b)", []string{"g: (Intercept)", "g:h: (Intercept)", "g:h:b: (Intercept)"}},
		{"y ~ 1 + (1 | g) + (1 | factor(k))", []string{"g: (Intercept)", "factor(k): (Intercept)"}},
	}
	for _, c := range cases {
		t.Run(c.formula, func(t *testing.T) {
			var have []string
			for _, g := range build(t, c.formula, cols, formula.Options{}).Random {
				have = append(have, g.Label+": "+strings.Join(g.Names, " "))
				if len(g.Codes) != 8 {
					t.Error(len(g.Codes))
				}
				for _, k := range g.Codes {
					if int(k) >= len(g.Levels) {
						t.Error("a code without a level")
					}
				}
			}
			if diff := cmp.Diff(c.want, have); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// BenchmarkBuild is ten factors, two groups and a number over a million rows.
func BenchmarkBuild(b *testing.B) {
	f := formula.NewFrame()
	rows := 1_000_000
	y := make([]float64, rows)
	state := uint64(1)
	next := func(n int) int {
		state = state*6364136223846793005 + 1442695040888963407
		return int(state>>33) % n
	}
	for i := range y {
		y[i] = float64(next(2))
	}
	if err := f.AddNumbers("y", y...); err != nil {
		b.Fatal(err)
	}
	text := "y ~ 1"
	for k, size := range []int{3, 2, 4, 5, 4, 3, 4, 4, 2, 4, 40, 30} {
		name := "f" + strconv.Itoa(k)
		levels := make([]string, size)
		for l := range levels {
			levels[l] = strconv.Itoa(l)
		}
		codes := make([]uint8, rows)
		for i := range codes {
			codes[i] = uint8(next(size))
		}
		if err := f.AddCodes(name, levels, codes); err != nil {
			b.Fatal(err)
		}
		if size < 10 {
			text += " + " + name
		} else {
			text += " + (1 | " + name + ")"
		}
	}
	parsed, err := formula.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		d, err := formula.Build(parsed, f, formula.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(d.Fixed.Joints)), "joints")
	}
}
