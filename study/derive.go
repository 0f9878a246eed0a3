package study

import (
	"maps"
	"math"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form/flatten"
	"waymark/place"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// describe puts the words of each data set's form on its columns: labels, the order of levels, classes. What
// the form and the file do not agree on is a note.
func (r *runner) describe() {
	in := maps.Clone(r.in)
	for _, d := range r.plan.Data {
		own, form := in[d.Name], r.in[d.Form]
		if d.Form == "" || own.Loaded == nil || form.Form == nil {
			continue
		}
		loaded := *own.Loaded
		table, issues := flatten.Apply(flatten.Describe(form.Form), loaded.Table)
		for i := range issues {
			issues[i].Place.Document = own.File
		}
		r.notes(issues)
		loaded.Table = table
		own.Loaded = &loaded
		in[d.Name] = own
	}
	r.in = in
}

// derive joins what the plan joins and adds the derived columns, in the order written.
func (r *runner) derive(t *dataset.Table) (*dataset.Table, error) {
	t, err := r.join(t)
	if err != nil {
		return nil, err
	}
	out := &dataset.Table{Name: t.Name, Columns: append([]*dataset.Column(nil), t.Columns...)}
	for _, d := range r.plan.Derive {
		c, issues := deriveOne(out, d)
		r.result.Notes = append(r.result.Notes, issues.Only(fault.Soft)...)
		if err := issues.Err(); err != nil {
			return nil, err
		}
		if err := put(out, c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// put adds a column or replaces the one of its name.
func put(t *dataset.Table, c *dataset.Column) error {
	for i, old := range t.Columns {
		if old.Name == c.Name {
			t.Columns[i] = c
			return nil
		}
	}
	return t.Add(c)
}

func deriveOne(t *dataset.Table, d plan.Derived) (*dataset.Column, fault.Issues) {
	switch {
	case len(d.Map) > 0:
		choices := make([]vulnerability.Choice, len(d.Map))
		for i, e := range d.Map {
			choices[i] = vulnerability.Choice{Code: e.Code, Labels: e.Title, Of: e.Of, Rest: e.Rest}
		}
		return vulnerability.Recode(t, d.Name, d.From, d.Title, choices)
	case len(d.Bands) > 0:
		bands := make([]vulnerability.Band, len(d.Bands))
		for i, b := range d.Bands {
			bands[i] = vulnerability.Band{Code: b.Code, Labels: b.Title, From: math.Inf(-1), Below: math.Inf(1)}
			if b.From != nil {
				bands[i].From = *b.From
			}
			if b.Below != nil {
				bands[i].Below = *b.Below
			}
		}
		return vulnerability.Bands(t, d.Name, d.From, d.Title, bands)
	}
	scheme, err := place.Countries().Scheme(d.Region)
	if err != nil {
		return nil, fault.Of(err)
	}
	return vulnerability.Regions(t, d.Name, d.From, d.Title, scheme)
}

// join brings columns of another data set to the rows of the main one by a key that is unique there. Rows
// whose key the other lacks have no value: unknown.
func (r *runner) join(t *dataset.Table) (*dataset.Table, error) {
	j := r.plan.Main().Join
	if j == nil {
		return t, nil
	}
	in, given := r.in[j.Data]
	if !given || in.Loaded == nil {
		return t, nil
	}
	other := in.Loaded.Table
	key, theirs := t.Column(j.Key), other.Column(j.Key)
	for _, c := range []struct {
		c   *dataset.Column
		doc string
	}{{key, t.Name}, {theirs, other.Name}} {
		if c.c == nil {
			return nil, fault.Issue{Code: CodeNoColumn, Place: fault.Place{Document: c.doc, Field: j.Key}, Args: map[string]any{"for": "join"}}
		}
	}
	at := map[string]int{}
	for i := range other.Rows() {
		if theirs.Missing(i) != dataset.Present {
			continue
		}
		k := vulnerability.ValueText(theirs, i)
		if _, twice := at[k]; twice {
			return nil, fault.Issue{Code: CodeJoinTwice, Place: fault.Place{Document: other.Name, Field: j.Key, Row: in.Loaded.Accounts.FileRow(i)}}
		}
		at[k] = i
	}
	out := &dataset.Table{Name: t.Name, Columns: append([]*dataset.Column(nil), t.Columns...)}
	for _, name := range j.Columns {
		from := other.Column(name)
		if from == nil {
			return nil, fault.Issue{Code: CodeNoColumn, Place: fault.Place{Document: other.Name, Field: name}, Args: map[string]any{"for": "join"}}
		}
		b := dataset.NewBuilder(from.Field)
		for i := range t.Rows() {
			k, found := -1, false
			if key.Missing(i) == dataset.Present {
				k, found = at[vulnerability.ValueText(key, i)]
			}
			if !found {
				b.Missing(dataset.Unknown)
				continue
			}
			b.Copy(from, k)
		}
		if err := put(out, b.Column()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// noColumn says that a column of the plan is not in the data.
func noColumn(t *dataset.Table, name, purpose string) error {
	return fault.Issue{Code: CodeNoColumn, Place: fault.Place{Document: t.Name, Field: name}, Args: map[string]any{"for": purpose}}
}
