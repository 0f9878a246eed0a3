package study

import (
	"slices"

	"waymark/dataset"
	"waymark/publish/report"
	"waymark/study/plan"
	"waymark/vulnerability"
)

// method says what was done, generated from the plan and the fits, and what such data cannot show.
func (w *composer) method() (report.Section, bool) {
	m := w.fits[w.order[0]]
	sec := report.Section{ID: "method", Title: w.say("study.method")}
	add := func(b ...report.Block) { sec.Blocks = append(sec.Blocks, b...) }
	add(report.Heading{Text: w.say("study.method.data")}, report.Paragraph{Text: w.dataText()})
	add(report.Heading{Text: w.say("study.method.model")}, report.Paragraph{Text: w.modelText(m)})
	if text, ok := w.conflictText(); ok {
		add(report.Paragraph{Text: text})
	}
	for _, v := range w.verdictTexts(m) {
		add(report.Paragraph{Text: v})
	}
	add(report.Paragraph{Text: w.say("study.method.clusters")}, report.Paragraph{Text: w.say("study.method.missing")}, report.TableBlock{Table: w.t["complete-cases"]})
	add(report.Paragraph{Text: w.say("study.method.fit")}, report.TableBlock{Table: w.t["fit"]},
		calibration("figure-calibration", w.say("study.calibration.title"), w.say("study.calibration.summary"), w.t["calibration"]))
	add(report.Heading{Text: w.say("study.limits")}, report.Bullets{Items: w.limits()})
	add(report.Heading{Text: w.say("study.gate")}, report.Paragraph{Text: w.gateText()})
	return sec, true
}

func (w *composer) dataText() report.Text {
	var rules report.List
	for _, r := range w.plan.Sample {
		rules = append(rules, report.Words(labels(r.Title)))
	}
	if len(rules) == 0 {
		return w.say("study.method.sample-all")
	}
	return report.Text{Key: w.keyOf("study.method.sample"), Args: map[string]report.Arg{"rules": rules}}
}

func (w *composer) modelText(m *vulnerability.Model) report.Text {
	var factors, groups report.List
	for _, id := range m.Spec.Predictors {
		factors = append(factors, report.Words(w.titleOf(id)))
	}
	for _, id := range m.Spec.Groups {
		groups = append(groups, report.Words(w.titleOf(id)))
	}
	key := "study.method.multilevel"
	args := map[string]report.Arg{"factors": factors, "groups": groups, "formula": report.Plain(m.Spec.Formula())}
	switch {
	case m.Multi == nil:
		key = "study.method.single"
	case m.Multi.Exact:
		args["likelihood"] = report.Nested(w.say("study.method.exact"))
	default:
		args["likelihood"] = report.Nested(w.say("study.method.laplace"))
	}
	return report.Text{Key: w.keyOf(key), Args: args}
}

func (w *composer) conflictText() (report.Text, bool) {
	c := w.plan.Conflict
	if c == nil || len(w.match) == 0 {
		return report.Text{}, false
	}
	var list report.List
	for _, d := range c.Definitions {
		list = append(list, report.Nested(report.Text{Key: w.keyOf("study.method.definition"), Args: map[string]report.Arg{
			"name": report.Words(labels(d.Title)), "measure": report.Plain(d.Measure), "least": report.Plain(trim(d.AtLeast))}}))
	}
	key := "study.method.conflict"
	if c.Absent == "none" {
		key = "study.method.conflict-none"
	}
	return report.Text{Key: w.keyOf(key), Args: map[string]report.Arg{"definitions": list, "file": report.Plain(w.in[c.Data].File)}}, true
}

// sayable are the verdicts of a fit whose words hold no number of people.
var sayable = map[string]string{
	"glmm.converged": "study.verdicts.converged", "glm.converged": "study.verdicts.converged",
	"glmm.singular": "study.verdicts.singular", "glmm.not-converged": "study.verdicts.not-converged", "glm.not-converged": "study.verdicts.not-converged",
	"glmm.laplace-untrustworthy": "study.verdicts.laplace", "glmm.separation": "study.verdicts.separation", "glm.separation": "study.verdicts.separation",
	"glmm.aliased": "study.verdicts.aliased", "glm.aliased": "study.verdicts.aliased",
}

func (w *composer) verdictTexts(m *vulnerability.Model) []report.Text {
	var keys []string
	for _, v := range m.Verdict {
		if key := sayable[string(v.Code)]; key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	out := make([]report.Text, len(keys))
	for i, k := range keys {
		out[i] = w.say(k)
	}
	return out
}

// limits names what such data cannot show; those of flow monitoring only where the data are of it.
func (w *composer) limits() []report.Text {
	var keys []string
	if w.plan.Kind == plan.FlowSurvey {
		keys = []string{"not-random", "indicators", "survivors", "route-place", "duration-cost", "few-countries", "sets-change", "profiling"}
		keys = slices.DeleteFunc(keys, func(k string) bool {
			return k == "few-countries" && w.plan.Conflict == nil || k == "route-place" && !w.routeBound()
		})
		if at := slices.Index(keys, "duration-cost"); w.has("I035") && !w.has("I085") {
			keys[at] = "duration"
		}
	} else {
		keys = []string{"survey", "cross-section", "self-report", "profiling"}
	}
	out := make([]report.Text, len(keys))
	for i, k := range keys {
		out[i] = w.say("study.limit." + k)
	}
	return out
}

// has says whether a predictor of the plan is of a factor of the vocabulary.
func (r *runner) has(factor string) bool {
	return slices.ContainsFunc(r.plan.Predictors, func(x plan.Predictor) bool { return x.Factor == factor })
}

// routeBound says whether most people were asked at places that only one route passes, so that route and place cannot
// be told apart. Without a predictor known to be a route, it is taken to be so.
func (s *survey) routeBound() bool {
	known := false
	for _, x := range s.plan.Predictors {
		c := s.sample.Column(x.ID)
		if x.Factor != "S002" && x.Factor != "S032" || c == nil || c.Kind != dataset.Category {
			continue
		}
		known = true
		for _, name := range s.plan.Models[0].Groups {
			g, err := s.groupedBy([]string{name})
			if err != nil {
				continue
			}
			bound, in := 0, determines(g[0], c)
			for i := range c.Rows() {
				if at := g[0].of(i); at >= 0 && in[at] >= 0 {
					bound++
				}
			}
			if 2*bound > c.Rows() {
				return true
			}
		}
	}
	return !known
}

// trim writes a threshold of the plan without needless digits.
func trim(x float64) string {
	if x == float64(int64(x)) {
		return itoa(int(x))
	}
	return formatFloat(x)
}
