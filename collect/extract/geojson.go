package extract

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"waymark/collect"
	"waymark/dataset"
	"waymark/fault"
	"waymark/form"
)

// coarse is the width in degrees of the squares whose middle stands for an internal place: about 11 km at the
// equator, so that a square of a rural district holds more than one site.
const coarse = 0.1

// GeoJSON writes the rows of a table ("" the first) that have a place, as features (RFC 7946). The place is that of
// the field with the path given, or of the first field with one. A strict place needs an opening, a restricted one
// must be asked for; an internal one is moved to the middle of its square.
func (x *Extract) GeoJSON(ctx context.Context, w io.Writer, name, path string) error {
	t, err := x.table(name)
	if err != nil {
		return err
	}
	place, err := x.place(t, path)
	if err != nil {
		return err
	}
	at := slices.Index(t.read, place.Path.String())
	if err := x.note(ctx, "geojson", t); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	head, _ := json.Marshal(map[string]any{"form": x.options.Form, "table": t.Name, "place": place.Path.String()})
	fmt.Fprintf(out, `{"type":"FeatureCollection","clearance":"not cleared","waymark":%s,"features":[`, head)
	first := true
	var b []byte
	for row, err := range x.rows(ctx, x.query(t)) {
		if err != nil {
			return fmt.Errorf("read table %s: %w", t.Name, err)
		}
		if row.Record.Encrypted || row.Cells[at].Missing != dataset.Present || row.Cells[at].Sealed {
			continue
		}
		geometry := geometryOf(row.Cells[at].Text, place)
		if geometry == nil {
			continue
		}
		b = b[:0]
		if !first {
			b = append(b, ',')
		}
		first = false
		if b, err = x.feature(b, t, at, &row, geometry); err != nil {
			return err
		}
		if _, err := out.Write(b); err != nil {
			return fmt.Errorf("write geojson: %w", err)
		}
	}
	out.WriteString("]}\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write geojson: %w", err)
	}
	return nil
}

// place finds the field whose places are shown, and refuses one that is not open to the reader.
func (x *Extract) place(t *table, path string) (collect.Field, error) {
	located := func(f collect.Field) bool {
		return (f.Type == form.Geopoint || f.Type == form.Geotrace || f.Type == form.Geoshape) && (path == "" || f.Path.String() == path)
	}
	for _, c := range t.columns {
		if c.at >= 0 && located(c.field) {
			return c.field, nil
		}
	}
	for _, f := range t.left {
		if located(f) {
			code := CodeGeometryRestricted
			if f.Class == dataset.Strict {
				code = CodeGeometryStrict
			}
			return collect.Field{}, fault.Issue{Code: code, Args: map[string]any{"field": f.Path.String()}, Kind: fault.Forbidden}
		}
	}
	return collect.Field{}, fault.Issue{Code: CodeNoGeometry, Kind: fault.NotFound}
}

func (x *Extract) feature(b []byte, t *table, at int, r *collect.Row, geometry []byte) ([]byte, error) {
	id, err := json.Marshal(r.Key)
	if err != nil {
		return nil, err
	}
	b = append(b, `{"type":"Feature","id":`...)
	b = append(b, id...)
	b = append(b, `,"geometry":`...)
	b = append(b, geometry...)
	b = append(b, `,"properties":{`...)
	some := false
	for i := range t.columns {
		c := &t.columns[i]
		if c.at == at {
			continue
		}
		s := c.text(x, r)
		if s == "" {
			continue
		}
		name, err := json.Marshal(c.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		if c.at >= 0 && c.kind(s) == dataset.Number {
			v, _ := numberOf(s)
			value = strconv.AppendFloat(nil, v, 'f', -1, 64)
		}
		if some {
			b = append(b, ',')
		}
		some = true
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}', '}'), nil
}

// geometryOf makes a geometry of "lat lon alt acc; …"; nil where there is none. RFC 7946 asks for closed rings of
// four positions or more, lines of two, and longitudes first.
func geometryOf(s string, f collect.Field) []byte {
	var points [][2]float64
	for piece := range strings.SplitSeq(s, ";") {
		latitude, ok1 := numberOf(word(piece, 0))
		longitude, ok2 := numberOf(word(piece, 1))
		if !ok1 || !ok2 || word(piece, 1) == "" || math.Abs(latitude) > 90 || math.Abs(longitude) > 180 {
			continue
		}
		if f.Class == dataset.Internal {
			latitude, longitude = middle(latitude), middle(longitude)
		}
		points = append(points, [2]float64{longitude, latitude})
	}
	write := func(b []byte, p [2]float64) []byte {
		b = strconv.AppendFloat(append(b, '['), p[0], 'f', -1, 64)
		return append(strconv.AppendFloat(append(b, ','), p[1], 'f', -1, 64), ']')
	}
	var b []byte
	open, shut := `{"type":"LineString","coordinates":[`, "]}"
	switch {
	case f.Type == form.Geopoint && len(points) > 0:
		return append(write([]byte(`{"type":"Point","coordinates":`), points[0]), '}')
	case f.Type == form.Geotrace && len(points) >= 2:
	case f.Type == form.Geoshape && len(points) >= 3:
		if points[0] != points[len(points)-1] {
			points = append(points, points[0])
		}
		if len(points) < 4 {
			return nil
		}
		open, shut = `{"type":"Polygon","coordinates":[[`, "]]}"
	default:
		return nil
	}
	b = append(b, open...)
	for i, p := range points {
		if i > 0 {
			b = append(b, ',')
		}
		b = write(b, p)
	}
	return append(b, shut...)
}

// middle is the middle of the square that a coordinate lies in.
func middle(x float64) float64 {
	return math.Round((math.Floor(x/coarse)+0.5)*coarse*1000) / 1000
}
