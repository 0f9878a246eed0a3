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
