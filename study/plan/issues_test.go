package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"waymark/fault"
	"waymark/lang"
	"waymark/study/plan"
)

// sound is a plan without a mistake; each case changes one text of it. Its lines are counted in the cases.
const sound = `waymark: plan/1
id: small
kind: flow-survey
title: {en: A, fr: B}
source: {en: A, fr: B}
data:
  - name: interviews
    missing: {unknown: [dnk]}
  - name: conflict
derive:
  - name: band
    from: age
    title: {en: Age, fr: Âge}
    bands:
      - {code: a, from: 0, below: 18, title: {en: A, fr: B}}
      - {code: b, from: 18, title: {en: A, fr: B}}
sample:
  - {id: consent, keep: consent = yes, title: {en: A, fr: B}}
indicators:
  yes: [yes]
  no: [no]
  items:
    - {id: held, own: held, title: {en: Held, fr: Détention}}
  sets:
    - {id: set, date: 2017-02, items: [held], title: {en: A, fr: B}}
outcomes:
  - {id: any, set: set, title: {en: A, fr: B}}
predictors:
  - id: sex
    title: {en: Sex, fr: Sexe}
    level: individual
    factor: I002
    levels: [{code: f, title: {en: F, fr: F}}, {code: m, title: {en: M, fr: M}}]
  - id: cost
    title: {en: Cost, fr: Coût}
    level: individual
    factor: I085
    number: true
conflict:
  data: conflict
  country: country
  year: year
  columns: {country: iso3, year: year}
  definitions:
    - {id: war, title: {en: War, fr: Guerre}, measure: deaths, at_least: 25}
models:
  - {id: main, title: {en: A, fr: B}, outcome: any, predictors: [sex, cost, war], interactions: ["sex:war"]}
profiles:
  model: main
  each:
    - {id: man, kind: men, title: {en: Man, fr: Homme}, at: {sex: m}}
tables:
  - {id: by-sex, title: {en: A, fr: B}, by: [sex], outcomes: [any]}
robustness:
  model: main
  focus: [{predictor: sex, level: m}]
  without: [[cost]]
statements:
  - {id: sex, model: main, contrast: {predictor: sex, level: m}}
recommendations:
  - {id: a, when: {predictor: sex, level: m}, side: risk, do: {en: A, fr: B}, actors: {en: A, fr: B}}
`

// counting is a plan of figures by place without a mistake.
const counting = `waymark: plan/1
id: small
kind: location-counts
title: {en: A, fr: B}
source: {en: A, fr: B}
data:
  - name: places
counts:
  measures:
    - {id: people, column: n, title: {en: A, fr: B}}
  tables:
    - {id: by-area, by: area, title: {en: A, fr: B}, dim: {en: A, fr: B}, measures: [people], headline: people, parts: [[people]]}
`

func TestTheSoundPlansAreSound(t *testing.T) {
	for name, text := range map[string]string{"sound": sound, "counting": counting} {
		if _, issues := plan.Parse(name, []byte(text)); len(issues) > 0 {
			t.Errorf("%s: %v", name, issues)
		}
	}
}

// mistake is one change of a sound plan and the issue that it must give: at the row and column where the
// changed text goes on with "at".
type mistake struct {
	old, new string
	code     fault.Code
	at       string
	field    string
	soft     bool
}

// reported looks for the issue of a mistake, at its place.
func (m mistake) reported(t *testing.T, text string) {
	t.Helper()
	if !strings.Contains(text, m.old) {
		t.Fatalf("the sound plan does not hold %q", m.old)
	}
	text = strings.Replace(text, m.old, m.new, 1)
	lines := strings.Split(text, "\n")
	_, issues := plan.Parse("small.yaml", []byte(text))
	for _, i := range issues {
		if i.Code != m.code || i.Place.Field != m.field {
			continue
		}
		if i.Place.Row < 1 || i.Place.Row > len(lines) || i.Place.Column < 1 {
			t.Fatalf("row %d, column %d", i.Place.Row, i.Place.Column)
		}
		if rest := string([]rune(lines[i.Place.Row-1])[i.Place.Column-1:]); !strings.HasPrefix(rest, m.at) {
			t.Errorf("row %d, column %d is at %q, want %q", i.Place.Row, i.Place.Column, rest, m.at)
		}
		if (i.Severity == fault.Soft) != m.soft {
			t.Errorf("severity %v", i.Severity)
		}
		return
	}
	t.Errorf("no %s at %s among %v", m.code, m.field, issues)
}

