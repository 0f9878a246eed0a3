package xlsform

import (
	"math/big"
	"strings"

	"waymark/form"
)

// ranged reads the parameters of a range. Numbers are compared as written, not as binary fractions, so that
// 0.3 is a multiple of 0.1.
func (c *compiler) ranged(e *entry, n *form.Node) {
	p := c.parameters(e, "end", "placeholder", "start", "step", "tick_interval", "tick_labelset")
	look := e.appearance()
	if look != "" && !strings.Contains(look, "vertical") && !strings.Contains(look, "no-ticks") {
		for _, name := range [...]string{"tick_interval", "placeholder", "tick_labelset"} {
			if p[name] != "" {
				c.at(e, CodeRangeLook, "parameters", map[string]any{"parameter": name})
			}
		}
	}
	for name, value := range map[string]string{"start": "1", "end": "10", "step": "1"} {
		if p[name] == "" {
			p[name] = value
		}
	}
	s := scale{c: c, e: e, p: p}
	s.start, s.end, s.step = s.number("start"), s.number("end"), s.number("step")
	s.tick, s.placeholder = s.number("tick_interval"), s.number("placeholder")
	if s.start == nil || s.end == nil || s.step == nil {
		return
	}
	if !s.steps() {
		return
	}
	labels := p["tick_labelset"]
	if labels != "" {
		s.labels(labels, look)
		n.Choices = &form.Choosing{List: labels}
	}
	for _, x := range []*big.Rat{s.start, s.end, s.step, s.tick, s.placeholder} {
		if x != nil && !x.IsInt() {
			n.Bind = form.SetProperty(n.Bind, form.Property{Name: "type", Value: "decimal"})
			break
		}
	}
	for _, pair := range [...][2]string{{"start", "start"}, {"end", "end"}, {"step", "step"}, {"tick_interval", "odk:tick-interval"}, {"placeholder", "odk:placeholder"}} {
		if v := p[pair[0]]; v != "" {
			n.Control = form.SetProperty(n.Control, form.Property{Name: pair[1], Value: v})
		}
	}
}

// scale is a range being checked.
type scale struct {
	c                                   *compiler
	e                                   *entry
	p                                   parameters
	start, end, step, tick, placeholder *big.Rat
}

// number reads a parameter; nil where it is not given or no number.
func (s *scale) number(name string) *big.Rat {
	text := s.p[name]
	if text == "" {
		return nil
	}
	if x, ok := decimal(text); ok {
		return x
	}
	s.c.at(s.e, CodeParameterNumber, "parameters", map[string]any{"parameter": name})
	return nil
}

// decimal reads a number of at most forty digits, so that a cell cannot ask for a huge one.
func decimal(text string) (*big.Rat, bool) {
	if len(text) > 40 || strings.ContainsAny(text, "/eExXpP_bBoO") {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func multiple(x, of *big.Rat) bool { return new(big.Rat).Quo(x, of).IsInt() }

func (s *scale) outside(x *big.Rat) bool {
	low, high := s.start, s.end
	if low.Cmp(high) > 0 {
		low, high = high, low
	}
	return x.Cmp(low) < 0 || x.Cmp(high) > 0
}

// steps checks the numbers against each other.
func (s *scale) steps() bool {
	width := new(big.Rat).Sub(s.end, s.start)
	width.Abs(width)
	ok := true
	for _, x := range []struct {
		name  string
		value *big.Rat
	}{{"step", s.step}, {"tick_interval", s.tick}} {
		args := map[string]any{"parameter": x.name}
		switch {
		case x.value == nil:
		case x.value.Sign() == 0:
			s.c.at(s.e, CodeRangeZero, "parameters", args)
			ok = false
		case x.value.Cmp(width) > 0:
			s.c.at(s.e, CodeRangeWide, "parameters", args)
			ok = false
		}
	}
	if !ok {
		return false
	}
	if s.tick != nil && !multiple(s.tick, s.step) {
		s.c.at(s.e, CodeRangeStep, "parameters", map[string]any{"parameter": "tick_interval"})
		ok = false
	}
	if s.placeholder != nil {
		args := map[string]any{"parameter": "placeholder"}
		if !multiple(new(big.Rat).Sub(s.placeholder, s.start), s.step) {
			s.c.at(s.e, CodeRangeStep, "parameters", args)
			ok = false
		}
		if s.outside(s.placeholder) {
			s.c.at(s.e, CodeRangeOutside, "parameters", args)
			ok = false
		}
	}
	return ok
}

// labels checks the list whose texts stand at the ticks.
func (s *scale) labels(list, look string) {
	l := s.c.lists[list]
	if l == nil {
		for name, have := range s.c.lists { // names of lists count with their case; parameters lost theirs
			if strings.EqualFold(name, list) {
				l = have
			}
		}
	}
	if l == nil {
		s.c.at(s.e, CodeRangeList, "parameters", map[string]any{"list": list})
		return
	}
	every := s.step
	if s.tick != nil {
		every = s.tick
	}
	ends := map[string]bool{}
	for _, o := range l.list.Options {
		x, ok := decimal(o.Name)
		if !ok || s.outside(x) || !multiple(new(big.Rat).Sub(x, s.start), every) {
			s.c.at(s.e, CodeRangeChoice, "parameters", map[string]any{"list": list, "name": o.Name})
			return
		}
		ends[x.RatString()] = true
	}
	if strings.Contains(look, "no-ticks") && !(len(ends) == 2 && ends[s.start.RatString()] && ends[s.end.RatString()]) {
		s.c.at(s.e, CodeRangeEnds, "parameters", map[string]any{"list": list})
	}
}
