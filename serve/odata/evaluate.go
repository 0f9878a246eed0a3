package odata

import (
	"cmp"
	"strings"
	"time"

	"waymark/collect"
)

// verdict is the three-valued logic of SQL: a comparison of order with null is neither true nor false.
type verdict uint8

const (
	no verdict = iota
	unknown
	yes
)

// getter takes a value out of a row.
type getter func(r *collect.Row) value

// resolver finds what a member names; an error where there is none or the asker may not read it.
type resolver func(member string, at int) (getter, error)

// bind makes a test of rows out of a filter. now is the time that now() gives.
func (e *expression) bind(find resolver, now time.Time) (func(r *collect.Row) verdict, error) {
	switch e.op {
	case opAnd, opOr:
		tests := make([]func(*collect.Row) verdict, len(e.parts))
		for i, p := range e.parts {
			t, err := p.bind(find, now)
			if err != nil {
				return nil, err
			}
			tests[i] = t
		}
		if e.op == opAnd {
			return func(r *collect.Row) verdict {
				out := yes
				for _, t := range tests {
					if out = min(out, t(r)); out == no {
						break
					}
				}
				return out
			}, nil
		}
		return func(r *collect.Row) verdict {
			out := no
			for _, t := range tests {
				if out = max(out, t(r)); out == yes {
					break
				}
			}
			return out
		}, nil
	case opNot:
		test, err := e.parts[0].bind(find, now)
		if err != nil {
			return nil, err
		}
		return func(r *collect.Row) verdict { return yes - test(r) }, nil
	case opEqual, opUnequal, opLess, opAtMost, opGreater, opAtLeast, opIn, opContains, opStarts, opEnds:
		return e.bindComparison(find, now)
	}
	get, err := e.operand(find, now)
	if err != nil {
		return nil, err
	}
	return func(r *collect.Row) verdict {
		switch v := get(r); {
		case v.kind == truthValue && v.number != 0, v.kind == textValue && v.text == "true":
			return yes
		case v.kind == null:
			return unknown
		}
		return no
	}, nil
}

func (e *expression) bindComparison(find resolver, now time.Time) (func(r *collect.Row) verdict, error) {
	gets := make([]getter, len(e.parts))
	for i, p := range e.parts {
		g, err := p.operand(find, now)
		if err != nil {
			return nil, err
		}
		gets[i] = g
	}
	left, right := gets[0], gets[len(gets)-1]
	switch e.op {
	case opEqual:
		return func(r *collect.Row) verdict { return verdictOf(equal(left(r), right(r))) }, nil
	case opUnequal:
		return func(r *collect.Row) verdict { return verdictOf(!equal(left(r), right(r))) }, nil
	case opIn:
		return func(r *collect.Row) verdict {
			v := left(r)
			for _, g := range gets[1:] {
				if equal(v, g(r)) {
					return yes
				}
			}
			return no
		}, nil
	case opContains, opStarts, opEnds:
		test := map[op]func(s, part string) bool{opContains: strings.Contains, opStarts: strings.HasPrefix, opEnds: strings.HasSuffix}[e.op]
		return func(r *collect.Row) verdict {
			a, b := left(r), right(r)
			if a.kind == null || b.kind == null {
				return unknown
			}
			return verdictOf(test(a.text, b.text))
		}, nil
	}
	holds := map[op]func(int) bool{
		opLess: func(c int) bool { return c < 0 }, opAtMost: func(c int) bool { return c <= 0 },
		opGreater: func(c int) bool { return c > 0 }, opAtLeast: func(c int) bool { return c >= 0 },
	}[e.op]
	return func(r *collect.Row) verdict {
		c, ok := order(left(r), right(r))
		if !ok {
			return unknown
		}
		return verdictOf(holds(c))
	}, nil
}

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// operand makes a getter of a literal, a member or a function of one.
func (e *expression) operand(find resolver, now time.Time) (getter, error) {
	switch e.op {
	case opLiteral:
		v := e.value
		return func(*collect.Row) value { return v }, nil
	case opNow:
		v := value{kind: timeValue, time: now}
		return func(*collect.Row) value { return v }, nil
	case opMember:
		return find(e.name, e.at)
	case opYear, opMonth, opDay, opHour, opMinute, opSecond:
		of, err := e.parts[0].operand(find, now)
		if err != nil {
			return nil, err
		}
		o := e.op
		return func(r *collect.Row) value { return part(o, of(r)) }, nil
	}
	test, err := e.bind(find, now)
	if err != nil {
		return nil, err
	}
	return func(r *collect.Row) value {
		switch test(r) {
		case yes:
			return value{kind: truthValue, number: 1}
		case no:
			return value{kind: truthValue}
		}
		return value{}
	}, nil
}

// part takes the year, month, … of a time, in UTC; null where there is none.
func part(o op, v value) value {
	if v.kind == textValue {
		v = timeOf(v.text)
	}
	if v.kind != timeValue && v.kind != dayValue {
		return value{}
	}
	t := v.time.UTC()
	n := map[op]int{opYear: t.Year(), opMonth: int(t.Month()), opDay: t.Day(), opHour: t.Hour(), opMinute: t.Minute(), opSecond: t.Second()}[o]
	return value{kind: numberValue, number: float64(n)}
}

// equal compares as IS NOT DISTINCT FROM does: null is equal to null alone.
func equal(a, b value) bool {
	if a.kind == null || b.kind == null {
		return a.kind == b.kind
	}
	c, ok := order(a, b)
	return ok && c == 0
}

// order compares two values of one kind, or a text with a number or a time that it can be read as. A day and a
// point in time compare as midnight UTC and that point.
func order(a, b value) (int, bool) {
	if a.kind == null || b.kind == null {
		return 0, false
	}
	if a.kind == textValue && b.kind != textValue {
		a = a.as(b.kind)
	}
	if b.kind == textValue && a.kind != textValue {
		b = b.as(a.kind)
	}
	switch {
	case a.kind == textValue && b.kind == textValue:
		return strings.Compare(a.text, b.text), true
	case a.kind == b.kind && (a.kind == numberValue || a.kind == truthValue):
		return cmp.Compare(a.number, b.number), true
	case a.timed() && b.timed():
		return a.time.Compare(b.time), true
	}
	return 0, false
}

func (v value) timed() bool { return v.kind == timeValue || v.kind == dayValue }

// as reads a text as a value of another kind; null where it is none.
func (v value) as(kind valueKind) value {
	switch kind {
	case timeValue, dayValue:
		return timeOf(v.text)
	case numberValue:
		if x, ok := numberOf(v.text); ok {
			return value{kind: numberValue, number: x}
		}
	case truthValue:
		switch v.text {
		case "true", "1":
			return value{kind: truthValue, number: 1}
		case "false", "0":
			return value{kind: truthValue}
		}
	}
	return value{}
}
