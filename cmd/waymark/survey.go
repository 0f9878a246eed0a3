package main

import (
	"github.com/spf13/cobra"

	"waymark/fault"
)

// Codes of the texts of the verb survey; the words stand in lang/messages/survey.*.toml.
const (
	codeSurveyNotCleared fault.Code = "survey.not-cleared"
	codeSurveyWhat       fault.Code = "survey.what"        // have, known
	codeSurveyNoVariable fault.Code = "survey.no-variable" // what
	codeSurveyRatio      fault.Code = "survey.ratio"       // have
	codeSurveyLevels     fault.Code = "survey.levels"      // column, count, limit
	codeSurveyRowsListed fault.Code = "survey.rows-listed" // rows, first
	codeSurveyNoGroup    fault.Code = "survey.no-group"    // columns, count
	codeSurveyEmpty      fault.Code = "survey.empty"       // column, by
	codeSurveySmall      fault.Code = "survey.small"       // count, limit
	codeSurveyNoDF       fault.Code = "survey.no-df"       // count
	codeSurveyEdge       fault.Code = "survey.edge"        // count
	codeSurveyOpen       fault.Code = "survey.open"        // count
	codeSurveyKnown      fault.Code = "survey.known"       // have
	codeSurveyFit        fault.Code = "survey.fit"         // fit
	codeSurveyReplicates fault.Code = "survey.replicates"  //
	codeSurveySuspect    fault.Code = "survey.suspect"     // column, marker, rows
)

func newSurvey(r *room) *cobra.Command {
	c := &cobra.Command{
		Use:   "survey",
		Short: "survey.survey",
		Args:  group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSurveyEstimate(r))
	return c
}
