package main

import "testing"

// FuzzKnown reads any text as known totals: what is taken has a name, and sizes that are not negative.
func FuzzKnown(f *testing.F) {
	for _, s := range []string{"sex=f:120,m:80;age=5400", "a=b:c:3", "=1", "a=", "a=x:-1", "a=x:1,x:2", ";;", "a=NaN"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := surveyWeights{known: text}
		if w.readKnown() != nil {
			return
		}
		for _, m := range w.margins {
			if m.Columns[0] == "" || len(m.Totals) == 0 {
				t.Fatal("a margin without a name or a level")
			}
			for level, size := range m.Totals {
				if level == "" || !(size >= 0) {
					t.Fatal("a level without a name or a size")
				}
			}
		}
		for _, total := range w.totals {
			if total.Column == "" || total.Total != total.Total {
				t.Fatal("a total without a name or a value")
			}
		}
	})
}
