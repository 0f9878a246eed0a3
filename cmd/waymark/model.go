package main

import "github.com/spf13/cobra"

func newModel(*room) *cobra.Command {
	return &cobra.Command{
		Use:   "model",
		Short: "cmd.model",
		Args:  group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
}
