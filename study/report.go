package study

import (
	"math"
	"slices"
	"strings"

	"waymark/publish/carto"
	"waymark/publish/chart"
	"waymark/publish/report"
	"waymark/release"
	"waymark/study/plan"
)

// report composes the document of a survey from its cleared tables.
func (s *survey) report(t tables) report.Document {
	w := &composer{survey: s, t: t}
	doc := s.frame()
	doc.Kicker = report.T("study.kicker." + string(s.plan.Kind))
	w.rank()
	doc.Summary = report.FrontPage{Findings: w.findings(), Figures: w.keyFigures()}
	for _, part := range []func() (report.Section, bool){w.headlines, w.sample, w.indicators, w.places, w.safety, w.factors, w.profiles, w.models, w.robust,
		w.scorecard, w.advice, w.method} {
		if section, ok := part(); ok {
			doc.Sections = append(doc.Sections, section)
		}
	}
	return doc
}

// keyOf is the key of a text: of its own wording for surveys that are not of people on the move, where there
// is one.
func (r *runner) keyOf(key string) string {
	if r.plan.Kind == plan.Survey && len(printers()) > 0 && printers()[0].Has(key+"-survey") {
		return key + "-survey"
	}
	return key
}

func (r *runner) say(key string) report.Text { return report.T(r.keyOf(key)) }

// composer writes sections; ranked holds the coefficients that are clear of no difference, strongest first.
type composer struct {
	*survey
	t      tables
	ranked []ranked
}

// ranked is one coefficient of the main model that can be spoken of.
type ranked struct {
	row       int // of the main model's table
	predictor plan.Predictor
	level     plan.Choice
	up        bool
	size      float64 // |log odds ratio|
}

func (w *composer) mainKey() string { return "model-" + w.order[0] }

// rank lists the shown coefficients of the main model whose interval excludes no difference, the strongest of
// each predictor, strongest first.
func (w *composer) rank() {
	key := w.mainKey()
	for i, row := range w.t[key].Rows() {
		c := w.t.cell(key, i, 0)
		if c.State != release.Shown || !(c.Low > 1 || c.High < 1) {
			continue
		}
		x, ok := w.plan.Predictor(row.Heads[1].Code)
		level := x.Choice(row.Heads[2].Code)
		if !ok || level == nil {
			continue
		}
		r := ranked{row: i, predictor: x, level: *level, up: c.Low > 1, size: math.Abs(math.Log(c.Value))}
		at := slices.IndexFunc(w.ranked, func(o ranked) bool { return o.predictor.ID == x.ID })
		switch {
		case at < 0:
			w.ranked = append(w.ranked, r)
		case w.ranked[at].size < r.size:
			w.ranked[at] = r
		}
	}
	slices.SortStableFunc(w.ranked, func(a, b ranked) int { return -cmpFloat(a.size, b.size) })
}

// ofOrigin says whether a predictor is a matter of origin. Findings by nationality are no ground for
// profiling, so none stands on page one.
func ofOrigin(x plan.Predictor) bool {
	return slices.Contains([]string{"I005", "I006", "I037", "I038", "I039"}, x.Factor)
}

func (w *composer) keyFigures() []report.KeyFigure {
	var out []report.KeyFigure
	if w.t.has("sample-flow") {
		last := len(w.t["sample-flow"].Rows()) - 1
		out = append(out, report.KeyFigure{Number: w.t.number("sample-flow", last, 1), Label: w.say("study.key.interviews")})
	}
	if len(w.plan.Tables) == 0 {
		return out
	}
	first := w.plan.Tables[0]
	outcome := report.Words(labels(w.plan.Outcome(first.Outcomes[0]).Title))
	for i, row := range w.t[first.ID].Rows() {
		if row.Heads[0].Code != first.Outcomes[0] || len(out) >= 4 {
			continue
		}
		label := report.Text{Key: w.keyOf("study.key.share"), Args: map[string]report.Arg{"outcome": outcome, "group": w.t.head(first.ID, i, 1)}}
		out = append(out, report.KeyFigure{Number: w.t.number(first.ID, i, 0), Label: label})
	}
	return out
}

