package plan_test

import (
	"testing"

	"waymark/plans"
	"waymark/study/plan"
)

func TestShippedPlansParse(t *testing.T) {
	for _, name := range plans.Names() {
		text, _ := plans.Read(name)
		p, issues := plan.Parse(name+".yaml", text)
		for _, i := range issues {
			t.Errorf("%s: %v", name, i)
		}
		if p != nil && p.ID != name {
			t.Errorf("%s: its id is %s", name, p.ID)
		}
	}
}

// Findings are said in phrases only where level, reference and outcome have one: a forgotten phrase would bring
// the stiff sentence with quoted titles back.
func TestMediterraneanPlanSpeaksInPhrases(t *testing.T) {
	text, _ := plans.Read("mediterranean-2017")
	p, _ := plan.Parse("mediterranean-2017.yaml", text)
	for _, o := range p.Outcomes {
		if len(o.Phrase) != 2 {
			t.Errorf("outcome %s has no phrase in two languages", o.ID)
		}
	}
	for _, id := range p.Models[0].Predictors {
		x, _ := p.Predictor(id)
		for _, c := range x.Levels {
			if len(c.Phrase) != 2 {
				t.Errorf("level %s of %s has no phrase in two languages", c.Code, id)
			}
		}
	}
}
