package formula_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"waymark/fault"
	"waymark/stat/formula"
)

func TestParseIssues(t *testing.T) {
	deep := strings.Repeat("(", 300)
	cases := []struct {
		formula string
		code    fault.Code
		column  int
	}{
		{"", formula.CodeEmpty, 1},
		{"   ", formula.CodeEmpty, 1},
		{"y", formula.CodeNoTilde, 2},
		{"~ x", formula.CodeNoResponse, 1},
		{"y ~", formula.CodeEndsEarly, 4},
		{"y ~ x +", formula.CodeEndsEarly, 8},
		{"y ~ x +* z", formula.CodeSyntax, 8},
		{"y ~ x z", formula.CodeSyntax, 7},
		{"y ~ x ~ z", formula.CodeSyntax, 7},
		{"y ~ x $ z", formula.CodeSyntax, 7},
		{"é ~ x $ z", formula.CodeSyntax, 7},
		{"y ~ ``", formula.CodeSyntax, 5},
		{"y ~ (x + z", formula.CodeUnclosed, 5},
		{"y ~ log(x", formula.CodeUnclosed, 8},
		{"y ~ `x", formula.CodeUnclosed, 5},
		{"y ~ x + 2", formula.CodeNumberTerm, 9},
		{"y ~ (a + b)^0.5", formula.CodePower, 13},
		{"y ~ (a + b)^c", formula.CodePower, 13},
		{"y ~ ns(x)", formula.CodeFunction, 5},
		{"y ~ log(x, 2)", formula.CodeArguments, 5},
		{"y ~ offset()", formula.CodeArguments, 5},
		{"y ~ factor(x, z)", formula.CodeArguments, 5},
		{"cbind(a) ~ x", formula.CodeArguments, 1},
		{"y ~ cbind(a, b)", formula.CodeCbindPlace, 5},
		{"y ~ x:offset(z)", formula.CodeOffsetPlace, 7},
		{"y ~ x - offset(z)", formula.CodeOffsetPlace, 9},
		{"y ~ x * (1 | g)", formula.CodeRandomPlace, 12},
		{"y ~ x - (1 | g)", formula.CodeRandomPlace, 9},
		{"y ~ (1 | g + h)", formula.CodeGroup, 12},
		{"y ~ (1 | log(g))", formula.CodeGroup, 10},
		{"y ~ I(.)", formula.CodeDot, 7},
		{"y ~ I(x:z)", formula.CodeArithmetic, 8},
		{"y ~ " + deep, formula.CodeTooDeep, 106},
		{"y ~ x" + strings.Repeat(" + x", 5000), formula.CodeTooLong, 0},
	}
	for _, c := range cases {
		t.Run(c.formula[:min(len(c.formula), 20)], func(t *testing.T) {
			_, err := formula.Parse(c.formula)
			var issue fault.Issue
			if !errors.As(err, &issue) {
				t.Fatalf("have %v, want an issue", err)
			}
			if issue.Code != c.code || issue.Place.Column != c.column {
				t.Errorf("have %s at %d, want %s at %d", issue.Code, issue.Place.Column, c.code, c.column)
			}
		})
	}
}

