package lang

import (
	"math"
	"strconv"
	"strings"
)

const (
	narrowSpace = "\u202f" // between groups of digits, before ; ? ! %
	fixedSpace  = "\u00a0" // before : and inside guillemets
	minusSign   = "\u2212"
	infinity    = "\u221e"
)

// Number writes x with a fixed number of decimals and its digits in groups of three: 139,312.5 in English,
// 139 312,5 in French (narrow no-break space). What is not a number is written "n/a" or « n. d. ».
func (p *Printer) Number(x float64, decimals int) string {
	switch {
	case math.IsNaN(x):
		return p.choose("n/a", "n."+fixedSpace+"d.")
	case math.IsInf(x, 1):
		return infinity
	case math.IsInf(x, -1):
		return minusSign + infinity
	}
	digits := strconv.FormatFloat(math.Abs(x), 'f', max(decimals, 0), 64)
	whole, rest, _ := strings.Cut(digits, ".")
	var b strings.Builder
	if x < 0 && strings.Trim(digits, "0.") != "" {
		b.WriteString(minusSign)
	}
	for n, d := range whole {
		if n > 0 && (len(whole)-n)%3 == 0 {
			b.WriteString(p.choose(",", narrowSpace))
		}
		b.WriteRune(d)
	}
	if rest != "" {
		b.WriteString(p.choose(".", ","))
		b.WriteString(rest)
	}
	return b.String()
}

// Percent writes a share (0 to 1) as per cent: 37.2% in English, 37,2 % in French. A share above zero that
// rounds to zero is written as less than the smallest that can be shown.
func (p *Printer) Percent(share float64, decimals int) string {
	sign := p.choose("%", narrowSpace+"%")
	if smallest := math.Pow(10, -float64(decimals)); share > 0 && share*100 < smallest/2 {
		return p.below(smallest, decimals) + sign
	}
	return p.Number(share*100, decimals) + sign
}

// Points writes a difference of shares in percentage points, with its sign: +4.1 percentage points.
func (p *Printer) Points(difference float64, decimals int) string {
	s := p.Number(difference*100, decimals)
	if difference > 0 && strings.Trim(s, "0.,") != "" {
		s = "+" + s
	}
	return s + p.choose(" percentage points", fixedSpace+"points de pourcentage")
}

// OddsRatio writes a ratio with the decimals that a reader can use: 2.14, 14.2, 163; beyond a thousand or
// under a thousandth only that.
func (p *Printer) OddsRatio(x float64) string {
	switch size := math.Abs(x); {
	case math.IsNaN(x), math.IsInf(x, 0):
		return p.Number(x, 0)
	case size > 1000:
		return ">" + p.choose("", fixedSpace) + p.Number(1000, 0)
	case size > 0 && size < 0.001:
		return p.below(0.001, 3)
	case size >= 99.95:
		return p.Number(x, 0)
	case size >= 9.995:
		return p.Number(x, 1)
	case size > 0 && size < 0.0995:
		return p.Number(x, 3)
	}
	return p.Number(x, 2)
}

// PValue writes a probability under the null hypothesis: 0.032, <0.001.
func (p *Printer) PValue(x float64) string {
	if x < 0.001 {
		return p.below(0.001, 3)
	}
	return p.Number(x, 3)
}

// Range joins two written numbers: "1.3 to 2.9", « 1,3 à 2,9 ».
func (p *Printer) Range(low, high string) string {
	return low + fixedSpace + p.choose("to", "à") + " " + high
}

// Interval writes both ends of an interval with one of the printer's own forms and joins them.
func (p *Printer) Interval(low, high float64, write func(float64) string) string {
	return p.Range(write(low), write(high))
}

// Ordinal writes 1st, 2nd, 3rd, 11th in English; 1er, 2e in French (masculine).
func (p *Printer) Ordinal(n int) string {
	s := p.Number(float64(n), 0)
	if p.tag == "fr" {
		if n == 1 {
			return s + "er"
		}
		return s + "e"
	}
	switch {
	case n%100 >= 11 && n%100 <= 13:
		return s + "th"
	case n%10 == 1:
		return s + "st"
	case n%10 == 2:
		return s + "nd"
	case n%10 == 3:
		return s + "rd"
	}
	return s + "th"
}

// List joins words: "a, b and c", « a, b et c ».
func (p *Printer) List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + p.choose(" and ", " et ") + items[last]
}

func (p *Printer) below(smallest float64, decimals int) string {
	return "<" + p.choose("", fixedSpace) + p.Number(smallest, decimals)
}

func (p *Printer) choose(english, french string) string {
	if p.tag == "fr" {
		return french
	}
	return english
}