// findings are the three of page one: how many, and the two strongest factors that are not origin.
func (w *composer) findings() []report.Finding {
	var out []report.Finding
	if f, ok := w.shareFinding(); ok {
		if f.Say.Key == w.keyOf("study.finding.share-said") {
			f.Say.Key, f.Say.Args["parts"] = w.keyOf("study.finding.share-said-short"), f.Say.Args["short"]
			f.Sure = report.Text{Key: w.keyOf("study.sure.interval"), Args: map[string]report.Arg{"interval": f.Say.Args["interval"], "rest": report.Nested(f.Sure)}}
		}
		out = append(out, f)
	}
	for _, r := range w.first() {
		if len(out) == 3 {
			break
		}
		out = append(out, w.factorFinding(r))
	}
	if len(out) == 0 { // no table and nothing that stands out is a finding too
		out = append(out, report.Finding{Say: w.nothing(), Sure: w.say("study.sure.single"),
			Do: w.say("study.advice.any.do"), Actors: w.say("study.advice.any.actors"), Anchor: "factors"})
	}
	return out
}

func (w *composer) shareFinding() (report.Finding, bool) {
	if len(w.plan.Tables) == 0 {
		return report.Finding{}, false
	}
	spec := w.plan.Tables[0]
	total := -1
	var parts, short report.List
	for i, row := range w.t[spec.ID].Rows() {
		if row.Heads[0].Code != spec.Outcomes[0] {
			continue
		}
		if row.Total {
			total = i
			continue
		}
		part := report.Text{Key: w.keyOf("study.share-of"), Args: map[string]report.Arg{
			"name": w.t.head(spec.ID, i, 1), "share": w.t.number(spec.ID, i, 0), "interval": w.t.interval(spec.ID, i, 0)}}
		if who := w.phraseOf(spec.By, row.Heads[1:]); len(who) > 0 {
			part.Key, part.Args["name"] = w.keyOf("study.share-among"), report.Words(labels(who))
		}
		parts = append(parts, report.Nested(part))
		short = append(short, report.Nested(report.Text{Key: w.keyOf("study.share-named"), Args: map[string]report.Arg{
			"name": w.t.head(spec.ID, i, 1), "share": w.t.number(spec.ID, i, 0)}}))
	}
	if total < 0 {
		return report.Finding{}, false
	}
	outcome := w.plan.Outcome(spec.Outcomes[0])
	key, name := "study.finding.share", outcome.Title
	if len(outcome.Phrase) > 0 {
		key, name = "study.finding.share-said", outcome.Phrase
	}
	args := map[string]report.Arg{"share": w.t.number(spec.ID, total, 0), "interval": w.t.interval(spec.ID, total, 0), "parts": parts, "short": short,
		"outcome": report.Words(labels(name))}
	f := report.Finding{Say: report.Text{Key: w.keyOf(key), Args: args}, Sure: w.say("study.sure.share"),
		Do: w.say("study.advice.any.do"), Actors: w.say("study.advice.any.actors"), Anchor: "indicators"}
	if w.t.has("bounds") {
		low, high := w.t.row("bounds", "silent-no"), w.t.row("bounds", "silent-yes")
		if w.t.shown("bounds", low, 0) && w.t.shown("bounds", high, 0) {
			f.Sure = report.Text{Key: w.keyOf("study.sure.bounds"), Args: map[string]report.Arg{
				"low": w.t.number("bounds", low, 0), "high": w.t.number("bounds", high, 0)}}
		}
	}
	return f, true
}

// phraseOf is the phrase of the level that a row of a table by one predictor stands for; nil where the plan
// gives none.
func (w *composer) phraseOf(by []string, heads []release.Head) plan.Labels {
	if len(by) != 1 || len(heads) != 1 {
		return nil
	}
	x, ok := w.plan.Predictor(by[0])
	if !ok {
		return nil
	}
	if c := x.Choice(heads[0].Code); c != nil {
		return c.Phrase
	}
	return nil
}

// factorText says one coefficient in a sentence: in the plan's phrases where level, reference and outcome all
// have one, else by their quoted titles.
func (w *composer) factorText(r ranked) report.Text {
	key := "study.finding.higher"
	if !r.up {
		key = "study.finding.lower"
	}
	reference, outcome := r.predictor.Levels[0], w.plan.Outcome(w.plan.Models[0].Outcome)
	args := map[string]report.Arg{
		"odds": w.t.number(w.mainKey(), r.row, 0), "points": w.t.number(w.mainKey(), r.row, 1), "range": w.t.interval(w.mainKey(), r.row, 1),
		"factor": report.Words(labels(r.predictor.Title))}
	if len(r.level.Phrase) > 0 && len(reference.Phrase) > 0 && len(outcome.Phrase) > 0 {
		key += "-said"
		args["level"], args["reference"] = report.Words(capital(labels(r.level.Phrase))), report.Words(labels(reference.Phrase))
		args["outcome"] = report.Words(labels(outcome.Phrase))
	} else {
		args["level"], args["reference"] = report.Words(labels(r.level.Title)), report.Words(labels(reference.Title))
		args["outcome"] = report.Words(labels(outcome.Title))
	}
	return report.Text{Key: w.keyOf(key), Args: args}
}

