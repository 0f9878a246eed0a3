package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"waymark/trust/audit"
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
	heads []string
	json  bool
}

func newAuditVerify(r *room) *cobra.Command {
	var f auditVerify
	c := &cobra.Command{
		Use:   "verify",
		Short: "server.audit-verify",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return f.run(c.Context(), r, c) },
	}
	f.addThere(c)
	c.Flags().StringSliceVar(&f.heads, "head", nil, "server.flag.head")
	c.Flags().BoolVar(&f.json, "json", false, "cmd.flag.json")
	return c
}

func (f *auditVerify) run(ctx context.Context, r *room, c *cobra.Command) error {
	if err := need(c, "dir"); err != nil {
		return err
	}
	var recorded []audit.Head
	for _, text := range f.heads {
		h, ok := headOf(text)
		if !ok {
			return misused(codeFlagValue, map[string]any{"flag": "--head", "have": text})
		}
		recorded = append(recorded, h)
	}
	o, err := f.open(ctx, r, mustExist)
	if err != nil {
		return err
	}
	defer o.close()
	head, err := o.desk.AuditHead(ctx, recorded...)
	if err != nil {
		return err
	}
	written := strconv.FormatInt(head.Number, 10) + ":" + hex.EncodeToString(head.Hash)
	if f.json {
		return json.NewEncoder(r.out).Encode(map[string]any{"links": head.Number, "whole": true, "head": written})
	}
	p := r.speak()
	_, err = fmt.Fprintf(r.out, "%s\n%s\n", p.Text("server.audit-whole", map[string]any{"count": head.Number, "links": strconv.FormatInt(head.Number, 10)}),
		p.Text("server.audit-head", map[string]any{"head": written}))
	return err
}

// headOf reads a head as verify writes it: the number of an entry and its hash in hexadecimal digits.
func headOf(text string) (audit.Head, bool) {
	number, hash, _ := strings.Cut(strings.TrimSpace(text), ":")
	n, err := strconv.ParseInt(number, 10, 64)
	sum, wrong := hex.DecodeString(hash)
	return audit.Head{Number: n, Hash: sum}, err == nil && wrong == nil && n > 0 && len(sum) == audit.HashSize
}
