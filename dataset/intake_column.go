package dataset

import (
	"bytes"
	"math"

	"waymark/fault"
)

// intakeColumn gathers one column whose kind is not known until the last row. It keeps cells as numbers of a
// dictionary while there are few distinct ones; past 255 it goes on as plain numbers (or days) where every
// value was one, else as wider codes, and past MaxLevels as text. A number column that later meets a word is
// played back as text: forms that a number does not keep (1.50, 1,475) were set aside for that.
type intakeColumn struct {
	field     Field
	source    int // position in the row
	companion int // position in the row of NAME__missing; -1: none
	declared  bool
	noNumbers bool // played back: never try numbers again
	options   *ReadOptions
	codes     MissingCodes
	starts    [256]bool // first bytes of the codes, and blanks: most cells are no code by their first byte
	form      numberForm

	mode    intakeMode
	isDay   bool // in mode asNumbers: days
	dict    *dictionary
	entries []entryMeta
	values  int // entries that are values
	asNums  int // of them, numbers
	asDays  int // of them, days
	narrow  pile[uint8]
	wide    pile[uint32]
	isWide  bool

	numbers pile[float64]
	texts   texts
	missing pile[Missing]
	any     bool // any row of modes asNumbers and asTexts is missing
	odd     texts
	oddAt   []uint32
	rows    int

	next pending
}

type intakeMode uint8

const (
	asCodes intakeMode = iota
	asNumbers
	asTexts
)

type entryMeta struct {
	x        float64
	missing  Missing
	isNumber bool
	isDay    bool
	isLong   bool
}

// pending is a cell looked at and not yet put in: the row may yet be listed.
type pending struct {
	entry   uint32
	x       float64
	missing Missing
	odd     bool
	cell    []byte
}

func (c *intakeColumn) wants(k Kind) bool {
	if c.declared {
		return c.field.Kind == k
	}
	return !c.noNumbers
}

// look finds what a cell is and keeps it as pending. A code says why the row cannot be loaded.
func (c *intakeColumn) look(cell []byte) fault.Code {
	switch c.mode {
	case asCodes:
		return c.lookCode(cell)
	case asNumbers:
		return c.lookNumber(cell)
	}
	c.next = pending{missing: c.missingOf(cell), cell: cell}
	return ""
}

func (c *intakeColumn) lookCode(cell []byte) fault.Code {
	k, slot, hash, ok := c.dict.find(cell)
	if !ok {
		if c.dict.len() >= noNarrow && !c.isWide || c.dict.len() >= c.options.MaxLevels {
			if c.leaveCodes() {
				return c.look(cell)
			}
		}
		k = c.dict.add(cell, slot, hash)
		c.meet(cell)
	}
	m := &c.entries[k]
	if c.declared && m.missing == Present {
		switch {
		case c.field.Kind == Number && !m.isNumber:
			return CodeNotANumber
		case c.field.Kind == Date && !m.isDay:
			return CodeNotADate
		}
	}
	c.next.entry, c.next.missing = uint32(k), m.missing
	return ""
}

// meet notes what a new entry is.
func (c *intakeColumn) meet(cell []byte) {
	m := entryMeta{missing: c.missingOf(cell)}
	if m.missing == Present {
		c.values++
		if c.wants(Number) {
			m.x, _, m.isNumber = c.form.parse(cell)
		}
		if m.isNumber {
			c.asNums++
		} else if c.wants(Date) {
			m.x, _, m.isDay = parseDay(cell, c.options.Dates, c.declared)
			if m.isDay {
				c.asDays++
			}
		}
		m.isLong = len(cell) >= longText || bytes.IndexByte(cell, '\n') >= 0
	}
	c.entries = append(c.entries, m)
}

// missingOf says why a cell has no value. Marks of the companion column come as a NUL and the kind.
func (c *intakeColumn) missingOf(cell []byte) Missing {
	if len(cell) == 2 && cell[0] == 0 {
		return Missing(cell[1])
	}
	if len(cell) == 0 {
		return Empty
	}
	if !c.starts[cell[0]] {
		return Present
	}
	if m, ok := c.codes[string(cell)]; ok {
		return m
	}
	trimmed := bytes.TrimSpace(cell)
	if len(trimmed) == 0 {
		return Empty
	}
	if len(trimmed) != len(cell) {
		return c.codes[string(trimmed)]
	}
	return Present
}