// factorFinding is a coefficient on page one: where the plan has phrases, the sentence is short, and its
// interval stands with how sure it is.
func (w *composer) factorFinding(r ranked) report.Finding {
	do, actors := w.adviceFor(r)
	f := report.Finding{Say: w.factorText(r), Sure: w.sureOf(r), Do: do, Actors: actors, Anchor: "factors"}
	if limit := beware[r.predictor.Factor]; limit != "" && w.plan.Kind == plan.FlowSurvey {
		f.Sure = report.Text{Key: "study.sure.beware", Args: map[string]report.Arg{"sure": report.Nested(f.Sure), "limit": report.Nested(report.T("study.beware." + limit))}}
	}
	if strings.HasSuffix(f.Say.Key, "-said") {
		f.Sure = report.Text{Key: w.keyOf("study.sure.points"), Args: map[string]report.Arg{"points": f.Say.Args["points"],
			"range": f.Say.Args["range"], "rest": report.Nested(f.Sure)}}
		f.Say.Key += "-short"
	}
	return f
}

// sureOf says in how many specifications a contrast in focus points the same way; else what one model says.
func (w *composer) sureOf(r ranked) report.Text {
	if w.plan.Robustness == nil || !w.t.has("agreement") {
		return w.say("study.sure.single")
	}
	for i, c := range w.plan.Robustness.Focus {
		if c.Predictor == r.predictor.ID && c.Level == r.level.Code {
			return report.Text{Key: w.keyOf("study.sure.robust"), Args: map[string]report.Arg{
				"tried": w.t.number("agreement", i, 0), "fitted": w.t.number("agreement", i, 1), "same": w.t.number("agreement", i, 2), "clear": w.t.number("agreement", i, 3)}}
		}
	}
	return w.say("study.sure.single")
}

// nothing says why no factor is spoken of: none stands out, or none may be shown. The two are never taken for
// each other: a withheld number is no finding.
func (w *composer) nothing() report.Text {
	for i := range w.t[w.mainKey()].Rows() {
		if w.t.shown(w.mainKey(), i, 0) {
			return w.say("study.findings.none")
		}
	}
	return w.say("study.findings.withheld")
}

// beware gives the limit that belongs to a factor, to stand with the finding and not only at the end.
var beware = map[string]string{"S001": "few-countries", "S002": "route-place", "I035": "duration", "I085": "cost"}

// headlines are all findings as sentences with intervals.
func (w *composer) headlines() (report.Section, bool) {
	sec := report.Section{ID: "findings", Title: w.say("study.section.findings")}
	if f, ok := w.shareFinding(); ok {
		sec.Blocks = append(sec.Blocks, report.Paragraph{Text: f.Say})
	}
	if len(w.ranked) == 0 {
		sec.Blocks = append(sec.Blocks, report.Paragraph{Text: w.nothing()})
		return sec, true
	}
	sec.Blocks = append(sec.Blocks, report.Paragraph{Text: w.say("study.findings.lead")})
	list := func(of []ranked) {
		var items []report.Text
		for _, r := range of {
			items = append(items, w.factorText(r))
		}
		sec.Blocks = append(sec.Blocks, report.Bullets{Items: items})
	}
	higher, lower := w.bySide()
	if w.sided() && len(higher) > 0 && len(lower) > 0 {
		sec.Blocks = append(sec.Blocks, report.Heading{Text: w.say("study.findings.higher")})
		list(higher)
		sec.Blocks = append(sec.Blocks, report.Heading{Text: w.say("study.findings.lower")})
		list(lower)
	} else {
		list(w.ranked)
	}
	sec.Blocks = append(sec.Blocks, report.Note{Text: w.say("study.findings.odds")})
	return sec, true
}

func (w *composer) sample() (report.Section, bool) {
	key := "sample-flow"
	last := len(w.t[key].Rows()) - 1
	args := map[string]report.Arg{"left": w.t.number(key, last, 1), "all": w.t.number(key, 0, 1)}
	summary := report.Text{Key: w.keyOf("study.flow.summary"), Args: args}
	sec := report.Section{ID: "sample", Title: w.say("study.section.sample"), Blocks: []report.Block{
		report.Paragraph{Text: summary}, sampleFlow("figure-sample", w.say("study.flow.title"), w.say("study.flow.reading"), w.t[key])}}
	if w.t.has("countries") && len(w.topRows(w.t, "countries", 0, 1)) > 0 { // else there is nothing to draw
		sec.Blocks = append(sec.Blocks, circles("map-countries", report.Text{Own: labels(w.plan.Map.Title)}, w.topText("countries", 0, "study.map.summary"), w.t["countries"], w.mapOptions()))
	}
	return sec, true
}

