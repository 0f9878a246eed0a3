package formula_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"waymark/stat/formula"
)

// TestMissingRowsLeaveTheRest builds on columns with missing values, and on the same columns without the rows
// that have any: everything but the accounts of rows must be equal. Narrow and wide codes are drawn.
func TestMissingRowsLeaveTheRest(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(12, 40).Draw(t, "rows")
		numbers := map[string][]float64{}
		texts := map[string][]string{}
		keep := slices.Repeat([]bool{true}, n)
		for _, name := range []string{"y", "x", "w"} {
			for i := range n {
				v := float64(rapid.IntRange(0, 9).Draw(t, name))
				if rapid.IntRange(0, 19).Draw(t, "missing") == 0 {
					v, keep[i] = math.NaN(), false
				}
				numbers[name] = append(numbers[name], v)
			}
		}
		for _, name := range []string{"a", "b", "g", "h"} {
			for i := range n {
				v := rapid.SampledFrom([]string{"1", "2", "10", ""}).Draw(t, name)
				if v == "" {
					keep[i] = false
				}
				texts[name] = append(texts[name], v)
			}
		}
		if name, ok := usable(texts, keep); !ok {
			t.Skip(name)
		}
		narrow := rapid.SampledFrom([]string{"narrow", "wide"}).Draw(t, "codes") == "narrow"
		whole := frameOf(outer, numbers, texts, slices.Repeat([]bool{true}, n), narrow)
		part := frameOf(outer, numbers, texts, keep, narrow)
		opt := formula.Options{Response: formula.Continuous, Weights: "w", Cluster: "h", Cells: rapid.IntRange(2, 20).Draw(t, "cells")}
		const text = "y ~ a * b + x:a + I(x^2) + offset(x / 2) + (x + b | g / h)"
		have, want := build(outer, text, whole, opt), build(outer, text, part, opt)
		dropped := 0
		for _, d := range have.Dropped {
			dropped += d.Rows
		}
		if have.Read != n || have.Read != have.Used+dropped || have.Used != want.Used {
			t.Fatal(have.Read, have.Used, have.Dropped, want.Used)
		}
		for what, pair := range map[string][2]any{
			"names":   {have.Names, want.Names},
			"matrix":  {matrix(have), matrix(want)},
			"y":       {have.Y, want.Y},
			"weights": {have.Weights, want.Weights},
			"offset":  {have.Offset, want.Offset},
			"terms":   {have.Terms, want.Terms},
			"random":  {have.Random, want.Random},
			"cluster": {have.Cluster, want.Cluster},
		} {
			if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
				t.Fatal(what, diff)
			}
		}
	})
}

// usable says whether every factor keeps two levels.
func usable(texts map[string][]string, keep []bool) (string, bool) {
	for name, values := range texts {
		var seen []string
		for i, v := range values {
			if keep[i] && !slices.Contains(seen, v) {
				seen = append(seen, v)
			}
		}
		if len(seen) < 2 {
			return name, false
		}
	}
	return "", true
}

func frameOf(t testing.TB, numbers map[string][]float64, texts map[string][]string, keep []bool, narrow bool) *formula.Frame {
	f := formula.NewFrame()
	for name, values := range numbers {
		var kept []float64
		for i, v := range values {
			if keep[i] {
				kept = append(kept, v)
			}
		}
		if err := f.AddNumbers(name, kept...); err != nil {
			t.Fatal(err)
		}
	}
	levels := []string{"2", "10", "1"}
	for name, values := range texts {
		var kept []string
		var codes []uint8
		for i, v := range values {
			if !keep[i] {
				continue
			}
			code := uint8(255)
			if k := slices.Index(levels, v); k >= 0 {
				code = uint8(k)
			}
			kept, codes = append(kept, v), append(codes, code)
		}
		var err error
		if narrow {
			err = f.AddCodes(name, levels, codes)
		} else {
			err = f.AddTexts(name, kept...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}
