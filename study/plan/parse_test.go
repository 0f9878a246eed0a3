package plan_test

import (
	"slices"
	"testing"

	"waymark/plans"
	"waymark/study/plan"
	"waymark/vulnerability/factor"
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
func TestFlowPlansSpeakInPhrases(t *testing.T) {
	for _, name := range []string{"mediterranean-2017", "west-central-africa"} {
		text, _ := plans.Read(name)
		p, _ := plan.Parse(name+".yaml", text)
		for _, o := range p.Outcomes {
			if len(o.Phrase) != 2 {
				t.Errorf("%s: outcome %s has no phrase in two languages", name, o.ID)
			}
		}
		for _, id := range p.Models[0].Predictors {
			x, _ := p.Predictor(id)
			for _, c := range x.Levels {
				if len(c.Phrase) != 2 {
					t.Errorf("%s: level %s of %s has no phrase in two languages", name, c.Code, id)
				}
			}
		}
	}
}

// The plan for West and Central Africa has factors that expose and factors that protect at each of the four levels;
// what protects is set against its absence, so the reference says no, none or alone.
func TestSidesAtFourLevels(t *testing.T) {
	text, _ := plans.Read("west-central-africa")
	p, _ := plan.Parse("west-central-africa.yaml", text)
	found := map[string]bool{}
	for _, id := range p.Models[0].Predictors {
		x, _ := p.Predictor(id)
		found[x.Level+" "+x.Sided()] = true
		if x.Sided() == "protective" && !slices.Contains([]string{"no", "none", "alone"}, x.Levels[0].Code) {
			t.Errorf("%s is expected to protect and has the reference %s", id, x.Levels[0].Code)
		}
	}
	for _, level := range factor.LevelNames() {
		for _, side := range []string{"risk", "protective"} {
			if !found[level+" "+side] {
				t.Errorf("no factor of level %s and side %s", level, side)
			}
		}
	}
}