var mistakes = map[string]mistake{
	"unknown key":               {"id: small", "idd: small", plan.CodeUnknownKey, "idd", "idd", false},
	"unknown key below":         {"measure: deaths", "measured: deaths", plan.CodeUnknownKey, "measured", "conflict.definitions[0].measured", false},
	"a list is wanted":          {"yes: [yes]", "yes: yes", plan.CodeWrongType, "yes", "indicators.yes", false},
	"keys are wanted":           {"title: {en: A, fr: B}\nsource", "title: A\nsource", plan.CodeWrongType, "title: A", "title", false},
	"a number is wanted":        {"at_least: 25", "at_least: many", plan.CodeWrongType, "at_least", "conflict.definitions[0].at_least", false},
	"true or false is wanted":   {"number: true", "number: perhaps", plan.CodeWrongType, "number", "predictors[1].number", false},
	"a single value is wanted":  {"outcome: any", "outcome: [any]", plan.CodeWrongType, "outcome", "models[0].outcome", false},
	"format":                    {"plan/1", "plan/2", plan.CodeFormat, "waymark", "waymark", false},
	"id":                        {"id: small", "id: Small Plan", plan.CodeBadID, "id: Small", "id", false},
	"kind":                      {"flow-survey", "flow", plan.CodeChoice, "kind: flow", "kind", false},
	"one language":              {"title: {en: Sex, fr: Sexe}", "title: {en: Sex}", plan.CodeLanguage, "title: {en: Sex}", "predictors[0].title", false},
	"another language":          {"title: {en: Sex, fr: Sexe}", "title: {en: Sex, fr: Sexe, ar: a}", plan.CodeUnusedPart, "ar: a", "predictors[0].title.ar", true},
	"kind of missing":           {"{unknown: [dnk]}", "{unknwon: [dnk]}", plan.CodeChoice, "unknwon", "data[0].missing.unknwon", false},
	"data twice":                {"- name: conflict", "- name: interviews", plan.CodeTwice, "name: interviews", "data[1]", false},
	"a form that is not there":  {"missing: {unknown: [dnk]}", "form: forms", plan.CodeNoSuch, "form: forms", "data[0].form", false},
	"language of a form":        {"missing: {unknown: [dnk]}", "language: French", plan.CodeBadID, "language", "data[0].language", false},
	"a join with nothing":       {"missing: {unknown: [dnk]}", "join: {data: households, key: KEY, columns: [a]}", plan.CodeNoSuch, "data: households", "data[0].join.data", false},
	"a join without key":        {"missing: {unknown: [dnk]}", "join: {data: conflict, columns: [a]}", plan.CodeMissing, "join:", "data[0].join", false},
	"threshold":                 {"sample:", "disclosure: {min_people: 2}\nsample:", plan.CodeLowThreshold, "min_people", "disclosure.min_people", false},
	"rule":                      {"keep: consent = yes", "keep: consent is", plan.CodeBadFilter, "keep: consent is", "sample[0].keep", false},
	"rule without filter":       {"keep: consent = yes, ", "", plan.CodeMissing, "{id: consent", "sample[0].keep", false},
	"band":                      {"from: 0, below: 18", "from: 18, below: 0", plan.CodeBandOrder, "{code: a", "derive[0].bands[0]", false},
	"derived from itself":       {"from: age", "from: band", plan.CodeDerivedFromOwn, "name: band", "derive[0].name", false},
	"derived twice over":        {"from: age", "from: age\n    region: survey-regions", plan.CodeOneOf, "name: band", "derive[0]", false},
	"date":                      {"2017-02", "2017/02", plan.CodeBadDate, "date", "indicators.sets[0].date", false},
	"day":                       {"sample:", "period: {from: 2016, to: 2016-11-30}\nsample:", plan.CodeBadDate, "from: 2016", "period.from", false},
	"item of a set":             {"items: [held]", "items: [hold]", plan.CodeNoSuch, "hold]", "indicators.sets[0].items[0]", false},
	"item without question":     {"own: held, ", "", plan.CodeMissing, "{id: held", "indicators.items[0]", false},
	"outcome of two kinds":      {"set: set,", "set: set, item: held,", plan.CodeOneOf, "{id: any", "outcomes[0]", false},
	"outcome without codes":     {"set: set,", "column: held,", plan.CodeMissing, "{id: any", "outcomes[0]", false},
	"level of the model":        {"level: individual\n    factor: I002", "level: personal\n    factor: I002", plan.CodeChoice, "level: personal", "predictors[0].level", false},
	"factor at another level":   {"level: individual\n    factor: I002", "level: community\n    factor: I002", plan.CodeFactorLevel, "level: community", "predictors[0].level", true},
	"factor without reason":     {"factor: I002", "factor: none", plan.CodeFactorReason, "id: sex", "predictors[0]", false},
	"factor not there":          {"factor: I002", "factor: X002", plan.CodeNoSuch, "factor: X002", "predictors[0].factor", false},
	"one level":                 {", {code: m, title: {en: M, fr: M}}]", "]", plan.CodeFewLevels, "id: sex", "predictors[0]", false},
	"level twice":               {"{code: m, title", "{code: f, title", plan.CodeTwice, "{code: f, title: {en: M", "predictors[0].levels[1]", false},
	"outcome of a model":        {"outcome: any", "outcome: all", plan.CodeNoSuch, "outcome: all", "models[0].outcome", false},
	"predictor of a model":      {"[sex, cost, war]", "[sex, cost, peace]", plan.CodeNoSuch, "peace", "models[0].predictors[2]", false},
	"interaction":               {`"sex:war"`, `"sex:age"`, plan.CodeNoSuch, `"sex:age"`, "models[0].interactions[0]", false},
	"method":                    {"outcome: any,", "outcome: any, method: magic,", plan.CodeChoice, "method", "models[0].method", false},
	"level of a profile":        {"at: {sex: m}", "at: {sex: x}", plan.CodeNoSuch, "sex: x", "profiles.each[0].at.sex", false},
	"kind of a profile":         {"kind: men", "kind: man", plan.CodeChoice, "kind: man", "profiles.each[0].kind", false},
	"outcome of a table":        {"outcomes: [any]", "outcomes: [all]", plan.CodeNoSuch, "all]", "tables[0].outcomes[0]", false},
	"contrast":                  {"focus: [{predictor: sex, level: m}]", "focus: [{predictor: sex, level: x}]", plan.CodeNoSuch, "level: x", "robustness.focus[0].level", false},
	"left out":                  {"[[cost]]", "[[coast]]", plan.CodeNoSuch, "coast", "robustness.without[0][0]", false},
	"statement":                 {"{id: sex, model: main", "{id: six, model: main", plan.CodeNoSuch, "id: six", "statements[0].id", false},
	"side":                      {"side: risk", "side: left", plan.CodeChoice, "side", "recommendations[0].side", false},
	"side of a predictor":       {"factor: I002", "factor: I002\n    side: left", plan.CodeChoice, "side: left", "predictors[0].side", false},
	"safety of no predictor":    {"tables:", "safety: {title: {en: A, fr: B}, country: c, feels: fear, onward: any}\ntables:", plan.CodeNoSuch, "feels: fear", "safety.feels", false},
	"safety by a number":        {"tables:", "safety: {title: {en: A, fr: B}, country: c, feels: cost, onward: any}\ntables:", plan.CodeTwoLevels, "feels: cost", "safety.feels", false},
	"safety without country":    {"tables:", "safety: {title: {en: A, fr: B}, feels: sex, onward: any}\ntables:", plan.CodeMissing, "safety", "safety", false},
	"safety without onward":     {"tables:", "safety: {title: {en: A, fr: B}, country: c, feels: sex, onward: on}\ntables:", plan.CodeNoSuch, "onward: on", "safety.onward", false},
	"safety in one language":    {"tables:", "safety: {title: {en: A}, country: c, feels: sex, onward: any}\ntables:", plan.CodeLanguage, "title: {en: A}, country", "safety.title", false},
	"two publications":          {"level: m}}\nrecommend", "level: m}}\n  - {id: fled, model: main, contrast: {predictor: sex, level: m}}\nrecommend", plan.CodeTwoSources, "id: fled", "statements[1].id", false},
	"a part of the other kind":  {"outcomes:\n", "counts: {}\noutcomes:\n", plan.CodeUnusedPart, "counts", "counts", true},
	"alias of nothing":          {"outcome: any", "outcome: *any", plan.CodeNoSuch, "outcome", "models[0].outcome", false},
	"conflict without country":  {"  country: country\n", "", plan.CodeMissing, "conflict:", "conflict", false},
	"conflict of no data":       {"data: conflict", "data: wars", plan.CodeNoSuch, "data: wars", "conflict.data", false},
	"definition as a predictor": {"{id: war,", "{id: sex,", plan.CodeTwice, "id: sex, title: {en: War", "conflict.definitions[0].id", false},
}