// mapOptions carries the clearance of boundaries and names that the plan records; without one the map keeps its
// stamp.
func (w *composer) mapOptions() carto.Options {
	c := w.plan.Map.Clearance
	if c == nil {
		return carto.Options{}
	}
	return carto.Options{Clearance: &carto.Clearance{By: c.By, Day: c.Day}}
}

// topText names the first rows of a table with their numbers.
func (w *composer) topText(key string, col int, text string) report.Text {
	return report.Text{Key: w.keyOf(text), Args: map[string]report.Arg{"top": w.topRows(w.t, key, col, 3)}}
}

func (w *composer) indicators() (report.Section, bool) {
	sec := report.Section{ID: "indicators", Title: w.say("study.section.indicators")}
	sec.Blocks = append(sec.Blocks, report.Paragraph{Text: w.outcomeText()})
	for i, spec := range w.plan.Tables {
		if i > 0 {
			sec.Blocks = append(sec.Blocks, report.Heading{Text: report.Text{Own: labels(spec.Title)}})
		}
		long := w.t.has(spec.ID) && len(w.t[spec.ID].Rows()) > 24
		if key := spec.ID + "-first"; w.t.has(key) {
			sec.Blocks = append(sec.Blocks, bars("figure-"+spec.ID, report.Text{Own: w.t[key].Title()}, w.say("study.indicators.summary"), w.t[key],
				chart.StripOptions{Measure: "share", Base: "n"}))
		} else if !long {
			sec.Blocks = append(sec.Blocks, bars("figure-"+spec.ID, report.Text{Own: labels(spec.Title)}, w.say("study.indicators.summary"), w.t[spec.ID],
				chart.StripOptions{Measure: "share", Base: "n"}))
		}
		if w.t.has(spec.ID) {
			sec.Blocks = append(sec.Blocks, report.TableBlock{Table: w.t[spec.ID], Long: long})
		}
	}
	if w.t.has("bounds") {
		sec.Blocks = append(sec.Blocks, report.Heading{Text: w.say("study.bounds.heading")}, report.Paragraph{Text: w.say("study.bounds.lead")},
			report.TableBlock{Table: w.t["bounds"]})
	}
	return sec, len(w.plan.Tables) > 0
}

// outcomeText says which indicators make the first outcome and since when they are asked so.
func (w *composer) outcomeText() report.Text {
	o := w.plan.Outcomes[0]
	if o.Set == "" {
		return w.say("study.indicators.lead")
	}
	set := w.plan.Indicators.Set(o.Set)
	var items report.List
	for _, id := range set.Items {
		items = append(items, report.Words(labels(w.plan.Indicators.Item(id).Title)))
	}
	return report.Text{Key: w.keyOf("study.indicators.set"), Args: map[string]report.Arg{"outcome": report.Words(labels(o.Title)),
		"set": report.Words(labels(set.Title)), "date": report.Day(set.Date), "items": items}}
}

func (w *composer) places() (report.Section, bool) {
	if !w.t.has("places") {
		return report.Section{}, false
	}
	summary := w.topText("places", 0, "study.places.summary")
	return report.Section{ID: "places", Title: w.say("study.section.places"), Blocks: []report.Block{
		report.Paragraph{Text: w.say("study.places.lead")},
		bars("figure-places", report.Text{Own: labels(w.plan.Places.Title)}, summary, w.t["places"],
			chart.StripOptions{Measure: "share", Totals: chart.WithoutTotals}),
		report.TableBlock{Table: w.t["places"]}}}, true
}

func (w *composer) factors() (report.Section, bool) {
	key := w.mainKey()
	sec := report.Section{ID: "factors", Title: w.say("study.section.factors"), Blocks: []report.Block{report.Paragraph{Text: w.say("study.factors.lead")}}}
	sec.Blocks = append(sec.Blocks, forests("figure-factors", report.Text{Own: w.t[key].Title()}, w.say("study.factors.summary"), w.t[key], []string{"odds_ratio"})...)
	sec.Blocks = append(sec.Blocks, report.Note{Text: w.say("study.factors.read")}, report.TableBlock{Table: w.t[key]})
	sec.Blocks = append(sec.Blocks, w.sides()...)
	if w.t.has("groups-" + w.order[0]) {
		sec.Blocks = append(sec.Blocks, report.Heading{Text: w.say("study.groups.heading")}, report.Paragraph{Text: w.say("study.groups.lead")},
			report.TableBlock{Table: w.t["groups-"+w.order[0]]})
	}
	return sec, true
}

