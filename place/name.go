package place

import (
	"cmp"
	"slices"
	"strings"

	"waymark/names"
)

// ByName finds a country by any of its names in any of the languages of the table, short, formal or
// historical ("Ivory Coast", "DR Congo (Zaire)", "the Republic of Mali"), whatever the case, accents and
// punctuation, and with or without its article. It never guesses: a name two countries share ("Korea") finds
// none; Suggest then says which are near.
func (t *Table) ByName(name string) (Country, bool) {
	key := names.Fold(name)
	if c, ok := pick(t, t.byName, key); ok {
		return c, true
	}
	if head, tail, turned := strings.Cut(name, ","); turned { // "Tanzania, United Republic of"
		if c, ok := pick(t, t.byName, names.Fold(tail+" "+head)); ok {
			return c, true
		}
	}
	for _, article := range []string{"the ", "le ", "la ", "les ", "l "} {
		if rest, cut := strings.CutPrefix(key, article); cut {
			return pick(t, t.byName, rest)
		}
	}
	return Country{}, false
}

// Suggestion is a country whose name is near to what was asked.
type Suggestion struct {
	Country  Country
	Likeness float64 // 0 to 1, of the nearest of its names (names.Likeness)
}

// suggestFloor is the likeness under which a name is no suggestion: at 0.84 one or two slips in a name of six
// letters or more still find it.
const suggestFloor = 0.84

// Suggest gives up to most countries whose names are like name, the likest first. A name found among the
// words of a longer one ("Korea" in "Republic of Korea") counts as likeness 0.9.
func (t *Table) Suggest(name string, most int) []Suggestion {
	key := names.Fold(name)
	if key == "" || len(key) > 200 {
		return nil
	}
	best := make([]float64, len(t.countries))
	for i, folded := range t.folded {
		for _, known := range folded {
			likeness := names.Likeness(key, known)
			if len(key) >= 4 && strings.Contains(" "+known+" ", " "+key+" ") {
				likeness = max(likeness, 0.9)
			}
			best[i] = max(best[i], likeness)
		}
	}
	var out []Suggestion
	for i, likeness := range best {
		if likeness >= suggestFloor {
			out = append(out, Suggestion{t.countries[i], likeness})
		}
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(b.Likeness, a.Likeness) })
	return out[:min(len(out), max(most, 0))]
}