// leaveCodes goes over to another way of keeping the column, or widens the codes and says false where the
// column stays coded.
func (c *intakeColumn) leaveCodes() bool {
	numbers := c.wants(Number) && (c.declared || c.values > 0 && c.asNums == c.values)
	days := c.wants(Date) && (c.declared || c.values > 0 && c.asDays == c.values)
	switch {
	case numbers || days:
		c.isDay = days
		c.mode = asNumbers
		c.eachEntry(func(k uint32) {
			m := c.entries[k]
			p := pending{x: m.x, missing: m.missing}
			if m.missing == Present {
				p.cell = c.dict.entry(int(k))
				p.odd = !c.canonical(p.cell)
			}
			c.putNumber(p)
		})
	case c.declared && c.field.Kind == Text, !c.declared && c.dict.len() >= c.options.MaxLevels:
		c.mode = asTexts
		at := c.entryTexts()
		c.eachEntry(func(k uint32) { c.putTextAt(at[k], c.entries[k].missing) })
	case !c.isWide:
		c.isWide = true
		c.narrow.each(func(v uint8) { c.wide.push(uint32(v)) })
		c.narrow = pile[uint8]{}
		return false
	default:
		return false // a declared category has as many levels as it has
	}
	c.dict, c.entries = nil, nil
	c.narrow, c.wide = pile[uint8]{}, pile[uint32]{}
	return true
}

func (c *intakeColumn) canonical(cell []byte) bool {
	var yes bool
	if c.isDay {
		_, yes, _ = parseDay(cell, nil, false)
	} else {
		_, yes, _ = c.form.parse(cell)
	}
	return yes
}

// entryTexts puts every entry once into texts and gives their places there.
func (c *intakeColumn) entryTexts() []uint64 {
	for i := range c.entries {
		if c.entries[i].missing == Present {
			c.texts.append(c.dict.entry(i))
		} else {
			c.texts.append(nil)
		}
	}
	return c.texts.next.take()
}

func (c *intakeColumn) eachEntry(f func(k uint32)) {
	if c.isWide {
		c.wide.each(f)
		return
	}
	c.narrow.each(func(v uint8) { f(uint32(v)) })
}

func (c *intakeColumn) lookNumber(cell []byte) fault.Code {
	var x float64
	var canonical, ok bool
	if c.isDay {
		x, canonical, ok = parseDay(cell, c.options.Dates, c.declared)
	} else {
		x, canonical, ok = c.form.plain(cell)
	}
	if ok && len(c.codes) > 0 { // a code such as -99 is a number by its looks
		if m := c.missingOf(cell); m != Present {
			c.next = pending{missing: m}
			return ""
		}
	}
	if !ok {
		if m := c.missingOf(cell); m != Present {
			c.next = pending{missing: m}
			return ""
		}
		if !c.isDay {
			x, canonical, ok = c.form.slow(cell)
		}
	}
	if ok {
		c.next = pending{x: x, odd: !canonical, cell: cell}
		return ""
	}
	if c.declared {
		if c.isDay {
			return CodeNotADate
		}
		return CodeNotANumber
	}
	c.playBack()
	return c.look(cell)
}

// playBack makes a column of numbers one of codes or text again.
func (c *intakeColumn) playBack() {
	again := &intakeColumn{field: c.field, source: c.source, companion: c.companion, noNumbers: true, options: c.options,
		codes: c.codes, starts: c.starts, form: c.form, dict: newDictionary()}
	missing := c.missing.take()
	c.odd.seal()
	var cell []byte
	i, odd := 0, 0
	c.numbers.each(func(x float64) {
		cell = cell[:0]
		switch {
		case math.IsNaN(x):
			cell = append(cell, 0, byte(missing[i]))
		case odd < len(c.oddAt) && c.oddAt[odd] == uint32(i):
			cell = append(cell, c.odd.at(odd)...)
			odd++
		case c.isDay:
			cell = appendDay(cell, x)
		default:
			cell = appendNumber(cell, x)
		}
		again.look(cell)
		again.put()
		i++
	})
	*c = *again
}

// put puts the pending cell in.
func (c *intakeColumn) put() {
	switch c.mode {
	case asCodes:
		if c.isWide {
			c.wide.push(c.next.entry)
		} else {
			c.narrow.push(uint8(c.next.entry))
		}
		c.rows++
	case asNumbers:
		c.putNumber(c.next)
		c.rows++
	case asTexts:
		if c.next.missing != Present {
			c.next.cell = nil
		}
		c.texts.append(c.next.cell)
		c.putMissing(c.next.missing, c.rows)
		c.rows++
	}
}

func (c *intakeColumn) putNumber(p pending) {
	row := c.numbers.n
	if p.missing != Present {
		p.x = math.NaN()
	} else if p.odd && !c.declared {
		c.odd.append(p.cell)
		c.oddAt = append(c.oddAt, uint32(row))
	}
	c.numbers.push(p.x)
	c.putMissing(p.missing, row)
}

func (c *intakeColumn) putTextAt(at uint64, m Missing) {
	c.putMissing(m, c.texts.next.n)
	c.texts.next.push(at)
}

func (c *intakeColumn) putMissing(m Missing, row int) {
	if m != Present && !c.any {
		c.any = true
		for range row {
			c.missing.push(Present)
		}
	}
	if c.any {
		c.missing.push(m)
	}
}
