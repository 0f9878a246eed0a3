package flatten

import (
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/form"
)

// Codebook describes the tables of a form: first the one of what is asked once, then one a repeat.
type Codebook struct {
	Form   string // the form's id, or its title where it has none
	Tables []Table
}

// Table describes one table.
type Table struct {
	Repeat form.Path // nil for what is asked once
	Fields []Field
}

// Field describes a column. Its Name is the path with slashes, as exports with groups have it.
type Field struct {
	dataset.Field
	Path   form.Path
	Role   Role
	Option string // of an OptionColumn: the choice it stands for
	Asked  form.Type
}

// Role is what a column holds of a question.
type Role uint8

const (
	Answer       Role = iota // the answer
	ListColumn               // the answers of a question with several, with spaces between
	OptionColumn             // whether one of several answers was given: 0 or 1
	OtherColumn              // the words given with "other"
)

// Describe makes the codebook of a form. Notes have no column. A question with several answers has one for
// the list and one for each choice.
func Describe(f *form.Form) Codebook {
	book := Codebook{Form: f.ID}
	if book.Form == "" {
		book.Form = f.Title
	}
	at := map[string]int{"": 0}
	book.Tables = append(book.Tables, Table{})
	for _, g := range f.Repeats() {
		if _, twice := at[g.Path.String()]; !twice {
			at[g.Path.String()] = len(book.Tables)
			book.Tables = append(book.Tables, Table{Repeat: g.Path})
		}
	}
	class := classes(f)
	for i, q := range f.Questions {
		if q.Type.Answered() {
			t := &book.Tables[at[q.Repeat.String()]]
			t.Fields = append(t.Fields, fields(f, q, class[i])...)
		}
	}
	return book
}

// fields describes the columns of a question.
func fields(f *form.Form, q form.Question, class dataset.Sensitivity) []Field {
	main := Field{Path: q.Path, Asked: q.Type,
		Field: dataset.Field{Name: q.Path.String(), Kind: kindOf(q.Type), Labels: labels(q.Labels), Class: class}}
	var choices []form.Choice
	if l := f.List(q.List); l != nil && q.List != "" {
		choices = l.Choices
	}
	if q.Other && !hasChoice(choices, form.OtherChoice) {
		choices = append(choices[:len(choices):len(choices)], form.Choice{Name: form.OtherChoice})
	}
	out := []Field{main}
	switch q.Type {
	case form.SelectOne:
		out[0].Levels = levels(choices)
	case form.SelectMultiple, form.Rank:
		out[0].Role = ListColumn
		out[0].Levels = levels(choices)
	}
	if q.Type == form.SelectMultiple {
		for _, c := range choices {
			out = append(out, Field{Path: q.Path, Asked: q.Type, Role: OptionColumn, Option: c.Name, Field: dataset.Field{
				Name: main.Name + "/" + c.Name, Kind: dataset.Number, Labels: joined(q.Labels, c.Labels), Class: main.Class}})
		}
	}
	if q.Other {
		path := append(q.Path[:len(q.Path)-1:len(q.Path)-1], q.Name()+"_other")
		out = append(out, Field{Path: path, Asked: form.Text, Role: OtherColumn, Field: dataset.Field{
			Name: path.String(), Kind: dataset.Text, Labels: labels(q.Labels), Class: max(class, dataset.Restricted)}})
	}
	return out
}

func hasChoice(choices []form.Choice, name string) bool {
	for _, c := range choices {
		if c.Name == name {
			return true
		}
	}
	return false
}

// levels gives the choices as levels; a code that stands twice, for filters, counts once.
func levels(choices []form.Choice) []dataset.Level {
	out := make([]dataset.Level, 0, len(choices))
	seen := make(map[string]bool, len(choices))
	for _, c := range choices {
		if !seen[c.Name] {
			seen[c.Name] = true
			out = append(out, dataset.Level{Code: c.Name, Labels: labels(c.Labels)})
		}
	}
	return out
}

// kindOf gives the kind of column an answer makes. Several answers in one cell are text.
func kindOf(t form.Type) dataset.Kind {
	switch t {
	case form.Integer, form.Decimal, form.Range:
		return dataset.Number
	case form.Date:
		return dataset.Date
	case form.SelectOne:
		return dataset.Category
	}
	return dataset.Text
}

// classOf gives the class that the form says an answer has, else the one it has by its type. Places,
// recordings and long texts are strict: they can tell who a person is and where. Other texts, and what points
// to a device or may hold a copy of another answer, are restricted.
func classOf(q form.Question) dataset.Sensitivity {
	if said, ok := dataset.ParseSensitivity(q.Class); ok && q.Class != "" {
		return said
	}
	switch q.Type {
	case form.Geopoint, form.Geotrace, form.Geoshape, form.Image, form.Audio, form.Video, form.File:
		return dataset.Strict
	case form.Metadata:
		switch strings.ToLower(strings.TrimSpace(q.Written)) {
		case "start", "end", "today":
			return dataset.Internal
		}
		return dataset.Restricted
	case form.Text:
		if slices.Contains(strings.Fields(q.Appearance), "multiline") {
			return dataset.Strict
		}
		return dataset.Restricted
	case form.Barcode, form.Hidden, form.Unknown:
		return dataset.Restricted
	}
	return dataset.Internal
}

// labels copies texts, spaces and line breaks made plain.
func labels(from form.Labels) dataset.Labels {
	if len(from) == 0 {
		return nil
	}
	out := dataset.Labels{}
	for tag, s := range from {
		out[tag] = strings.Join(strings.Fields(s), " ")
	}
	return out
}

// joined puts a question and one of its choices together.
func joined(question, choice form.Labels) dataset.Labels {
	out := labels(question)
	for tag, s := range labels(choice) {
		if q := out[tag]; q != "" {
			s = q + " / " + s
		}
		if out == nil {
			out = dataset.Labels{}
		}
		out[tag] = s
	}
	return out
}
