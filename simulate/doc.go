// Package simulate knows how to draw surveys of invented people: interviews whose shares, clusters and
// directions resemble what is published of flow monitoring surveys, with the truth beside them. It must not
// know files, nor copy a real person's row, nor decide how a model is fitted: it calls package glmm for that.
//
// Three things are done here: FlowSurvey invents interviews from parameters of our own; Redraw draws a survey
// from a fitted model; Cover draws many and refits them, to see whether estimates and intervals find the truth.
//
// A simulated file contains nobody and says so in every row (column "simulated"). The same seed gives the
// same interviews. What is calibrated, and to which published figures, is in docs/methods/simulation.md.
//
//	s := simulate.NewFlowSurvey(rand.NewPCG(7, 0), 16500)
//	table := s.Next(16500)
//	truth := s.Truth()
package simulate