// broken is columns with everything that can be wrong.
func broken(t *testing.T) *formula.Frame {
	t.Helper()
	f := sample(t)
	nan := math.NaN()
	for name, values := range map[string][]float64{
		"empty": {nan, nan, nan, nan, nan, nan, nan, nan},
		"zero":  {0, 0, 0, 0, 0, 0, 0, 0},
		"part":  {0.5, 0.25, 0, 1, 0.5, 0.5, 0.5, 0.5},
		"minus": {-1, 1, 1, 1, 1, 1, 1, 1},
		"over":  {1.5, 0, 0, 0, 0, 0, 0, 1},
		"first": {1, 2, 1, 2, nan, nan, nan, nan},
		"last":  {nan, nan, nan, nan, 1, 2, 3, 1},
	} {
		if err := f.AddNumbers(name, values...); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.AddTexts("one", "a", "a", "a", "a", "a", "a", "a", ""); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBuildIssues(t *testing.T) {
	levels := func(name string, list ...string) formula.Options {
		return formula.Options{Levels: map[string][]string{name: list}}
	}
	trials := formula.Options{Weights: "x", WeightsKind: formula.Trials}
	cases := []struct {
		formula string
		options formula.Options
		code    fault.Code
		field   string
	}{
		{"y ~ nothing", formula.Options{}, formula.CodeUnknownVariable, "nothing"},
		{"y ~ frist", formula.Options{}, formula.CodeNearVariable, "frist"},
		{"y ~ x", formula.Options{Weights: "nothing"}, formula.CodeUnknownVariable, "nothing"},
		{"y ~ a", levels("hh", "1"), formula.CodeNearVariable, "hh"},
		{"y ~ (1 | nothing)", formula.Options{}, formula.CodeUnknownVariable, "nothing"},
		{"y ~ I(a^2)", formula.Options{}, formula.CodeNotNumeric, "a"},
		{"y ~ offset(a)", formula.Options{}, formula.CodeNotNumeric, "a"},
		{"cbind(y, a) ~ x", formula.Options{}, formula.CodeNotNumeric, "a"},
		{"y ~ one", formula.Options{}, formula.CodeOneLevel, "one"},
		{"y ~ (one | g)", formula.Options{}, formula.CodeOneLevel, "one"},
		{"y ~ a", formula.Options{MaxLevels: 2}, formula.CodeTooManyLevels, "a"},
		{"y ~ a", levels("a", "u", "v", "wx"), formula.CodeLevelUnknown, "a"},
		{"y ~ a", levels("a", "u", "v", "u"), formula.CodeLevelRepeated, "a"},
		{"y ~ log(zero)", formula.Options{}, formula.CodeInfinite, "zero"},
		{"y ~ empty", formula.Options{}, formula.CodeAllMissing, "empty"},
		{"empty ~ x", formula.Options{}, formula.CodeAllMissing, "empty"},
		{"y ~ first + last", formula.Options{}, formula.CodeNoRows, ""},
		{"x ~ z", formula.Options{}, formula.CodeUnknownVariable, "z"},
		{"x ~ a", formula.Options{}, formula.CodeNotBinary, "x"},
		{"zero ~ x", formula.Options{}, formula.CodeResponseConstant, "zero"},
		{"one ~ x", formula.Options{}, formula.CodeResponseConstant, "one"},
		{"cbind(zero, x) ~ a", formula.Options{}, formula.CodeResponseConstant, "zero"},
		{"cbind(part, x) ~ a", formula.Options{}, formula.CodeNotWhole, "part"},
		{"cbind(minus, x) ~ a", formula.Options{}, formula.CodeNegative, "minus"},
		{"y ~ x", formula.Options{Weights: "minus"}, formula.CodeNegative, "minus"},
		{"part ~ a", formula.Options{}, formula.CodeNoTrials, "part"},
		{"part ~ a", trials, formula.CodeNotWhole, "part"},
		{"over ~ a", trials, formula.CodeProportion, "over"},
		{"a ~ y", trials, formula.CodeTrialsKind, "x"},
		{"cbind(y, x) ~ a", trials, formula.CodeTrialsKind, "x"},
		{"y ~ a", formula.Options{Response: formula.Count, Weights: "x", WeightsKind: formula.Trials}, formula.CodeTrialsKind, "x"},
		{"a ~ x", formula.Options{Response: formula.Count}, formula.CodeResponseFactor, "a"},
		{"cbind(y, x) ~ a", formula.Options{Response: formula.Continuous}, formula.CodeResponseFactor, "y"},
		{"part ~ a", formula.Options{Response: formula.Count}, formula.CodeNotWhole, "part"},
		{"minus ~ a", formula.Options{Response: formula.Count}, formula.CodeNegative, "minus"},
		{"y ~ x + y", formula.Options{}, formula.CodeResponseOnRight, "y"},
		{"y ~ 0", formula.Options{}, formula.CodeNothing, ""},
		{"y ~ (0 | g)", formula.Options{}, formula.CodeNothing, ""},
		{"y ~ (a + b + x + k + g + h)^16", formula.Options{}, "", ""},
	}
	cols := broken(t)
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s %+v", c.formula, c.options.Response), func(t *testing.T) {
			f, err := formula.Parse(c.formula)
			if err != nil {
				t.Fatal(err)
			}
			_, err = formula.Build(f, cols, c.options)
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			issues := fault.Of(err)
			if !slices.ContainsFunc(issues, func(i fault.Issue) bool { return i.Code == c.code && i.Place.Field == c.field }) {
				t.Errorf("have %v, want %s at %s", err, c.code, c.field)
			}
		})
	}
}

