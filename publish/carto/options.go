package carto

import (
	"cmp"
	"slices"

	"waymark/fault"
	"waymark/lang"
	"waymark/place"
	"waymark/publish/chart"
	"waymark/release"
)

// What can be wrong with what a map is given.
const (
	CodeNotCleared fault.Code = "carto.not-cleared" // the table did not come from package release
	CodeNoColumn   fault.Code = "carto.no-column"   // no heading or number column of that name
	CodeNoCountry  fault.Code = "carto.no-country"  // no row's heading is an ISO3 code with a shape
	CodeTooNarrow  fault.Code = "carto.too-narrow"  // under 320 pixels
	CodeBadBreaks  fault.Code = "carto.bad-breaks"  // breaks that do not rise, or more than four
)

// Clearance records that whoever must has agreed to the boundaries and names of a map. Both words are
// printed; without them the map keeps its stamp.
type Clearance struct {
	By  string // office or person's function: never a person's name
	Day string // ISO day
}

func (c *Clearance) given() bool { return c != nil && c.By != "" && c.Day != "" }

// Options says what of a table a map shows and how. The zero Options maps the first measure by the last
// heading column, fitted to the countries of the table.
type Options struct {
	Country    string     // heading column whose codes are ISO3 codes; default: the last
	Measure    string     // number column; default: the first
	Projection Projection // default EqualEarth
	Window     Window     // default: fitted to the countries with a number (of counts, those that make up 98 in 100) and Include
	Include    []string   // ISO3 codes that must be in a fitted window (countries of interview)
	Breaks     []float64  // choropleth: lower ends of the second and further classes, rising, at most four; default: chosen
	Labels     int        // most labels of countries; default 8 beside circles (the largest first), 40 on shaded areas; negative for none
	Clearance  *Clearance // default: none, and the map is stamped as a draft
}

// entry is a country of the table that has a shape.
type entry struct {
	shape place.Shape
	name  string
	cell  release.Cell
}

// drawing is one map being drawn.
type drawing struct {
	p       *lang.Printer
	f       chart.Frame
	o       Options
	t       release.Cleared
	m       release.Measure
	c       *chart.Canvas
	atlas   *place.Atlas
	entries []entry
	off     []string // names of rows without a shape
	sheet   sheet
	notes   map[string]bool
	dashed  bool
}

func begin(p *lang.Printer, f chart.Frame, t release.Cleared, o Options) (*drawing, error) {
	if !t.Valid() {
		return nil, fault.Issue{Code: CodeNotCleared, Args: map[string]any{"figure": f.ID}}
	}
	if f.Width == 0 {
		f.Width = chart.DefaultWidth
	}
	if f.Width < 320 {
		return nil, fault.Issue{Code: CodeTooNarrow, Args: map[string]any{"figure": f.ID, "least": 320}}
	}
	if len(o.Breaks) > 4 || !slices.IsSorted(o.Breaks) || len(slices.Compact(slices.Clone(o.Breaks))) != len(o.Breaks) {
		return nil, fault.Issue{Code: CodeBadBreaks, Args: map[string]any{"figure": f.ID}}
	}
	d := &drawing{p: p, f: f, o: o, t: t, c: chart.NewCanvas(f.ID, f.Width), atlas: place.Shapes()}
	if err := d.gather(); err != nil {
		return nil, err
	}
	w := o.Window
	if w == (Window{}) {
		w = fit(d.atlas, append(d.nearAll(), o.Include...))
	}
	d.sheet = newSheet(o.Projection, w, 0, 0, f.Width)
	for _, e := range d.entries {
		if !d.within(e) {
			d.off = append(d.off, e.name)
		}
	}
	return d, nil
}

// within says whether the point of a country lies in the window.
func (d *drawing) within(e entry) bool {
	x, y := d.sheet.at(e.shape.At)
	return d.sheet.holds(x, y, 0)
}

// nearAll gives the countries that a fitted window holds: those with a number; of counts those that make up
// 98 in 100, so that a few people from far away do not shrink the map for all others. The rest is named under
// the map where it lies outside.
func (d *drawing) nearAll() []string {
	list := slices.DeleteFunc(slices.Clone(d.entries), func(e entry) bool { return !visible(e.cell) })
	if len(list) == 0 {
		list = d.entries
	}
	total, sum := 0.0, 0.0
	for _, e := range list {
		total += e.cell.Value
	}
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Compare(b.cell.Value, a.cell.Value) })
	var codes []string
	for _, e := range list {
		if d.m.Form == release.Count && sum >= 0.98*total && total > 0 {
			break
		}
		sum += e.cell.Value
		codes = append(codes, e.shape.ISO3)
	}
	return codes
}

func (d *drawing) gather() error {
	dim, measure := len(d.t.Dims())-1, 0
	if d.o.Country != "" {
		dim = slices.IndexFunc(d.t.Dims(), func(x release.Dim) bool { return x.Name == d.o.Country })
	}
	if d.o.Measure != "" {
		measure = slices.IndexFunc(d.t.Measures(), func(m release.Measure) bool { return m.Name == d.o.Measure })
	}
	if dim < 0 || measure < 0 || measure >= len(d.t.Measures()) {
		return fault.Issue{Code: CodeNoColumn, Args: map[string]any{"table": d.t.Key()}}
	}
	d.m = d.t.Measures()[measure]
	for _, row := range d.t.Rows() {
		h := row.Heads[dim]
		shape, ok := d.atlas.Shape(h.Code)
		_, country := place.Countries().ByISO3(h.Code)
		switch {
		case ok && country:
			name := d.p.Label(h.Labels)
			if name == "" {
				c, _ := place.Countries().ByISO3(h.Code)
				name = c.Name(d.p.Tag())
			}
			d.entries = append(d.entries, entry{shape: shape, name: name, cell: row.Cells[measure]})
		case !row.Total:
			d.off = append(d.off, d.p.Label(h.Labels))
		}
	}
	if len(d.entries) == 0 {
		return fault.Issue{Code: CodeNoCountry, Args: map[string]any{"table": d.t.Key()}}
	}
	return nil
}

func (d *drawing) write(v float64) string {
	switch d.m.Form {
	case release.Count:
		return d.p.Number(v, 0)
	case release.Share, release.Probability:
		return d.p.Percent(v, max(d.m.Digits, 1))
	case release.Ratio:
		return d.p.OddsRatio(v)
	}
	return d.p.Number(v, d.m.Digits)
}
