package glmm

type Accuracy struct{}

func (m *Model) checkStarts()     {}
func (m *Model) checkAccuracy()   {}
func (m *Model) checkSeparation() {}