// plain has no list of names and one column that is neither numbers nor a factor.
type plain struct{ *formula.Frame }

func (plain) Names() []string { return []string{"y", "x", "story"} }

type nameless struct{ frame *formula.Frame }

func (n nameless) Rows() int                                           { return n.frame.Rows() }
func (n nameless) Numbers(s string) ([]float64, bool)                  { return n.frame.Numbers(s) }
func (n nameless) Levels(s string) ([]string, []uint8, []uint32, bool) { return n.frame.Levels(s) }

func TestColumnsOfOthers(t *testing.T) {
	for _, c := range []struct {
		formula string
		cols    formula.Columns
		code    fault.Code
	}{
		{"y ~ story", plain{sample(t)}, formula.CodeNotUsable},
		{"y ~ .", plain{sample(t)}, formula.CodeNotUsable},
		{"y ~ .", nameless{sample(t)}, formula.CodeDot},
	} {
		f, err := formula.Parse(c.formula)
		if err != nil {
			t.Fatal(err)
		}
		_, err = formula.Build(f, c.cols, formula.Options{})
		if issues := fault.Of(err); len(issues) == 0 || issues[0].Code != c.code {
			t.Errorf("%s: have %v, want %s", c.formula, err, c.code)
		}
	}
}

type endless struct{ nameless }

func (endless) Rows() int { return 1 << 31 }

func TestSizesAreBounded(t *testing.T) {
	f, err := formula.Parse("y ~ a * b")
	if err != nil {
		t.Fatal(err)
	}
	_, err = formula.Build(f, endless{nameless{sample(t)}}, formula.Options{})
	if issues := fault.Of(err); len(issues) == 0 || issues[0].Code != formula.CodeTooManyRows {
		t.Errorf("have %v", err)
	}
	cols := formula.NewFrame()
	y, a, b := make([]float64, 200), make([]string, 200), make([]string, 200)
	for i := range y {
		y[i], a[i], b[i] = float64(i%2), fmt.Sprint(i%100), fmt.Sprint(i/2)
	}
	for _, err := range []error{cols.AddNumbers("y", y...), cols.AddTexts("a", a...), cols.AddTexts("b", b...)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = formula.Build(f, cols, formula.Options{})
	if issues := fault.Of(err); len(issues) == 0 || issues[0].Code != formula.CodeTooManyCells {
		t.Errorf("have %v", err)
	}
}

func TestTermsAreBounded(t *testing.T) {
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("v%d", i))
	}
	f, err := formula.Parse("y ~ (" + strings.Join(names, " + ") + ")^5")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = formula.Build(f, sample(t), formula.Options{}); len(fault.Of(err)) == 0 || fault.Of(err)[0].Code != formula.CodeTooManyTerms {
		t.Errorf("have %v", err)
	}
}

// FuzzParse checks that no text makes Parse or Build panic, and that what is read can be written and read again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"y ~ x", "cbind(y, x - y) ~ a * b + (1 + x || g / h)", "y ~ (a + b)^2 - a:b + I(x^2) + offset(log(x))",
		"`a b` ~ 0 + factor(k) %in% a", "y ~ . - x + (0 + a | g:h)", "y ~ -1 + x**2", "y~1e5", "log(y) ~ exp(-x)/2"} {
		f.Add(s)
	}
	frame := formula.NewFrame()
	for i, name := range []string{"y", "x", "k"} {
		if err := frame.AddNumbers(name, 0, 1, float64(i), 1, 0); err != nil {
			f.Fatal(err)
		}
	}
	for _, name := range []string{"a", "b", "g", "h"} {
		if err := frame.AddTexts(name, "p", "q", "r", "p", "q"); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := formula.Parse(text)
		if err != nil {
			if len(fault.Of(err)) == 0 {
				t.Fatalf("no issue: %v", err)
			}
			return
		}
		d, err := formula.Build(parsed, frame, formula.Options{Response: formula.Continuous})
		if err != nil {
			if len(fault.Of(err)) == 0 {
				t.Fatalf("no issue: %v", err)
			}
			return
		}
		again, err := formula.Parse(parsed.String())
		if err != nil {
			t.Fatalf("%q does not read again: %v", parsed, err)
		}
		e, err := formula.Build(again, frame, formula.Options{Response: formula.Continuous})
		if err != nil || !slices.Equal(e.Names, d.Names) {
			t.Fatalf("%q: %v, %v", text, e, err)
		}
	})
}
