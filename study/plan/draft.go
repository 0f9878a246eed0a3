package plan

import (
	"slices"
	"strings"

	"waymark/dataset"
	"waymark/fault"
)

// CodeNothingToDraft says that a file has no column that a plan could explain or sum.
const CodeNothingToDraft fault.Code = "plan.nothing-to-draft"

// DraftInput is what a plan is drafted from.
type DraftInput struct {
	File     string         // name of the table's file, without its folder
	Form     bool           // whether a form was given
	Language string         // of the form's texts that do not say theirs
	Table    *dataset.Table // read with Missing; the words of the form put on, where there is one
	Missing  DraftMissing
}

// DraftMissing are codes that look like missing values, by kind: of the whole file and of single columns.
type DraftMissing struct {
	All     map[string][]string
	Columns map[string]map[string][]string
}

// kindsOfCodes says what a code that looks like a missing value most often means. A person must check it.
var kindsOfCodes = map[string]dataset.Missing{
	"dnk": dataset.Unknown, "dk": dataset.Unknown, "dont_know": dataset.Unknown, "don't know": dataset.Unknown, "doesnt_know": dataset.Unknown,
	"ne_sait_pas": dataset.Unknown, "nsp": dataset.Unknown, "unknown": dataset.Unknown, "inconnu": dataset.Unknown, "?": dataset.Unknown,
	"pnta": dataset.Refused, "rf": dataset.Refused, "refused": dataset.Refused, "prefer_not_answer": dataset.Refused,
	"prefer_not_to_answer": dataset.Refused, "refus": dataset.Refused,
	"null": dataset.NotAsked, "nat": dataset.NotAsked, "not_asked": dataset.NotAsked,
	"not_applicable": dataset.NotApplicable, "not applicable": dataset.NotApplicable, "n/a": dataset.NotApplicable, "#n/a": dataset.NotApplicable,
	"na": dataset.NotApplicable,
}

// DraftMissingOf sorts the codes that look missing by what they most often mean. Words hold for the whole
// file, numbers for their column only; where a column of two-letter countries is among them, NA is left alone,
// since it may be Namibia.
func DraftMissingOf(suspects []dataset.Suspect, t *dataset.Table) DraftMissing {
	m := DraftMissing{All: map[string][]string{}, Columns: map[string]map[string][]string{}}
	for _, s := range suspects {
		if s.Code == "NA" && twoLetters(t.Column(s.Column)) {
			continue
		}
		kind, word := kindsOfCodes[strings.ToLower(s.Code)]
		switch {
		case word:
		case strings.HasPrefix(s.Code, "-") && len(s.Code) > 1 && s.Code != "--":
			if m.Columns[s.Column] == nil {
				m.Columns[s.Column] = map[string][]string{}
			}
			at := m.Columns[s.Column]
			at[dataset.Unknown.String()] = append(at[dataset.Unknown.String()], s.Code)
			continue
		default:
			kind = dataset.Empty
		}
		if list := m.All[kind.String()]; !slices.Contains(list, s.Code) {
			m.All[kind.String()] = append(list, s.Code)
		}
	}
	for _, list := range m.All {
		slices.Sort(list)
	}
	m.addSilences(t)
	return m
}

// addSilences adds levels of short categories whose words say that there was no answer.
func (m DraftMissing) addSilences(t *dataset.Table) {
	for _, c := range t.Columns {
		if c.Kind != dataset.Category || len(c.Levels) > mostLevels {
			continue
		}
		for _, l := range c.Levels {
			kind := dataset.Unknown
			switch {
			case m.declares(l.Code):
				continue
			case refusal.MatchString(l.Code):
				kind = dataset.Refused
			case !silence.MatchString(l.Code):
				continue
			}
			if m.Columns[c.Name] == nil {
				m.Columns[c.Name] = map[string][]string{}
			}
			m.Columns[c.Name][kind.String()] = append(m.Columns[c.Name][kind.String()], l.Code)
		}
	}
}

// declares says whether a code is among those of the whole file.
func (m DraftMissing) declares(code string) bool {
	for _, list := range m.All {
		if slices.Contains(list, code) {
			return true
		}
	}
	return false
}

// twoLetters says whether a column's codes are all of two capitals.
func twoLetters(c *dataset.Column) bool {
	if c == nil || c.Kind != dataset.Category || len(c.Levels) < 3 {
		return false
	}
	return !slices.ContainsFunc(c.Levels, func(l dataset.Level) bool {
		return len(l.Code) != 2 || strings.ToUpper(l.Code) != l.Code
	})
}

// Draft writes a plan for a table from what its columns are like: kinds, names and the codes of categories.
// It holds no answer of anybody: values of free text, and of columns that look like names, numbers of persons
// or devices, places on the map or are nearly unique, are never written. Comments in English and French mark
// what a person must check. The text parses without a hard issue.
func Draft(in DraftInput) ([]byte, error) {
	d := &drafting{DraftInput: in, taken: map[string]bool{}}
	d.sort()
	w := &draftWriter{}
	switch {
	case len(d.areas) > 0 && len(d.sums) > 0:
		d.writeHead(w, LocationCounts)
		d.writeCounts(w)
	case d.chooseSurvey():
		kind := Survey
		if d.ofJourneys() {
			kind = FlowSurvey
		}
		d.writeHead(w, kind)
		d.writeSurvey(w)
	default:
		return nil, fault.Issue{Code: CodeNothingToDraft, Place: fault.Place{Document: in.File}}
	}
	d.writeLeftOut(w)
	return w.bytes(), nil
}

// drafting is a draft on its way.
type drafting struct {
	DraftInput
	taken map[string]bool // ids in use

	columns  []*candidate
	leftOut  []leftOut
	areas    []*candidate // of p-codes
	sums     []*candidate // numbers of people or households
	outcomes []*candidate
	factors  []*candidate
	groups   []*candidate
	consent  *candidate
}

// leftOut is a column that the draft does not use, and why: the key of a text.
type leftOut struct{ column, why string }

func (d *drafting) drop(column, why string) { d.leftOut = append(d.leftOut, leftOut{column, why}) }

// id makes an id of a name: small letters, digits, hyphens and underscores, once only.
func (d *drafting) id(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(plainLetters.Replace(name)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
		if b.Len() >= 50 {
			break
		}
	}
	base := strings.Trim(b.String(), "_")
	if base == "" {
		base = "column"
	}
	id := base
	for n := 2; d.taken[id] || id != name && d.Table.Column(id) != nil; n++ {
		id = base + "_" + itoa(n)
	}
	d.taken[id] = true
	return id
}

// plainLetters takes the accents of French from letters.
var plainLetters = strings.NewReplacer("é", "e", "è", "e", "ê", "e", "ë", "e", "à", "a", "â", "a", "î", "i", "ï", "i", "ô", "o",
	"û", "u", "ù", "u", "ü", "u", "ç", "c", "œ", "oe", "É", "e", "È", "e", "À", "a", "Ç", "c")

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
