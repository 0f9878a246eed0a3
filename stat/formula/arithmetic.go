package formula

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// functions are those that may stand in arithmetic, with their own names in R. I() changes nothing.
var functions = map[string]func(float64) float64{
	"I":     func(x float64) float64 { return x },
	"log":   math.Log,
	"log2":  math.Log2,
	"log10": math.Log10,
	"log1p": math.Log1p,
	"exp":   math.Exp,
	"expm1": math.Expm1,
	"sqrt":  math.Sqrt,
	"abs":   math.Abs,
}

// checkArithmetic allows numbers, columns, + - * / ^, parentheses and the functions above.
func checkArithmetic(n *node) error {
	switch n.op {
	case opName, opNumber:
		return nil
	case opDot:
		return at(CodeDot, n.pos)
	case opBar, opBars, ":", opIn:
		return at(CodeArithmetic, n.pos, "found", n.op)
	case opCall:
		if functions[n.name] == nil {
			known := slices.Sorted(maps.Keys(functions))
			return at(CodeFunction, n.pos, "name", n.name, "known", strings.Join(append(known, "factor", "offset"), ", "))
		}
		if len(n.args) != 1 {
			return at(CodeArguments, n.pos, "name", n.name, "want", 1, "have", len(n.args))
		}
	}
	for _, a := range n.args {
		if err := checkArithmetic(a); err != nil {
			return err
		}
	}
	return nil
}

// chunk is how many rows an expression is worked out at a time, so that it needs no column of its own for
// each of its parts.
const chunk = 1024

// evaluate works an expression out for rows lo to lo+len(out), at most chunk of them.
func (n *node) evaluate(columns map[string][]float64, lo int, out []float64) {
	switch n.op {
	case opName:
		copy(out, columns[n.name][lo:lo+len(out)])
		return
	case opNumber:
		for i := range out {
			out[i] = n.num
		}
		return
	}
	n.args[0].evaluate(columns, lo, out)
	switch n.op {
	case opCall:
		if f := functions[n.name]; n.name != "I" {
			for i, v := range out {
				out[i] = f(v)
			}
		}
		return
	case opNeg:
		for i, v := range out {
			out[i] = -v
		}
		return
	case opParen, opPos:
		return
	}
	var buffer [chunk]float64
	right := buffer[:len(out)]
	n.args[1].evaluate(columns, lo, right)
	switch n.op {
	case "+":
		for i, v := range right {
			out[i] += v
		}
	case "-":
		for i, v := range right {
			out[i] -= v
		}
	case "*":
		for i, v := range right {
			out[i] *= v
		}
	case "/":
		for i, v := range right {
			out[i] /= v
		}
	case "^":
		for i, v := range right {
			if v == 2 {
				out[i] *= out[i]
			} else {
				out[i] = math.Pow(out[i], v)
			}
		}
	}
}
