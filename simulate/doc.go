// Package simulate knows how to draw surveys of invented people: interviews whose shares, clusters and
// directions resemble what is published of flow monitoring surveys, with the truth beside them. It must not
// know any real person's answer, nor files, nor how a model is fitted.
//
// A simulated file contains nobody and says so in every row (column "simulated"). The same seed gives the
// same interviews. What is calibrated, and to which published figures, is in docs/methods/simulation.md.
//
//	s := simulate.NewFlowSurvey(rand.NewPCG(7, 0), 16500)
//	table := s.Next(16500)
//	truth := s.Truth()
package simulate