func TestMistakes(t *testing.T) {
	for name, m := range mistakes {
		t.Run(name, func(t *testing.T) { m.reported(t, sound) })
	}
}

func TestMistakesOfCounts(t *testing.T) {
	for name, m := range map[string]mistake{
		"no counts":          {counting[strings.Index(counting, "counts:"):], "", plan.CodeMissing, "", "counts", false},
		"no column":          {"column: n, ", "", plan.CodeMissing, "{id: people", "counts.measures[0]", false},
		"people of no one":   {"column: n,", "column: n, people: men,", plan.CodeNoSuch, "people: men", "counts.measures[0].people", false},
		"measure of a table": {"measures: [people]", "measures: [men]", plan.CodeNoSuch, "men]", "counts.tables[0].measures[0]", false},
		"headline":           {"headline: people", "headline: men", plan.CodeNoSuch, "headline", "counts.tables[0].headline", false},
		"part":               {"[[people]]", "[[men]]", plan.CodeNoSuch, "men]]", "counts.tables[0].parts[0][0]", false},
	} {
		t.Run(name, func(t *testing.T) { m.reported(t, counting) })
	}
}

// What cannot be read as a plan at all.
func TestUnreadable(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		code fault.Code
		row  int
	}{
		"nothing":       {"", plan.CodeEmpty, 0},
		"a comment":     {"# nothing\n", plan.CodeEmpty, 0},
		"torn":          {"waymark: plan/1\ntitle: {en: a\nkind: survey\n", plan.CodeSyntax, 3},
		"not text":      {"\x00\x01\x02", plan.CodeWrongType, 1},
		"a list":        {"- a\n- b\n", plan.CodeWrongType, 1},
		"a word":        {"plan\n", plan.CodeWrongType, 1},
		"key twice":     {"waymark: plan/1\nid: a\nid: b\n", plan.CodeSyntax, 3},
		"far too large": {strings.Repeat("# nothing\n", 200_000), plan.CodeTooLarge, 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, issues := plan.Parse("small.yaml", []byte(c.text))
			if len(issues) == 0 {
				t.Fatal("no issue")
			}
			if issues[0].Code != c.code || c.row > 0 && issues[0].Place.Row != c.row {
				t.Errorf("%v at row %d", issues[0], issues[0].Place.Row)
			}
		})
	}
}

