package glm_test

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"waymark/stat/formula"
	"waymark/stat/glm"
)

// benchmarkFrame is ten factors, as a survey of people on the move has them, and an outcome that follows them.
func benchmarkFrame(b *testing.B, rows int, numbers int) (*formula.Frame, string) {
	f := formula.NewFrame()
	state := uint64(2017)
	uniform := func() float64 {
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>11) / (1 << 53)
	}
	eta := make([]float64, rows)
	text := "y ~ "
	for k, size := range []int{3, 2, 4, 5, 4, 3, 4, 4, 2, 4} {
		name, codes, levels := "f"+strconv.Itoa(k), make([]uint8, rows), make([]string, size)
		for l := range levels {
			levels[l] = strconv.Itoa(l)
		}
		for i := range codes {
			codes[i] = uint8(uniform() * uniform() * float64(size))
			eta[i] += 0.2 * float64(int(codes[i])%3) * float64(1-k%2*2)
		}
		if err := f.AddCodes(name, levels, codes); err != nil {
			b.Fatal(err)
		}
		if k > 0 {
			text += " + "
		}
		text += name
	}
	for k := range numbers {
		name, values := "x"+strconv.Itoa(k), make([]float64, rows)
		for i := range values {
			values[i] = uniform()
			eta[i] += values[i] / 2
		}
		if err := f.AddNumbers(name, values...); err != nil {
			b.Fatal(err)
		}
		text += " + " + name
	}
	y := make([]float64, rows)
	for i, e := range eta {
		if uniform() < 1/(1+math.Exp(0.5-e)) {
			y[i] = 1
		}
	}
	if err := f.AddNumbers("y", y...); err != nil {
		b.Fatal(err)
	}
	return f, text
}

// BenchmarkFit is the fit with standard errors, the design given.
func BenchmarkFit(b *testing.B) {
	for _, rows := range []int{16_524, 1_000_000} {
		for _, numbers := range []int{0, 2} {
			b.Run(fmt.Sprintf("rows=%d/numbers=%d", rows, numbers), func(b *testing.B) {
				f, text := benchmarkFrame(b, rows, numbers)
				d := design(b, text, f, formula.Options{})
				b.ReportAllocs()
				for b.Loop() {
					m, err := glm.Fit(d, glm.Options{})
					if err != nil || !m.Converged {
						b.Fatal(err, m.Verdicts)
					}
				}
			})
		}
	}
}

// BenchmarkFirth is the penalised fit.
func BenchmarkFirth(b *testing.B) {
	f, text := benchmarkFrame(b, 16_524, 0)
	d := design(b, text, f, formula.Options{})
	for b.Loop() {
		if m, err := glm.Fit(d, glm.Options{Estimator: glm.Firth}); err != nil || !m.Converged {
			b.Fatal(err)
		}
	}
}

// BenchmarkProfile is all profile intervals of the main model.
func BenchmarkProfile(b *testing.B) {
	f, text := benchmarkFrame(b, 16_524, 0)
	m, err := glm.Fit(design(b, text, f, formula.Options{}), glm.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for j := range m.Coef {
			m.Profile(j, 0.95)
		}
	}
}
