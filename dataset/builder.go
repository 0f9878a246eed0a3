package dataset

import (
	"fmt"
	"math"
	"time"
)

// Builder makes a column row by row. The zero value is not usable; start with NewBuilder.
//
// Level, Code, Number, Day and Text must fit the kind of the field: another call is a mistake of the
// program, not of the data, and panics.
type Builder struct {
	field   Field
	levels  map[string]uint32
	narrow  pile[uint8]
	wide    pile[uint32]
	isWide  bool
	numbers pile[float64]
	values  []float64        // of few distinct numbers: what each narrow code stands for
	index   map[uint64]uint8 // bits of a number to its code; nil: numbers are kept in full
	texts   texts
	missing pile[Missing]
	any     bool // any row is missing
	rows    int
}

// NewBuilder starts a column. A Category's Levels may be given, in order (the first is the reference of a
// model), and grow as Level meets others.
func NewBuilder(field Field) *Builder {
	b := &Builder{field: field}
	b.field.Levels = append([]Level(nil), field.Levels...)
	if field.Kind == Category {
		b.levels = make(map[string]uint32, len(field.Levels))
		for i, l := range field.Levels {
			b.levels[l.Code] = uint32(i)
		}
		if len(field.Levels) > noNarrow {
			b.isWide = true
		}
	}
	if field.Kind == Number || field.Kind == Date {
		b.index, b.values = map[uint64]uint8{}, []float64{}
	}
	return b
}

// Rows is the number of rows so far.
func (b *Builder) Rows() int { return b.rows }

// Code appends an index into the field's Levels.
func (b *Builder) Code(k int) {
	b.want(Category)
	if k < 0 || k >= len(b.field.Levels) {
		panic(fmt.Sprintf("dataset: code %d in column %s of %d levels", k, b.field.Name, len(b.field.Levels)))
	}
	b.code(uint32(k))
	b.present()
}

func (b *Builder) code(k uint32) {
	if !b.isWide {
		b.narrow.push(uint8(k))
		return
	}
	b.wide.push(k)
}

// Level appends a level by its code text, adding it to the levels where it is new. "" is Empty.
func (b *Builder) Level(text string) {
	b.want(Category)
	if text == "" {
		b.Missing(Empty)
		return
	}
	k, ok := b.levels[text]
	if !ok {
		k = uint32(len(b.field.Levels))
		b.field.Levels = append(b.field.Levels, Level{Code: text})
		b.levels[text] = k
		if k == noNarrow {
			b.widen()
		}
	}
	b.code(k)
	b.present()
}

func (b *Builder) widen() {
	b.isWide = true
	b.narrow.each(func(v uint8) { b.wide.push(widened(v)) })
	b.narrow = pile[uint8]{}
}

func widened(v uint8) uint32 {
	if v == noNarrow {
		return noWide
	}
	return uint32(v)
}

// Number appends a number. NaN is no value and is kept as Empty.
func (b *Builder) Number(x float64) {
	b.want(Number)
	b.number(x)
}

func (b *Builder) number(x float64) {
	if math.IsNaN(x) {
		b.Missing(Empty)
		return
	}
	if b.index == nil {
		b.numbers.push(x)
		b.present()
		return
	}
	k, ok := b.index[math.Float64bits(x)]
	switch {
	case ok:
		b.narrow.push(k)
	case len(b.values) < noNarrow:
		k = uint8(len(b.values))
		b.values = append(b.values, x)
		b.index[math.Float64bits(x)] = k
		b.narrow.push(k)
	default:
		b.unfold()
		b.numbers.push(x)
	}
	b.present()
}

// unfold goes over from one code a row to numbers in full.
func (b *Builder) unfold() {
	b.narrow.each(func(k uint8) {
		if k == noNarrow {
			b.numbers.push(math.NaN())
		} else {
			b.numbers.push(b.values[k])
		}
	})
	b.narrow, b.index, b.values = pile[uint8]{}, nil, nil
}

// Day appends a calendar day: days since 1970-01-01.
func (b *Builder) Day(days int) {
	b.want(Date)
	b.number(float64(days))
}

// Time appends the calendar day of t in t's own time zone.
func (b *Builder) Time(t time.Time) { b.Day(DaysOf(t.Date())) }

// Text appends a text. "" is Empty.
func (b *Builder) Text(s string) {
	b.want(Text)
	if s == "" {
		b.Missing(Empty)
		return
	}
	b.texts.appendString(s)
	b.present()
}

// Missing appends a row without a value and says why. Present is a mistake of the program.
func (b *Builder) Missing(m Missing) {
	if m == Present || m > Empty {
		panic("dataset: a row without a value needs a kind of missing")
	}
	switch {
	case b.field.Kind == Text:
		b.texts.append(nil)
	case b.field.Kind != Category && b.index == nil:
		b.numbers.push(math.NaN())
	case b.isWide:
		b.wide.push(noWide)
	default:
		b.narrow.push(noNarrow)
	}
	if !b.any {
		b.any = true
		for range b.rows {
			b.missing.push(Present)
		}
	}
	b.missing.push(m)
	b.rows++
}

func (b *Builder) present() {
	if b.any {
		b.missing.push(Present)
	}
	b.rows++
}

func (b *Builder) want(k Kind) {
	if b.field.Kind != k {
		panic(fmt.Sprintf("dataset: a %s in column %s of kind %s", k, b.field.Name, b.field.Kind))
	}
}

// Copy appends row i of a column of the same kind.
func (b *Builder) Copy(c *Column, i int) {
	if m := c.Missing(i); m != Present {
		b.Missing(m)
		return
	}
	switch b.field.Kind {
	case Category:
		b.Level(c.Level(i))
	case Text:
		b.Text(c.Text(i))
	default:
		b.number(c.Number(i))
	}
}

// Column gives the finished column. The builder is empty afterwards and must not be used again.
func (b *Builder) Column() *Column {
	c := &Column{Field: b.field, rows: b.rows}
	if b.any {
		c.missing = b.missing.take()
	}
	switch {
	case b.field.Kind == Text:
		t := b.texts
		t.seal()
		c.texts = &t
	case b.field.Kind != Category && b.index == nil:
		c.numbers = b.numbers.take()
	case b.isWide:
		c.wide = b.wide.take()
	default:
		c.narrow = b.narrow.take()
		c.values = b.values
	}
	*b = Builder{}
	return c
}
