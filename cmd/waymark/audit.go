package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
)

func newAudit(r *room) *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "server.audit",
		Args:  group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newAuditVerify(r))
	return c
}

// auditVerify are the flags of `audit verify`.
type auditVerify struct {
	folderFlags
	json bool
}

func newAuditVerify(r *room) *cobra.Command {
	var f auditVerify
	c := &cobra.Command{
		Use:   "verify",
		Short: "server.audit-verify",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return f.run(c.Context(), r, c) },
	}
	f.add(c)
	c.Flags().BoolVar(&f.json, "json", false, "cmd.flag.json")
	return c
}

func (f *auditVerify) run(ctx context.Context, r *room, c *cobra.Command) error {
	if err := need(c, "dir"); err != nil {
		return err
	}
	o, err := f.open(ctx, r, mustExist)
	if err != nil {
		return err
	}
	defer o.close()
	links, err := o.desk.VerifyAudit(ctx)
	if err != nil {
		return err
	}
	if f.json {
		return json.NewEncoder(r.out).Encode(map[string]any{"links": links, "whole": true})
	}
	_, err = fmt.Fprintln(r.out, r.speak().Text("server.audit-whole", map[string]any{"count": links, "links": strconv.FormatInt(links, 10)}))
	return err
}
