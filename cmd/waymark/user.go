package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"waymark/collect"
	"waymark/trust/access"
)

func newUser(r *room) *cobra.Command {
	c := &cobra.Command{
		Use:   "user",
		Short: "server.user",
		Args:  group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newUserAdd(r))
	return c
}

// userAdd are the flags of `user add`.
type userAdd struct {
	folderFlags
	roles         []string
	name          string
	project       int64
	passwordStdin bool
	json          bool
}

func newUserAdd(r *room) *cobra.Command {
	var f userAdd
	c := &cobra.Command{
		Use:   "add EMAIL",
		Short: "server.user-add",
		Long:  "server.user-add-long",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !strings.Contains(args[0], "@") {
				return misused(codeOneArgument, map[string]any{"verb": "waymark user add", "want": "EMAIL"})
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), r, c, args[0]) },
	}
	f.add(c)
	c.Flags().StringSliceVar(&f.roles, "role", nil, "server.flag.role")
	c.Flags().StringVar(&f.name, "name", "", "server.flag.name")
	c.Flags().Int64Var(&f.project, "project", 0, "server.flag.project")
	c.Flags().BoolVar(&f.passwordStdin, "password-stdin", false, "server.flag.password-stdin")
	c.Flags().BoolVar(&f.json, "json", false, "cmd.flag.json")
	return c
}

func (f *userAdd) run(ctx context.Context, r *room, c *cobra.Command, email string) error {
	if err := need(c, "dir", "role"); err != nil {
		return err
	}
	o, err := f.open(ctx, r, mayCreate)
	if err != nil {
		return err
	}
	defer o.close()
	if o.fresh {
		r.say("server.folder-made", map[string]any{"dir": f.dir})
	}
	u := collect.User{Email: email, Name: f.name, Language: r.tag()}
	for _, role := range f.roles {
		u.Grants = append(u.Grants, access.Grant{Role: role, Scope: access.Scope{Project: f.project}})
	}
	password, made := "", false
	if f.passwordStdin {
		password, err = r.secretLine()
	} else {
		password, made = o.keys.Token(15), true
	}
	if err != nil {
		return err
	}
	added, err := o.desk.AddUser(ctx, system(), u, password)
	if err != nil {
		return err
	}
	if f.json {
		shown := map[string]any{"id": added.ID, "email": added.Email}
		if made {
			shown["password"] = password
		}
		return json.NewEncoder(r.out).Encode(shown)
	}
	if made {
		_, err = fmt.Fprintln(r.out, r.speak().Text("server.user-added-password", map[string]any{"email": added.Email, "password": password}))
		return err
	}
	_, err = fmt.Fprintln(r.out, r.speak().Text("server.user-added", map[string]any{"email": added.Email}))
	return err
}
