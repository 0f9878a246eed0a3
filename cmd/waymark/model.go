package main

import (
	"github.com/spf13/cobra"

	"waymark/fault"
)

// Codes of the texts of the verb model; the words stand in lang/messages/model.*.toml.
const (
	codeModelNotCleared  fault.Code = "model.not-cleared"
	codeModelRowsListed  fault.Code = "model.rows-listed"
	codeModelSuspect     fault.Code = "model.suspect-marker"
	codeModelMostNumbers fault.Code = "model.mostly-numbers"
	codeModelRobust      fault.Code = "model.robust"
	codeModelNoRobust    fault.Code = "model.robust-mixed"
	codeModelNoFirth     fault.Code = "model.firth-mixed"
	codeModelNotMixed    fault.Code = "model.not-mixed"
	codeModelMixedLink   fault.Code = "model.mixed-link"
	codeModelCriterion   fault.Code = "model.criterion"
	codeModelPoints      fault.Code = "model.points"
	codeModelTrialsAlone fault.Code = "model.trials-without-weights"
	codeFlagChoice       fault.Code = "cmd.flag-choice"
)

func newModel(r *room) *cobra.Command {
	c := &cobra.Command{
		Use:   "model",
		Short: "cmd.model",
		Args:  group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newModelFit(r))
	return c
}
