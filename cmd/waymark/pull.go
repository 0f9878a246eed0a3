package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waymark/connect/central"
	"waymark/connect/kobo"
	"waymark/connect/pull"
	"waymark/fault"
)

// Codes of what can be wrong with a pull; the words stand in lang/messages/pull.*.toml.
const (
	codePullURL     fault.Code = "pull.url"      // url
	codePullPlain   fault.Code = "pull.plain"    // url
	codePullProject fault.Code = "pull.project"  // have
	codePullNoToken fault.Code = "pull.no-token" //
)

func newPull(r *room) *cobra.Command {
	c := &cobra.Command{
		Use:   "pull",
		Short: "pull.verb",
		Args:  group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newPullFrom(r, "central"), newPullFrom(r, "kobo"))
	return c
}

// pullFlags are the flags of `pull central` and `pull kobo`.
type pullFlags struct {
	folderFlags
	url        string
	project    string
	form       string
	to         int64
	user       string
	tokenStdin bool
	insecure   bool
	json       bool
}

func newPullFrom(r *room, peer string) *cobra.Command {
	var f pullFlags
	c := &cobra.Command{
		Use:   peer,
		Short: "pull." + peer,
		Long:  "pull." + peer + "-long",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return f.run(c, r, peer) },
	}
	f.addThere(c)
	c.Flags().StringVar(&f.url, "url", "", "pull.flag.url")
	if peer == "central" {
		c.Flags().StringVar(&f.project, "project", "", "pull.flag.project")
		c.Flags().StringVar(&f.user, "user", "", "pull.flag.user")
	}
	c.Flags().StringVar(&f.form, "form", "", "pull.flag.form")
	c.Flags().Int64Var(&f.to, "to", 0, "pull.flag.to")
	c.Flags().BoolVar(&f.tokenStdin, "token-stdin", false, "pull.flag.token-stdin")
	c.Flags().BoolVar(&f.insecure, "plain-http", false, "pull.flag.plain-http")
	c.Flags().BoolVar(&f.json, "json", false, "cmd.flag.json")
	return c
}

// tokenName is the variable of the environment that holds the token where standard input does not.
const tokenName = "WAYMARK_PULL_TOKEN"

func (f *pullFlags) run(c *cobra.Command, r *room, peer string) error {
	required := []string{"dir", "url", "form", "to"}
	if peer == "central" {
		required = append(required, "project")
	}
	if err := need(c, required...); err != nil {
		return err
	}
	if err := f.address(); err != nil {
		return err
	}
	secret := r.getenv(tokenName)
	if f.tokenStdin {
		var err error
		if secret, err = r.secretLine(); err != nil {
			return err
		}
	}
	if secret == "" {
		return misused(codePullNoToken, nil)
	}
	project, err := strconv.ParseInt(f.project, 10, 64)
	if err != nil && peer == "central" {
		return misused(codePullProject, map[string]any{"have": f.project})
	}
	o, err := f.open(c.Context(), r, mustExist)
	if err != nil {
		return err
	}
	defer o.close()
	keeper := &pull.Keeper{Desk: o.desk, By: system(), Project: f.to}
	asker := &pull.Asker{Client: &http.Client{Timeout: 10 * time.Minute, CheckRedirect: sameHost}}
	if peer == "kobo" {
		err = kobo.Pull(c.Context(), keeper, kobo.Options{URL: f.url, Form: f.form, Token: secret, Asker: asker})
	} else {
		from := central.Options{URL: f.url, Project: project, Form: f.form, Asker: asker, Token: secret}
		if f.user != "" {
			from.Email, from.Password, from.Token = f.user, secret, ""
		}
		err = central.Pull(c.Context(), keeper, from)
	}
	return errors.Join(f.print(r, keeper.Account, err), err)
}

// address refuses what is no address, and one without TLS, over which the token and every answer could be read,
// unless it is asked for or is this machine's own.
func (f *pullFlags) address() error {
	u, err := url.Parse(f.url)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return misused(codePullURL, map[string]any{"url": f.url})
	}
	host := u.Hostname()
	if u.Scheme == "http" && !f.insecure && host != "localhost" && host != "127.0.0.1" && host != "::1" {
		return misused(codePullPlain, map[string]any{"url": f.url})
	}
	return nil
}

// sameHost follows redirects within the server that was named: the token goes nowhere else. Servers keep files on
// other hosts and send there without it, which is followed with the token taken off.
func sameHost(r *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return http.ErrUseLastResponse
	}
	first := via[0].URL
	if !strings.EqualFold(r.URL.Host, first.Host) || first.Scheme == "https" && r.URL.Scheme != "https" {
		r.Header.Del("Authorization")
	}
	if first.Scheme == "https" && r.URL.Scheme != "https" {
		return http.ErrUseLastResponse
	}
	return nil
}

// print says what became of everything, also where the pull was stopped.
func (f *pullFlags) print(r *room, a pull.Account, stopped error) error {
	if whole := a.Whole(); whole != nil && stopped == nil {
		return whole
	}
	if f.json {
		return json.NewEncoder(r.out).Encode(a)
	}
	p := r.speak()
	lines := []string{p.Text("pull.account", map[string]any{"read": a.Read, "new": a.New, "edited": a.Edited, "present": a.Present, "refused": a.Refused}),
		p.Text("pull.account-files", map[string]any{"files": a.Files, "missing": a.FilesMissing, "versions": a.Versions})}
	for _, refusal := range a.Refusals {
		lines = append(lines, p.Text("pull.refusal", map[string]any{"record": refusal.Record, "why": p.Text(string(refusal.Code), refusal.Args)}))
	}
	_, err := fmt.Fprintln(r.out, strings.Join(lines, "\n"))
	return err
}
