package glmm

type Accuracy struct{}

func newHermiteCriterion(st *state, k int) criterion { return newLaplaceCriterion(st) }
func newExactCriterion(st *state) criterion          { return newLaplaceCriterion(st) }
func newNestedCriterion(st *state) criterion         { return newLaplaceCriterion(st) }
func (m *Model) checkStarts()                        {}
func (m *Model) checkAccuracy()                      {}
func (m *Model) checkSeparation()                    {}
