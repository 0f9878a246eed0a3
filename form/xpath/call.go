package xpath

import (
	"math"
	"math/big"
	"regexp"
	"strings"
)

// call works a function out. Functions that choose among their arguments work out only those they need.
func (v *evaluation) call(c call, f focus) (Value, error) {
	switch c.name {
	case "if":
		return v.choose(c, f)
	case "coalesce":
		return v.coalesce(c, f)
	case "once":
		if s := v.Node.Value(); s != "" {
			return textOf(s), nil
		}
	case "indexed-repeat":
		return v.indexedRepeat(c, f)
	case "position":
		if len(c.args) == 0 {
			return numberOf(float64(f.position)), nil
		}
	case "last":
		return numberOf(float64(f.size)), nil
	case "current":
		return nodesOf([]*Node{v.Node}), nil
	}
	if a, ok := known[c.name]; !ok || len(c.args) < a.least || len(c.args) > a.most {
		return Value{}, ErrUnknown
	}
	args := make([]Value, len(c.args))
	for i, a := range c.args {
		x, err := v.term(a, f)
		if err != nil {
			return Value{}, err
		}
		args[i] = x
	}
	if len(args) == 0 {
		switch c.name {
		case "string", "number", "string-length", "normalize-space":
			args = []Value{nodesOf([]*Node{f.node})}
		}
	}
	for _, family := range [...]func(string, []Value) (Value, error){v.texts, v.truths, v.numbers, v.nodes, v.times, v.choices, v.places, v.device} {
		if x, err := family(c.name, args); err != errNotHere {
			return x, err
		}
	}
	return Value{}, ErrUnknown
}

func (v *evaluation) choose(c call, f focus) (Value, error) {
	if len(c.args) != 3 {
		return Value{}, ErrUnknown
	}
	x, err := v.term(c.args[0], f)
	if err != nil {
		return Value{}, err
	}
	if x.Truth() {
		return v.term(c.args[1], f)
	}
	return v.term(c.args[2], f)
}

// coalesce gives the first argument that is neither empty nor a number that is none.
func (v *evaluation) coalesce(c call, f focus) (Value, error) {
	for _, a := range c.args {
		x, err := v.term(a, f)
		if err != nil || x.Text() != "" && !(x.kind == numberValue && math.IsNaN(x.number)) {
			return x, err
		}
	}
	return textOf(""), nil
}

func (v *evaluation) truths(name string, args []Value) (Value, error) {
	switch name {
	case "once":
		return args[0], nil
	case "true":
		return truthOf(true), nil
	case "false":
		return truthOf(false), nil
	case "boolean":
		return truthOf(args[0].Truth()), nil
	case "not":
		return truthOf(!args[0].Truth()), nil
	case "boolean-from-string":
		s := args[0].Text()
		return truthOf(s == "1" || strings.EqualFold(s, "true")), nil
	case "regex":
		pattern := args[1].Text()
		if len(pattern) > 4096 {
			return Value{}, ErrUnknown
		}
		re, err := regexp.Compile(`^(?:` + pattern + `)$`)
		if err != nil { // a way of writing that is known on phones and not here
			return Value{}, ErrUnknown
		}
		return truthOf(re.MatchString(args[0].Text())), nil
	case "checklist":
		n := 0.0
		for _, a := range args[2:] {
			for _, x := range sides(a) {
				if holds(x) {
					n++
				}
			}
		}
		return truthOf(between(args[0].Number(), args[1].Number(), n)), nil
	case "weighted-checklist":
		if len(args)%2 != 0 {
			return Value{}, ErrUnknown
		}
		n := 0.0
		for i := 2; i < len(args); i += 2 {
			if holds(args[i]) {
				n += args[i+1].Number()
			}
		}
		return truthOf(between(args[0].Number(), args[1].Number(), n)), nil
	}
	return Value{}, errNotHere
}

// holds says of a part of a checklist whether it holds: text that is the number 0 or says false does not.
func holds(v Value) bool {
	if v.kind == textValue || v.kind == nodesValue {
		switch s := v.Text(); s {
		case "0", "false":
			return false
		}
	}
	return v.Truth()
}

// between is the condition of a checklist: -1 is no bound.
func between(least, most, n float64) bool {
	return (least == -1 || n >= least) && (most == -1 || n <= most)
}

func (v *evaluation) numbers(name string, args []Value) (Value, error) {
	if f, ok := plainNumbers[name]; ok {
		return numberOf(f(args[0].Number())), nil
	}
	switch name {
	case "number":
		return numberOf(args[0].Number()), nil
	case "random":
		if v.Random == nil {
			return Value{}, ErrUnknown
		}
		return numberOf(v.Random()), nil
	case "sum":
		total := 0.0
		for _, s := range args[0].texts() {
			total += textNumber(s)
		}
		return numberOf(total), nil
	case "max", "min":
		return numberOf(extreme(name == "max", args)), nil
	case "round":
		if len(args) == 1 {
			return numberOf(rounded(args[0].Number(), 0)), nil
		}
		return numberOf(rounded(args[0].Number(), args[1].Number())), nil
	case "pow":
		return numberOf(math.Pow(args[0].Number(), args[1].Number())), nil
	case "atan2":
		return numberOf(math.Atan2(args[0].Number(), args[1].Number())), nil
	case "pi":
		return numberOf(math.Pi), nil
	}
	return Value{}, errNotHere
}

var plainNumbers = map[string]func(float64) float64{
	"int": math.Trunc, "log": math.Log, "log10": math.Log10, "abs": math.Abs, "sin": math.Sin, "cos": math.Cos, "tan": math.Tan,
	"asin": math.Asin, "acos": math.Acos, "atan": math.Atan, "sqrt": math.Sqrt, "exp": math.Exp,
	"exp10": func(x float64) float64 { return math.Pow(10, x) },
}

// extreme gives the largest or smallest of all arguments and nodes; NaN where one is no number or there are none.
func extreme(largest bool, args []Value) float64 {
	out := math.NaN()
	first := true
	for _, a := range args {
		for _, s := range sides(a) {
			x := s.Number()
			switch {
			case math.IsNaN(x):
				return x
			case first, largest && x > out, !largest && x < out:
				out, first = x, false
			}
		}
	}
	return out
}

// rounded rounds the decimal form of a number half away from zero to a number of places, which may be
// negative.
func rounded(x, places float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) || math.IsNaN(places) || math.Abs(places) > 30 {
		return x
	}
	r, ok := new(big.Rat).SetString(numberText(x))
	if !ok {
		return x
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(math.Abs(math.Trunc(places)))), nil))
	if places < 0 {
		scale.Inv(scale)
	}
	r.Mul(r, scale)
	sign := r.Sign()
	r.Abs(r).Add(r, big.NewRat(1, 2))
	whole := new(big.Rat).SetInt(new(big.Int).Quo(r.Num(), r.Denom()))
	whole.Quo(whole, scale)
	out, _ := whole.Float64()
	return out * float64(sign)
}
