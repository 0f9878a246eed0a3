// Package design knows estimation under a sample design: strata, clusters drawn in stages, weights, finite
// populations, replicate weights and weights and tables fitted to known totals. It must not know files, nor what an
// answer means in the field.
//
//	s, err := design.New(columns, design.Options{Strata: []string{"region"}, Clusters: []string{"point_day"}, Weights: "weight"})
//	age, _ := s.Numbers("age")
//	e, err := s.Means(age)
//	fmt.Println(e.Value[0], e.SE(0), e.Interval(0, 0.95))
//
// Variances come from Taylor linearisation (Woodruff 1971; Särndal, Swensson and Wretman 1992, section 5.5): an
// estimate is replaced by the total of its influence on each row, whose variance is that of a total of
// clusters within strata, stage by stage; or, where a sample carries replicate weights, from the spread of the
// estimate over them. Names of options follow R's survey package (Lumley 2010), so that a result can be
// compared with its own. Method, rules and limits are on the page docs/methods/survey-design.md.
//
// Invariants of a Sample:
//
//  1. A sample is never changed: Within, PostStratify, Rake, Calibrate and Replicate give a new one.
//  2. A row outside a domain keeps its place in the design with weight 0, so that the clusters drawn stay counted.
//  3. All weights times one factor leave means, ratios, quantiles and their errors as they are.
package design
