package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"waymark/fault"
)

// codeSameFolder says that a folder is to be joined with itself: dir.
const codeSameFolder fault.Code = "server.same-folder"

// joinFlags are the flags of `join`.
type joinFlags struct {
	folderFlags
	other folderFlags
	json  bool
}

func newJoin(r *room) *cobra.Command {
	var f joinFlags
	c := &cobra.Command{
		Use:   "join",
		Short: "server.join",
		Long:  "server.join-long",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return f.run(c.Context(), r, c) },
	}
	f.addThere(c)
	c.Flags().StringVar(&f.other.dir, "from", "", "server.flag.from")
	c.Flags().StringVar(&f.other.keyFile, "from-key-file", "", "server.flag.from-key-file")
	c.Flags().StringVar(&f.other.database, "from-database", "", "server.flag.from-database")
	c.Flags().BoolVar(&f.json, "json", false, "cmd.flag.json")
	return c
}

func (f *joinFlags) run(ctx context.Context, r *room, c *cobra.Command) error {
	if err := need(c, "dir", "from"); err != nil {
		return err
	}
	if inside(f.other.dir, f.dir) {
		return fault.Issue{Code: codeSameFolder, Args: map[string]any{"dir": f.dir}}
	}
	o, err := f.open(ctx, r, mustExist)
	if err != nil {
		return err
	}
	defer o.close()
	// The other laptop has a passphrase of its own.
	theirs := *r
	theirs.getenv = func(name string) string {
		if name == passphraseName {
			if s := r.getenv("WAYMARK_FROM_PASSPHRASE"); s != "" {
				return s
			}
		}
		return r.getenv(name)
	}
	other, err := f.other.open(ctx, &theirs, mustExist)
	if err != nil {
		return err
	}
	defer other.close()
	done, err := o.desk.Join(ctx, system(), other.desk)
	if err != nil {
		return err
	}
	if f.json {
		return json.NewEncoder(r.out).Encode(map[string]any{
			"projects": done.Projects, "forms": done.Forms, "versions": done.Versions, "records": done.Records, "present": done.Present,
			"quarantined": done.Quarantined, "attachments": done.Attachments, "entities": done.Entities, "users": done.Users,
		})
	}
	p := r.speak()
	_, err = fmt.Fprintln(r.out, p.Text("server.joined", map[string]any{
		"count": done.Records, "records": done.Records, "present": done.Present, "quarantined": done.Quarantined, "attachments": done.Attachments}))
	for _, i := range done.Issues {
		fmt.Fprintf(r.err, "waymark: %s\n", p.Issue(i))
	}
	return err
}
