package formula_test

import (
	"testing"

	"waymark/stat/formula"
)

func TestHasDot(t *testing.T) {
	for text, want := range map[string]bool{"y ~ .": true, "y ~ a + (1 | g)": false, "y ~ (. - a) + (1 | g)": true, "y ~ a.b": false} {
		f, err := formula.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if f.HasDot() != want {
			t.Errorf("%s: a dot %v, want %v", text, f.HasDot(), want)
		}
	}
}
