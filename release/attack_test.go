package release_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"waymark/privacy/suppress/suppresstest"
	"waymark/release"
)

// reader knows everything that cleared tables of a survey tell, as equations between the numbers of people
// with each full combination of levels: he needs no relation between tables that their maker declared.
type reader struct {
	atoms    []person
	attacker *suppresstest.Attacker
}

func newReader(levels map[string]int) *reader {
	atoms := []person{{}}
	for _, v := range []string{"route", "sex", "age", "any"} {
		var next []person
		for _, a := range atoms {
			for k := range levels[v] {
				b := person{v: fmt.Sprint(k)}
				for name, level := range a {
					b[name] = level
				}
				next = append(next, b)
			}
		}
		if len(next) > 0 {
			atoms = next
		}
	}
	return &reader{atoms: atoms, attacker: suppresstest.New(len(atoms))}
}

func (r *reader) form(set string) suppresstest.Form {
	f := suppresstest.Form{}
	for i, a := range r.atoms {
		if meets([]group{{a, 1}}, strings.Split(set, "&")...) == 1 {
			f[i] = 1
		}
	}
	return f
}

// learn takes in what a cleared table shows; the drafts say which set each cell is about.
func (r *reader) learn(d release.Draft, c release.Cleared) {
	for i, row := range d.Rows {
		for m := range row.Cells {
			if cell := row.Cells[m]; c.At(i, m).State == release.Shown {
				if d.Measures[m].Form == release.Count {
					r.attacker.Know(r.form(cell.Set), cell.Value)
				} else {
					r.attacker.Know(r.form(cell.Set), float64(cell.Base))
					r.attacker.Know(r.form(cell.EventSet), float64(cell.Events))
				}
			}
		}
	}
}

// attack fails the test where a hidden number can be found or a small one bounded closely.
func (r *reader) attack(t *rapid.T, d release.Draft, c release.Cleared, threshold release.Persons) (hidden int) {
	try := func(set string, value release.Persons, why string) {
		small := value > 0 && value < threshold
		low, high := r.attacker.Bounds(r.form(set))
		if small && suppresstest.Whole(low, high) >= 0 && suppresstest.Whole(low, high) < int64(threshold) {
			t.Fatalf("%s: %s (%d people, %s) is bounded to %s..%s", d.Key, set, value, why, low.FloatString(2), high.FloatString(2))
		}
		if !small && why == "hidden n" && high != nil && low.Cmp(high) == 0 {
			t.Fatalf("%s: hidden %s is found exactly", d.Key, set)
		}
	}
	for i, row := range d.Rows {
		for m, cell := range row.Cells {
			if c.At(i, m).State == release.Suppressed {
				hidden++
			}
			if cell.None {
				continue
			}
			if d.Measures[m].Form == release.Count {
				why := "n"
				if c.At(i, m).State == release.Suppressed {
					why = "hidden n"
				}
				try(cell.Set, cell.Base, why)
				continue
			}
			try(cell.EventSet, cell.Events, "events")
			try(strings.Replace(cell.EventSet, "any=1", "any=0", 1), cell.Base-cell.Events, "the others")
		}
	}
	return hidden
}

// Random surveys published as linked tables: nothing small is recovered from all of them together, though
// the attacker reckons with the full cross of all variables, which no table publishes.
func TestLinkedTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		levels := map[string]int{
			"route": rapid.IntRange(1, 3).Draw(t, "routes"), "sex": rapid.IntRange(1, 2).Draw(t, "sexes"),
			"age": rapid.IntRange(1, 3).Draw(t, "ages"), "any": 2}
		people := survey(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 400).Draw(t, "people"), levels)
		tables := [][]string{{"route"}, {"sex"}, {"route", "sex"}, {"age"}, {"sex", "age"}}
		var drafts []release.Draft
		for i, v := range tables {
			if rapid.Bool().Draw(t, "publish") {
				drafts = append(drafts, byVariables(people, fmt.Sprint(i), levels, v...))
			}
		}
		cleared, _, err := release.Clear(release.Policy{MinPeople: 5}, drafts)
		if err != nil {
			t.Fatal(err)
		}
		r := newReader(levels)
		for i, d := range drafts {
			r.learn(d, cleared[i])
		}
		for i, d := range drafts {
			r.attack(t, d, cleared[i], 5)
		}
	})
}
