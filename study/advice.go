package study

import (
	"slices"

	"waymark/publish/report"
	"waymark/study/plan"
)

// advised lists the factors of the vocabulary that the library of recommendations has a text for.
var advised = []string{"S001", "S002", "S031", "I002", "I006", "I030", "I031", "I033", "I035", "I036", "I085", "H004", "C001", "C003"}

// adviceFor gives what to do about a coefficient and who should act: the plan's own text where it has one,
// else that of the library by factor (it speaks of people on the move), else the general one.
func (w *composer) adviceFor(r ranked) (do, actors report.Text) {
	side := "risk"
	if !r.up {
		side = "protective"
	}
	for _, a := range w.plan.Advice {
		if a.When.Predictor == r.predictor.ID && (a.When.Level == "" || a.When.Level == r.level.Code) && a.Side == side {
			return report.Text{Own: labels(a.Do)}, report.Text{Own: labels(a.Actors)}
		}
	}
	id := "default"
	if w.plan.Kind == plan.FlowSurvey && slices.Contains(advised, r.predictor.Factor) {
		id = r.predictor.Factor
	}
	return w.say("study.advice." + id + ".do"), w.say("study.advice." + id + ".actors")
}

// advice binds each recommendation to the finding it rests on.
func (w *composer) advice() (report.Section, bool) {
	sec := report.Section{ID: "recommendations", Title: w.say("study.section.recommendations"), Blocks: []report.Block{
		report.Paragraph{Text: w.say("study.advice.lead")}}}
	if f, ok := w.shareFinding(); ok {
		sec.Blocks = append(sec.Blocks, report.Advice{Finding: f.Say, Do: f.Do, Actors: f.Actors, Anchor: "indicators"})
	}
	said := map[string]bool{}
	for _, r := range w.ranked {
		do, actors := w.adviceFor(r)
		if said[do.Key] && do.Key != "" {
			continue
		}
		said[do.Key] = true
		sec.Blocks = append(sec.Blocks, report.Advice{Finding: w.factorText(r), Do: do, Actors: actors, Anchor: "factors"})
	}
	return sec, len(sec.Blocks) > 1
}
