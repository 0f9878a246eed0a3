package plan

import (
	"slices"
	"strings"

	"waymark/vulnerability/factor"
)

// DataSet finds a data set by name; nil where there is none.
func (p *Plan) DataSet(name string) *Data {
	return find(p.Data, func(d Data) bool { return d.Name == name })
}

// IsForm says whether a data set is the form of another: an XLSForm, not a table.
func (p *Plan) IsForm(name string) bool {
	return find(p.Data, func(d Data) bool { return d.Form == name && name != "" }) != nil
}

// Main is the data set that is analysed: the first.
func (p *Plan) Main() *Data { return &p.Data[0] }

// Outcome finds an outcome by id; nil where there is none.
func (p *Plan) Outcome(id string) *Outcome {
	return find(p.Outcomes, func(o Outcome) bool { return o.ID == id })
}

// Model finds a model by id; nil where there is none.
func (p *Plan) Model(id string) *Model {
	return find(p.Models, func(m Model) bool { return m.ID == id })
}

// Predictor finds a predictor by id. A definition of conflict is one too: no or yes, structural, factor S001.
func (p *Plan) Predictor(id string) (Predictor, bool) {
	if x := find(p.Predictors, func(x Predictor) bool { return x.ID == id }); x != nil {
		return *x, true
	}
	if p.Conflict == nil {
		return Predictor{}, false
	}
	d := p.Conflict.definition(id)
	if d == nil {
		return Predictor{}, false
	}
	return Predictor{
		ID: d.ID, Column: d.ID, Title: d.Title, Level: "structural", Factor: "S001",
		Levels: []Choice{{Code: "no", Title: Labels{"en": "No", "fr": "Non"}, Phrase: d.No},
			{Code: "yes", Title: Labels{"en": "Yes", "fr": "Oui"}, Phrase: d.Yes}},
	}, true
}

// Source is the column of the data that the predictor reads.
func (x Predictor) Source() string {
	if x.Column != "" {
		return x.Column
	}
	return x.ID
}

// Sided is what the predictor is expected to be: as the plan says, else as the vocabulary does, else either.
func (x Predictor) Sided() string {
	if x.Side != "" {
		return x.Side
	}
	if f, ok := factor.ByID(x.Factor); ok {
		return string(f.Side)
	}
	return "either"
}

// Choice finds a level by code; nil where there is none.
func (x Predictor) Choice(code string) *Choice {
	return find(x.Levels, func(c Choice) bool { return c.Code == code })
}

func (x Predictor) has(code string) bool { return x.Choice(code) != nil }

// Item and Set find an indicator and a set by id; nil where there is none.
func (in *Indicators) Item(id string) *Item {
	return find(in.Items, func(i Item) bool { return i.ID == id })
}

func (in *Indicators) Set(id string) *Set {
	return find(in.Sets, func(s Set) bool { return s.ID == id })
}

func (c *Conflict) definition(id string) *ConflictDefinition {
	return find(c.Definitions, func(d ConflictDefinition) bool { return d.ID == id })
}

// Measure finds a measure by id; nil where there is none.
func (c *Counts) Measure(id string) *CountMeasure {
	return find(c.Measures, func(m CountMeasure) bool { return m.ID == id })
}

// SplitInteraction gives the predictors of "route:sex".
func SplitInteraction(x string) []string {
	parts := strings.Split(x, ":")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func find[T any](list []T, is func(T) bool) *T {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return &list[i]
	}
	return nil
}
