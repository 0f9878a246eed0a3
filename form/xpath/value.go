package xpath

import (
	"math"
	"strconv"
	"strings"
	"time"
)

type valueKind uint8

const (
	textValue valueKind = iota
	numberValue
	truthValue
	nodesValue
	dayValue  // a date: number is days since 1970-01-01
	timeValue // a date and a time: number is days since 1970-01-01 with the part of the day
)

// Value is what an expression gives: a text, a number, a truth, nodes, or a point in time. Its printed form
// hides it.
type Value struct {
	kind   valueKind
	text   string
	number float64
	truth  bool
	nodes  []*Node
}

func textOf(s string) Value     { return Value{kind: textValue, text: s} }
func numberOf(x float64) Value  { return Value{kind: numberValue, number: x} }
func truthOf(b bool) Value      { return Value{kind: truthValue, truth: b} }
func nodesOf(n []*Node) Value   { return Value{kind: nodesValue, nodes: n} }
func dayOf(days float64) Value  { return Value{kind: dayValue, number: days} }
func timeOf(days float64) Value { return Value{kind: timeValue, number: days} }

// String hides the value: it may be made of answers.
func (v Value) String() string { return "value (sealed)" }

// GoString is String, so that %#v shows nothing either.
func (v Value) GoString() string { return v.String() }

// Nodes gives the nodes of a path, nil for other values.
func (v Value) Nodes() []*Node { return v.nodes }

// Text gives the value as text: of nodes that of the first, "" without any.
func (v Value) Text() string {
	switch v.kind {
	case numberValue:
		return numberText(v.number)
	case truthValue:
		return strconv.FormatBool(v.truth)
	case nodesValue:
		if len(v.nodes) == 0 {
			return ""
		}
		return v.nodes[0].Value()
	case dayValue:
		return dateOf(math.Floor(v.number)).Format(time.DateOnly)
	case timeValue:
		return dateOf(v.number).Format("2006-01-02T15:04:05.000") + "+00:00"
	}
	return v.text
}

// dateOf gives the time of days since 1970-01-01, rounded to the millisecond.
func dateOf(days float64) time.Time {
	if math.IsNaN(days) || math.Abs(days) > 1e7 {
		return time.Time{}
	}
	return time.UnixMilli(int64(math.Round(days * 86_400_000))).UTC()
}

// numberText writes a number as XPath does: never with an exponent, whole numbers without a point.
func numberText(x float64) string {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	case x == 0:
		return "0"
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// Number gives the value as a number: a date is the days since 1970-01-01, what is no number is NaN.
func (v Value) Number() float64 {
	switch v.kind {
	case numberValue, dayValue, timeValue:
		return v.number
	case truthValue:
		if v.truth {
			return 1
		}
		return 0
	}
	return textNumber(v.Text())
}

// textNumber reads digits with a point and a minus as XPath does, with an exponent as phones write large
// decimals, and dates as days.
func textNumber(s string) float64 {
	s = strings.TrimSpace(s)
	if s == "" {
		return math.NaN()
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && c != '.' && c != '-' && c != 'e' && c != 'E' && c != '+' {
			days, _, ok := moment(s)
			if !ok {
				return math.NaN()
			}
			return days
		}
	}
	if x, err := strconv.ParseFloat(s, 64); err == nil {
		return x
	}
	if days, _, ok := moment(s); ok {
		return days
	}
	return math.NaN()
}

// moment reads a date, or a date and a time with or without a zone, as days since 1970-01-01 in the zone it
// was written in. whole says that there is no time.
func moment(s string) (days float64, whole, ok bool) {
	if len(s) < len(time.DateOnly) {
		return 0, false, false
	}
	day, err := time.Parse(time.DateOnly, s[:10])
	if err != nil {
		return 0, false, false
	}
	days = math.Floor(float64(day.Unix()) / 86400)
	if len(s) == 10 {
		return days, true, true
	}
	if s[10] != 'T' && s[10] != ' ' {
		return 0, false, false
	}
	part, ok := partOfDay(s[11:])
	return days + part, false, ok
}

// partOfDay reads a time, with or without seconds, parts of them and a zone.
func partOfDay(s string) (float64, bool) {
	if i := strings.LastIndexAny(s, "Z+-"); i > 0 {
		s = s[:i]
	}
	for _, layout := range [...]string{"15:04:05", "15:04"} { // parts of a second are taken after seconds
		if t, err := time.Parse(layout, s); err == nil {
			return float64(t.Hour()*3600+t.Minute()*60+t.Second())/86400 + float64(t.Nanosecond())/86400e9, true
		}
	}
	return 0, false
}

// Truth gives the value as a truth: nodes hold where the first has an answer. XPath 1.0 would ask whether
// there is a node; on phones the nodes of unanswered questions are there, in what they send they may not be.
func (v Value) Truth() bool {
	switch v.kind {
	case truthValue:
		return v.truth
	case numberValue, dayValue, timeValue:
		return v.number != 0 && !math.IsNaN(v.number)
	}
	return v.Text() != ""
}

// texts gives the texts of a value: of every node, or the one text.
func (v Value) texts() []string {
	if v.kind != nodesValue {
		return []string{v.Text()}
	}
	out := make([]string, len(v.nodes))
	for i, n := range v.nodes {
		out[i] = n.Value()
	}
	return out
}

// compare says whether any pair of the two sides' texts stands in a relation, as XPath 1.0 does (3.4), but that
// no node at all is one without text: a question that did not apply was not sent. Two times of one day are
// ErrUnknown where their order decides: ODK Collect compares days, forms in a browser compare times.
func compare(a, b Value, op string) (bool, error) {
	if a.kind == truthValue || b.kind == truthValue {
		if op == "=" || op == "!=" {
			return (a.Truth() == b.Truth()) == (op == "="), nil
		}
	}
	if a.kind != nodesValue && b.kind != nodesValue {
		return one(a, b, op)
	}
	for _, x := range sides(a) {
		for _, y := range sides(b) {
			if holds, err := one(x, y, op); holds || err != nil {
				return holds, err
			}
		}
	}
	return false, nil
}

func sides(v Value) []Value {
	if v.kind != nodesValue {
		return []Value{v}
	}
	if len(v.nodes) == 0 {
		return []Value{textOf("")}
	}
	out := make([]Value, len(v.nodes))
	for i, n := range v.nodes {
		out[i] = textOf(n.Value())
	}
	return out
}

// near is how far apart numbers may be that count as equal, as on phones.
const near = 1e-12

func one(a, b Value, op string) (bool, error) {
	if (op == "=" || op == "!=") && a.kind == textValue && b.kind == textValue {
		return (a.text == b.text) == (op == "="), nil
	}
	x, y := a.Number(), b.Number()
	holds := related(x, y, op)
	if op != "=" && op != "!=" && a.timed() && b.timed() && holds != related(math.Floor(x), math.Floor(y), op) {
		return false, ErrUnknown
	}
	return holds, nil
}

func related(x, y float64, op string) bool {
	switch op {
	case "=":
		return x == y || math.Abs(x-y) < near
	case "!=":
		return !(x == y || math.Abs(x-y) < near)
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	}
	return x >= y
}

// timed says whether the value is a point in time.
func (v Value) timed() bool {
	switch v.kind {
	case dayValue, timeValue:
		return true
	case textValue:
		_, _, ok := moment(strings.TrimSpace(v.text))
		return ok
	}
	return false
}
