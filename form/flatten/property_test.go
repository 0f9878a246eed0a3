package flatten_test

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"waymark/dataset"
	"waymark/form"
	"waymark/form/flatten"
	"waymark/form/instance"
)

// drawForm draws a form of groups and repeats within one another.
func drawForm(r *rapid.T) *form.Form {
	f := &form.Form{ID: "f"}
	n := 0
	var fill func(path, repeat form.Path, depth int)
	fill = func(path, repeat form.Path, depth int) {
		for range rapid.IntRange(1, 4).Draw(r, "children") {
			n++
			here := append(path[:len(path):len(path)], fmt.Sprintf("n%d", n))
			switch kind := rapid.IntRange(0, 5).Draw(r, "kind"); {
			case kind == 0 && depth < 3:
				f.Groups = append(f.Groups, form.Group{Path: here})
				fill(here, repeat, depth+1)
			case kind == 1 && depth < 3:
				f.Groups = append(f.Groups, form.Group{Path: here, Repeat: true})
				fill(here, here, depth+1)
			default:
				f.Questions = append(f.Questions, form.Question{Path: here, Repeat: repeat,
					Type:  rapid.SampledFrom([]form.Type{form.Text, form.Integer, form.Date, form.Geopoint, form.SelectOne}).Draw(r, "type"),
					Class: rapid.SampledFrom([]string{"", "public", "internal", "restricted", "strict"}).Draw(r, "class")})
			}
		}
	}
	fill(nil, nil, 0)
	return f
}

// drawRecord draws a record of a form, and counts the answers in it.
func drawRecord(r *rapid.T, f *form.Form) (string, int) {
	var b strings.Builder
	answers := 0
	groups := map[string]form.Group{}
	for _, g := range f.Groups {
		groups[g.Path.String()] = g
	}
	var write func(path form.Path)
	write = func(path form.Path) {
		seen := map[string]bool{}
		each := func(p form.Path, q *form.Question) {
			if len(p) <= len(path) || p[:len(path)].String() != path.String() {
				return
			}
			name := p[len(path)]
			here := append(path[:len(path):len(path)], name)
			if seen[name] || rapid.IntRange(0, 4).Draw(r, "left out") == 0 {
				seen[name] = true
				return
			}
			seen[name] = true
			g, isGroup := groups[here.String()]
			times := 1
			if isGroup && g.Repeat {
				times = rapid.IntRange(0, 3).Draw(r, "times")
			}
			for range times {
				fmt.Fprintf(&b, "<%s>", name)
				if isGroup {
					write(here)
				} else if q != nil {
					text := rapid.StringMatching(`[a-z0-9é<&"' ]{0,12}`).Draw(r, "answer")
					if strings.TrimSpace(text) != "" {
						answers++
					}
					_ = xml.EscapeText(&b, []byte(text))
				}
				fmt.Fprintf(&b, "</%s>", name)
			}
		}
		for i := range f.Questions {
			each(f.Questions[i].Path, &f.Questions[i])
		}
	}
	write(nil)
	return `<d id="f">` + b.String() + `<meta><instanceID>i</instanceID></meta></d>`, answers
}

// Whatever the form and the record: every answer is in one cell, rows point to the row around them, keys are
// unique, and what is packed class by class comes back.
func TestRowsProperties(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := drawForm(r)
		raw, answers := drawRecord(r, f)
		in, err := instance.Parse([]byte(raw), instance.Limits{})
		if err != nil {
			r.Fatal(err)
		}
		l := flatten.NewLayout(f)
		rows := l.Rows(in)
		keys := map[string]bool{}
		parents := map[string]int{}
		for _, row := range rows {
			table := &l.Tables[row.Table]
			key, up := l.Key(row.Table, "i", row.At)
			if keys[key] {
				r.Fatalf("%s twice", key)
			}
			keys[key] = true
			if table.Parent >= 0 {
				if !keys[up] || parents[fmt.Sprint(table.Parent, row.Parent)] == 0 {
					r.Fatalf("%s stands before the row around it", key)
				}
			}
			parents[fmt.Sprint(row.Table, row.Index)]++
			back := table.Blank()
			for _, classes := range [][]dataset.Sensitivity{{dataset.Public, dataset.Internal}, {dataset.Restricted}, {dataset.Strict}} {
				if _, err := table.Unpack(back, table.Pack(nil, row, classes...)); err != nil {
					r.Fatal(err)
				}
			}
			for k, c := range row.Cells {
				if c.Missing == dataset.Present {
					answers--
				}
				if back[k].Text != c.Text || back[k].Missing != c.Missing {
					r.Fatalf("column %d came back another", k)
				}
			}
		}
		if answers != 0 {
			r.Fatalf("%d answers are in no cell", answers)
		}
	})
}

// Merging a layout with itself changes nothing, and the newest version's columns stand first.
func TestMergeProperties(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a, b := flatten.NewLayout(drawForm(r)), flatten.NewLayout(drawForm(r))
		same := flatten.Merge(a, a)
		for i := range a.Tables {
			if len(same.Tables[i].Columns) != len(a.Tables[i].Columns) || same.Tables[i].Name != a.Tables[i].Name || same.Tables[i].Parent != a.Tables[i].Parent {
				r.Fatalf("table %d merged with itself differs", i)
			}
		}
		both := flatten.Merge(a, b)
		for i := range b.Tables {
			for k := range b.Tables[i].Columns {
				have, want := both.Tables[i].Columns[k], b.Tables[i].Columns[k]
				if have.Name != want.Name || have.Class < want.Class {
					r.Fatalf("table %d, column %d is %s, want %s", i, k, have.Name, want.Name)
				}
			}
		}
	})
}