func (w *composer) profiles() (report.Section, bool) {
	if !w.t.has("profiles") {
		return report.Section{}, false
	}
	return report.Section{ID: "profiles", Title: w.say("study.section.profiles"), Blocks: []report.Block{
		report.Paragraph{Text: w.profileText()},
		dots("figure-profiles", w.say("study.profiles.title"), w.say("study.profiles.summary"), w.t["profiles"], chart.StripOptions{Measure: "probability", Base: "n"}),
		report.TableBlock{Table: w.t["profiles"]}}}, true
}

// profileText says what is held alike in every profile.
func (w *composer) profileText() report.Text {
	var list report.List
	for _, x := range w.plan.Predictors {
		level, ok := w.plan.Profiles.At[x.ID]
		if l := x.Choice(level); ok && l != nil {
			list = append(list, report.Nested(report.Text{Key: w.keyOf("study.named-level"), Args: map[string]report.Arg{
				"name": report.Words(labels(x.Title)), "level": report.Words(labels(l.Title))}}))
		}
	}
	if len(list) == 0 {
		return w.say("study.profiles.lead")
	}
	return report.Text{Key: w.keyOf("study.profiles.lead-at"), Args: map[string]report.Arg{"at": list}}
}

func (w *composer) models() (report.Section, bool) {
	if !w.t.has("models") {
		return report.Section{}, false
	}
	sec := report.Section{ID: "models", Title: w.say("study.section.models"), Blocks: []report.Block{
		report.Paragraph{Text: w.modelsText()}}}
	var shown []string
	for _, id := range w.order {
		if len(shown) < 3 {
			shown = append(shown, id)
		}
	}
	sec.Blocks = append(sec.Blocks, forests("figure-models", w.say("study.models"), w.say("study.models.summary"), w.t["models"], shown)...)
	sec.Blocks = append(sec.Blocks, report.TableBlock{Table: w.t["models"]})
	for _, id := range w.order {
		if key := "interactions-" + id; w.t.has(key) {
			sec.Blocks = append(sec.Blocks, report.Heading{Text: report.Text{Own: w.t[key].Title()}}, report.TableBlock{Table: w.t[key]})
		}
	}
	return sec, true
}

// modelsText says what the models differ in.
func (w *composer) modelsText() report.Text {
	for _, id := range w.order {
		if w.plan.Model(id).Outcome != w.plan.Models[0].Outcome {
			return w.say("study.models.lead-outcomes")
		}
	}
	return w.say("study.models.lead")
}

// robustText names the factors that were left out, as the plan lists them.
func (w *composer) robustText() report.Text {
	var list report.List
	var said []string
	for _, set := range w.plan.Robustness.Without {
		for _, id := range set {
			if !slices.Contains(said, id) {
				said = append(said, id)
				list = append(list, report.Words(w.titleOf(id)))
			}
		}
	}
	if len(list) == 0 {
		return w.say("study.robust.lead-all")
	}
	return report.Text{Key: w.keyOf("study.robust.lead"), Args: map[string]report.Arg{"without": list}}
}

func (w *composer) robust() (report.Section, bool) {
	if !w.t.has("robustness") {
		return report.Section{}, false
	}
	sec := report.Section{ID: "robustness", Title: w.say("study.section.robustness"), Blocks: []report.Block{
		report.Paragraph{Text: w.robustText()}, report.TableBlock{Table: w.t["agreement"]}, report.TableBlock{Table: w.t["robustness"]}}}
	for i, c := range w.plan.Robustness.Focus {
		key := focusKey(i)
		summary := report.Text{Key: w.keyOf("study.robust.summary"), Args: map[string]report.Arg{"contrast": report.Words(w.contrastLabels(c)),
			"tried": w.t.number("agreement", i, 0), "fitted": w.t.number("agreement", i, 1), "same": w.t.number("agreement", i, 2), "clear": w.t.number("agreement", i, 3)}}
		sec.Blocks = append(sec.Blocks, grid("figure-"+key, report.Text{Own: w.t[key].Title()}, summary, w.t[key]))
	}
	return sec, true
}

func (w *composer) scorecard() (report.Section, bool) {
	if !w.t.has("scorecard") {
		return report.Section{}, false
	}
	from := w.publication()
	return report.Section{ID: "scorecard", Title: w.say("study.section.scorecard." + from), Blocks: []report.Block{
		report.Paragraph{Text: w.say("study.scorecard.lead." + from)}, report.TableBlock{Table: w.t["scorecard"]},
		report.Note{Text: w.say("study.scorecard.note." + from)}}}, true
}
