package parquet

import (
	"fmt"
	"io"
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"waymark/dataset"
)

// numbers takes integers, floats, booleans, dates and times.
type numbers struct {
	name       string
	builder    *dataset.Builder
	missing    map[float64]dataset.Missing
	convert    func(v parquet.Value) float64
	isDay      bool
	asCategory bool
	boolean    bool
	levels     []string
	large      int // whole numbers past 2^53
	clocks     int // times of the day
}

const largestWhole = 1 << 53

func newNumbers(name string, codes dataset.MissingCodes, logical *format.LogicalType, leaf *parquet.Column) *numbers {
	n := &numbers{name: name, missing: map[float64]dataset.Missing{}}
	for text, m := range codes {
		var x float64
		if _, err := fmt.Sscanf(text, "%g", &x); err == nil {
			n.missing[x] = m
		}
	}
	kind := dataset.Number
	value := logicalOf(logical)
	switch physical := leaf.Type().Kind(); {
	case physical == parquet.Boolean:
		n.boolean = true
		n.convert = func(v parquet.Value) float64 {
			if v.Boolean() {
				return 1
			}
			return 0
		}
		n.builder = dataset.NewBuilder(dataset.Field{Name: name, Kind: kind})
		return n
	case physical == parquet.Int96:
		// Times of day and Julian day number, as Impala and old Spark wrote them; day 2440588 is 1970-01-01.
		n.isDay, kind = true, dataset.Date
		n.convert = func(v parquet.Value) float64 {
			t := v.Int96()
			n.clock(t[0] != 0 || t[1] != 0)
			return float64(int32(t[2])) - 2440588
		}
	default:
		n.convert = plainNumber
	}
	switch l := value.(type) {
	case *format.DateType:
		n.isDay, kind = true, dataset.Date
	case *format.TimestampType:
		n.isDay, kind = true, dataset.Date
		per := int64(86400e3)
		switch l.Unit.Value.(type) {
		case *format.MicroSeconds:
			per = 86400e6
		case *format.NanoSeconds:
			per = 86400e9
		}
		n.convert = func(v parquet.Value) float64 {
			day, rest := v.Int64()/per, v.Int64()%per
			if rest < 0 {
				day--
			}
			n.clock(rest != 0)
			return float64(day)
		}
	case *format.DecimalType:
		scale := math.Pow10(int(l.Scale))
		n.convert = func(v parquet.Value) float64 { return plainNumber(v) / scale }
	case *format.IntType:
		if !l.IsSigned {
			n.convert = unsigned
		}
	}
	n.builder = dataset.NewBuilder(dataset.Field{Name: name, Kind: kind})
	return n
}

// clock notes a time of the day, which a column of days does not keep.
func (n *numbers) clock(has bool) {
	if has {
		n.clocks++
	}
}

func unsigned(v parquet.Value) float64 {
	if v.Kind() == parquet.Int32 {
		return float64(uint32(v.Int32()))
	}
	return float64(uint64(v.Int64()))
}

func logicalOf(l *format.LogicalType) format.LogicalTypeValue {
	if l == nil {
		return nil
	}
	return l.Value
}

func plainNumber(v parquet.Value) float64 {
	switch v.Kind() {
	case parquet.Int32:
		return float64(v.Int32())
	case parquet.Int64:
		return float64(v.Int64())
	case parquet.Float:
		return float64(v.Float())
	case parquet.Double:
		return v.Double()
	}
	// A decimal in bytes: a big-endian two's complement integer.
	b := v.ByteArray()
	x := 0.0
	for i, c := range b {
		if i == 0 {
			x = float64(int8(c))
		} else {
			x = x*256 + float64(c)
		}
	}
	return x
}

func (n *numbers) put(x float64) {
	if m, ok := n.missing[x]; ok {
		n.builder.Missing(m)
		return
	}
	if math.IsNaN(x) {
		n.builder.Missing(dataset.Empty)
		return
	}
	if n.isDay {
		n.builder.Day(int(x))
		return
	}
	n.builder.Number(x)
}

func (n *numbers) page(p parquet.Page, levels []byte) bool {
	values := make([]parquet.Value, 1024)
	r := p.Values()
	for {
		k, err := r.ReadValues(values)
		for _, v := range values[:k] {
			if v.IsNull() {
				n.builder.Missing(dataset.Empty)
				continue
			}
			x := n.convert(v)
			if math.Abs(x) > largestWhole && v.Kind() == parquet.Int64 && !n.isDay {
				n.large++
			}
			n.put(x)
		}
		if err == io.EOF {
			return true
		}
		if err != nil || k == 0 {
			return false
		}
	}
}

func (n *numbers) column(s *reading) *dataset.Column {
	if n.large > 0 {
		s.note(CodeLargeInteger, n.name, map[string]any{"count": n.large})
	}
	if n.clocks > 0 {
		s.note(CodeTimeDropped, n.name, map[string]any{"count": n.clocks})
	}
	c := n.builder.Column()
	switch {
	case n.boolean && n.asCategory:
		return booleans(c)
	case n.asCategory:
		return c.AsCategory(n.levels...)
	}
	return c
}

// booleans makes a category of false and true from 0 and 1.
func booleans(c *dataset.Column) *dataset.Column {
	b := dataset.NewBuilder(dataset.Field{Name: c.Name, Kind: dataset.Category,
		Levels: []dataset.Level{{Code: "false"}, {Code: "true"}}})
	for i := range c.Rows() {
		if m := c.Missing(i); m != dataset.Present {
			b.Missing(m)
			continue
		}
		b.Code(int(c.Number(i)))
	}
	return b.Column()
}
