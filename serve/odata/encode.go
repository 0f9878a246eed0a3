package odata

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"waymark/collect"
	"waymark/dataset"
	"waymark/form"
)

func itoa(n int) string { return strconv.Itoa(n) }

const hexDigits = "0123456789abcdef"

// appendText appends a text as a JSON string. Bytes that are no UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[from:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			from = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
			b = append(b, s[from:i]...)
			b = append(b, `\u`...)
			for shift := 12; shift >= 0; shift -= 4 {
				b = append(b, hexDigits[r>>shift&15])
			}
			from = i + size
		}
		i += size
	}
	return append(append(b, s[from:]...), '"')
}

// timeLayout is ISO 8601 in UTC with milliseconds, as Central's clients parse it.
const timeLayout = "2006-01-02T15:04:05.000Z"

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, timeLayout)
	return append(b, '"')
}

// format is how the cells of a field are written.
type format uint8

const (
	asText format = iota
	asInteger
	asNumber
	asDate
	asTime
	asPoint
	asLine
	asShape
)

// formatOf gives the format of a field. A column that was of two kinds in two versions of a form is text.
func formatOf(f collect.Field) format {
	switch f.Type {
	case form.Integer:
		if f.Kind == dataset.Number {
			return asInteger
		}
	case form.Decimal, form.Range:
		if f.Kind == dataset.Number {
			return asNumber
		}
	case form.Date:
		if f.Kind == dataset.Date {
			return asDate
		}
	case form.DateTime:
		return asTime
	case form.Geopoint:
		return asPoint
	case form.Geotrace:
		return asLine
	case form.Geoshape:
		return asShape
	}
	return asText
}

// edm names the type of a format in metadata.
func (f format) edm() string {
	return [...]string{"Edm.String", "Edm.Int64", "Edm.Decimal", "Edm.Date", "Edm.DateTimeOffset",
		"Edm.GeographyPoint", "Edm.GeographyLineString", "Edm.GeographyPolygon"}[f]
}

// appendCell appends an answer. What is sealed, what is missing and what is not of the column's type is null:
// a client that was told a type in the metadata stops at the first value of another.
func appendCell(b []byte, c collect.Cell, f format, wkt bool) []byte {
	if c.Sealed || c.Missing != dataset.Present {
		return append(b, "null"...)
	}
	switch f {
	case asText:
		return appendText(b, c.Text)
	case asInteger:
		s := strings.TrimSpace(c.Text)
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return strconv.AppendInt(b, n, 10)
		}
		if x, ok := numberOf(s); ok && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return strconv.AppendInt(b, int64(x), 10)
		}
	case asNumber:
		if x, ok := numberOf(c.Text); ok && !math.IsInf(x, 0) {
			return strconv.AppendFloat(b, x, 'f', -1, 64)
		}
	case asDate:
		if v := timeOf(strings.TrimSpace(c.Text)); v.kind == dayValue {
			return v.time.AppendFormat(b, `"2006-01-02"`)
		} else if v.kind == timeValue {
			return append(append(append(b, '"'), strings.TrimSpace(c.Text)[:10]...), '"')
		}
	case asTime:
		s := strings.TrimSpace(c.Text)
		if v := timeOf(s); v.kind == timeValue {
			if n := len(s); n > 3 && (s[n-3] == '+' || s[n-3] == '-') {
				s += ":00" // phones send +07 where the standard asks for +07:00
			}
			return appendText(b, s)
		}
	default:
		if points := pointsOf(c.Text); len(points) > 0 {
			if wkt {
				return appendWKT(b, points, f)
			}
			return appendGeoJSON(b, points, f)
		}
	}
	return append(b, "null"...)
}

// point is a place as phones send it: latitude, longitude, and where they know it altitude and accuracy in metres.
type point struct{ latitude, longitude, altitude, accuracy float64 } // NaN: not sent

// pointsOf reads "lat lon alt acc; …". A piece that is no point is passed over, as a semicolon at the end makes one.
func pointsOf(s string) []point {
	var out []point
	for piece := range strings.SplitSeq(s, ";") {
		p := point{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
		k := 0
		for word := range strings.FieldsSeq(piece) {
			x, ok := numberOf(word)
			if !ok || k > 3 {
				break
			}
			*[]*float64{&p.latitude, &p.longitude, &p.altitude, &p.accuracy}[k] = x
			k++
		}
		if k >= 2 {
			out = append(out, p)
		}
	}
	return out
}

func appendNumber(b []byte, x float64) []byte { return strconv.AppendFloat(b, x, 'f', -1, 64) }

func appendGeoJSON(b []byte, points []point, f format) []byte {
	coordinate := func(p point) {
		b = append(b, '[')
		b = appendNumber(b, p.longitude)
		b = append(b, ',')
		b = appendNumber(b, p.latitude)
		if p.altitude == p.altitude {
			b = append(b, ',')
			b = appendNumber(b, p.altitude)
		}
		b = append(b, ']')
	}
	if f == asPoint {
		b = append(b, `{"type":"Point","coordinates":`...)
		coordinate(points[0])
		if a := points[0].accuracy; a == a {
			b = append(b, `,"properties":{"accuracy":`...)
			b = append(appendNumber(b, a), '}')
		}
		return append(b, '}')
	}
	if f == asLine {
		b = append(b, `{"type":"LineString","coordinates":[`...)
	} else {
		b = append(b, `{"type":"Polygon","coordinates":[[`...)
	}
	known := false
	for i, p := range points {
		if i > 0 {
			b = append(b, ',')
		}
		coordinate(p)
		known = known || p.accuracy == p.accuracy && p.accuracy != 0
	}
	b = append(b, ']')
	if f == asShape {
		b = append(b, ']')
	}
	if known {
		b = append(b, `,"properties":{"accuracies":[`...)
		for i, p := range points {
			if i > 0 {
				b = append(b, ',')
			}
			if p.accuracy == p.accuracy && p.accuracy != 0 {
				b = appendNumber(b, p.accuracy)
			} else {
				b = append(b, "null"...)
			}
		}
		b = append(b, `]}`...)
	}
	return append(b, '}')
}

// appendWKT appends well-known text (OGC 06-103r4): "POINT (lon lat alt)".
func appendWKT(b []byte, points []point, f format) []byte {
	b = append(b, '"')
	b = append(b, [...]string{asPoint: "POINT (", asLine: "LINESTRING (", asShape: "POLYGON (("}[f]...)
	if f == asPoint {
		points = points[:1]
	}
	for i, p := range points {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendNumber(b, p.longitude), ' ')
		b = appendNumber(b, p.latitude)
		if p.altitude == p.altitude {
			b = appendNumber(append(b, ' '), p.altitude)
		}
	}
	b = append(b, ')')
	if f == asShape {
		b = append(b, ')')
	}
	return append(b, '"')
}
