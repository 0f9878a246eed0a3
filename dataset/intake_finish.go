package dataset

import (
	"math"
	"slices"
)

// column gives the finished column and notes what a person should know of it.
func (c *intakeColumn) column(a *Accounts) *Column {
	if c.mode != asCodes {
		return c.columnOfRows(a)
	}
	used := make([]int, len(c.entries))
	if c.isWide {
		c.wide.each(func(k uint32) { used[k]++ })
	} else {
		c.narrow.each(func(k uint8) { used[k]++ })
	}
	values, numbers, days, long, gaps := 0, 0, 0, false, false
	for k, m := range c.entries {
		switch {
		case used[k] == 0:
		case m.missing != Present:
			gaps = true
		default:
			values++
			long = long || m.isLong
			if m.isNumber {
				numbers++
			}
			if m.isDay {
				days++
			}
		}
	}
	c.suspect(a, used, values, numbers+days)
	if !c.declared {
		switch {
		case values == 0:
			c.field.Kind = Category
		case numbers == values:
			c.field.Kind = Number
		case days == values:
			c.field.Kind = Date
		case long:
			c.field.Kind = Text
		default:
			c.field.Kind = Category
		}
	}
	var missing []Missing
	if gaps {
		var p pile[Missing]
		c.eachEntry(func(k uint32) { p.push(c.entries[k].missing) })
		missing = p.take()
	}
	switch c.field.Kind {
	case Category:
		return c.category(a, used, missing)
	case Text:
		at := c.entryTexts()
		c.eachEntry(func(k uint32) { c.texts.next.push(at[k]) })
		c.texts.seal()
		return &Column{Field: c.field, texts: &c.texts, missing: missing, rows: c.rows}
	}
	return c.numbersOfCodes(used, missing)
}

func (c *intakeColumn) columnOfRows(a *Accounts) *Column {
	out := &Column{Field: c.field, rows: c.rows}
	if c.any {
		out.missing = c.missing.take()
	}
	if c.mode == asTexts {
		out.Kind = Text
		c.texts.seal()
		out.texts = &c.texts
		return out
	}
	if out.Kind = Number; c.isDay {
		out.Kind = Date
	}
	out.numbers = c.numbers.take()
	if !c.isDay {
		a.suspectNumbers(out)
	}
	return out
}

func (c *intakeColumn) numbersOfCodes(used []int, missing []Missing) *Column {
	out := &Column{Field: c.field, missing: missing, rows: c.rows}
	if c.isWide {
		out.numbers = make([]float64, 0, c.rows)
		c.wide.each(func(k uint32) {
			x := c.entries[k].x
			if c.entries[k].missing != Present {
				x = math.NaN()
			}
			out.numbers = append(out.numbers, x)
		})
		return out
	}
	var code [256]uint8
	out.values = []float64{}
	for k, m := range c.entries {
		code[k] = noNarrow
		if m.missing == Present && used[k] > 0 {
			code[k] = uint8(len(out.values))
			out.values = append(out.values, m.x)
		}
	}
	out.narrow = recode(c.narrow.take(), &code)
	return out
}

func recode(ids []uint8, code *[256]uint8) []uint8 {
	for i, k := range ids {
		ids[i] = code[k]
	}
	return ids
}

// category gives the levels their order: the declared ones, then the others sorted.
func (c *intakeColumn) category(a *Accounts, used []int, missing []Missing) *Column {
	out := &Column{Field: c.field, missing: missing, rows: c.rows}
	out.Levels = slices.Clone(c.field.Levels)
	place := make(map[string]uint32, len(out.Levels))
	for i, l := range out.Levels {
		place[l.Code] = uint32(i)
	}
	listed := len(out.Levels)
	var others []string
	rows := 0
	for k, m := range c.entries {
		if used[k] == 0 || m.missing != Present {
			continue
		}
		code := string(c.dict.entry(k))
		if _, ok := place[code]; !ok {
			others = append(others, code)
			rows += used[k]
		}
	}
	SortLevels(others)
	for _, l := range others {
		place[l] = uint32(len(out.Levels))
		out.Levels = append(out.Levels, Level{Code: l})
	}
	if listed > 0 && len(others) > 0 {
		a.note(CodeLevelNotListed, c.source+1, c.field.Name, map[string]any{"count": rows, "levels": len(others)})
	}
	of := func(k int) uint32 {
		if c.entries[k].missing != Present {
			return noWide
		}
		if used[k] == 0 {
			return noWide
		}
		return place[string(c.dict.entry(k))]
	}
	if len(out.Levels) <= noNarrow {
		if !c.isWide {
			var code [256]uint8
			for k := range c.entries {
				code[k] = uint8(min(of(k), noNarrow))
			}
			out.narrow = recode(c.narrow.take(), &code)
			return out
		}
		table := make([]uint8, len(c.entries))
		for k := range c.entries {
			table[k] = uint8(min(of(k), noNarrow))
		}
		out.narrow = make([]uint8, 0, c.rows)
		c.wide.each(func(k uint32) { out.narrow = append(out.narrow, table[k]) })
		return out
	}
	table := make([]uint32, len(c.entries))
	for k := range c.entries {
		table[k] = of(k)
	}
	out.wide = make([]uint32, 0, c.rows)
	c.eachEntry(func(k uint32) { out.wide = append(out.wide, table[k]) })
	return out
}