// Aliases that repeat each other without end are stopped by their number, not by memory.
func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("waymark: plan/1\nid: small\nmodels:\n")
	b.WriteString("  - predictors: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	b.WriteString("title: &t0 {en: a, fr: b}\n")
	b.WriteString("robustness:\n  without: &b0\n    - [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 9 {
		fmt.Fprintf(&b, "profiles%d: &p%d [", i, i+1)
		for range 10 {
			if i == 0 {
				b.WriteString("*a0,")
			} else {
				fmt.Fprintf(&b, "*p%d,", i)
			}
		}
		b.WriteString("]\n")
	}
	_, issues := plan.Parse("bomb.yaml", []byte(b.String()))
	if issues.Err() == nil {
		t.Error("a bomb is a plan")
	}
	var deep strings.Builder
	deep.WriteString("waymark: plan/1\nrobustness:\n  without:\n    - &a [" + strings.Repeat("x,", 1000) + "]\n" + strings.Repeat("    - *a\n", 1000))
	_, issues = plan.Parse("bomb.yaml", []byte(deep.String()))
	found := false
	for _, i := range issues {
		found = found || i.Code == plan.CodeTooLarge
	}
	if !found {
		t.Error("a million of values through aliases is no issue")
	}
}

// An alias within its own anchor would be walked without end.
func TestAliasOfItself(t *testing.T) {
	for _, text := range []string{
		"waymark: plan/1\nrobustness:\n  without: &a [*a]\n",
		"waymark: plan/1\ntitle: &a\n  en: *a\n",
		"waymark: &a *a\n",
	} {
		if _, issues := plan.Parse("self.yaml", []byte(text)); issues.Err() == nil {
			t.Errorf("%q is a plan", text)
		}
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	text := strings.NewReplacer("outcome: any", "outcome: all", "side: risk", "side: left", "kind: men", "kind: man", "factor: I085", "factor: X1").Replace(sound)
	_, issues := plan.Parse("small.yaml", []byte(text))
	if len(issues) != 4 {
		t.Errorf("%d issues: %v", len(issues), issues)
	}
	text = strings.NewReplacer("kind: flow", "kinds: flow", "number: true", "number: perhaps", "yes: [yes]", "yes: yes").Replace(sound)
	if _, issues = plan.Parse("small.yaml", []byte(text)); len(issues) != 3 {
		t.Errorf("%d issues: %v", len(issues), issues)
	}
}

// Every code has words in both languages, and every code that Parse raises has a case above.
func TestEveryCode(t *testing.T) {
	cases := map[fault.Code]bool{plan.CodeSyntax: true, plan.CodeTooLarge: true, plan.CodeEmpty: true, plan.CodeNothingToDraft: true}
	for _, m := range mistakes {
		cases[m.code] = true
	}
	for _, code := range []fault.Code{plan.CodeSyntax, plan.CodeTooLarge, plan.CodeEmpty, plan.CodeUnknownKey, plan.CodeWrongType,
		plan.CodeFormat, plan.CodeBadID, plan.CodeMissing, plan.CodeLanguage, plan.CodeChoice, plan.CodeTwice, plan.CodeNoSuch,
		plan.CodeOneOf, plan.CodeBadFilter, plan.CodeBadDate, plan.CodeBandOrder, plan.CodeFewLevels, plan.CodeFactorReason,
		plan.CodeFactorLevel, plan.CodeLowThreshold, plan.CodeUnusedPart, plan.CodeDerivedFromOwn, plan.CodeNothingToDraft} {
		if !cases[code] {
			t.Errorf("%s has no case", code)
		}
		for _, tag := range lang.Tags() {
			p, err := lang.New(tag)
			if err != nil {
				t.Fatal(err)
			}
			if !p.Has(string(code)) {
				t.Errorf("%s has no words in %s", code, tag)
			}
		}
	}
}

// FuzzParse: no text makes the reader panic or hang, and a plan is given wherever there is no hard issue.
func FuzzParse(f *testing.F) {
	for _, text := range []string{sound, counting, "", "a: &a [*a]", "waymark: plan/1\nid: {a: b}", "? a\n: b", "a: !!binary x", "<<: *x", "a: |\n  b", "- - - a"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, issues := plan.Parse("fuzz.yaml", text)
		if p == nil && issues.Err() == nil {
			t.Error("neither a plan nor an issue")
		}
		for _, i := range issues {
			if i.Place.Document == "" {
				t.Errorf("%v names no document", i)
			}
		}
	})
}
