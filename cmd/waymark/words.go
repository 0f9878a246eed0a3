package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"waymark/lang"
)

// speak gives the room's printer, in the language of --lang, else of LC_ALL, LC_MESSAGES or LANG, else English.
func (r *room) speak() *lang.Printer {
	if r.printer == nil {
		r.printer, _ = lang.New(r.tag())
	}
	return r.printer
}

func (r *room) tag() string {
	if r.language != "" {
		return lang.Base(r.language)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := r.getenv(name); v != "" {
			if lang.Base(v) == "fr" {
				return "fr"
			}
			return "en"
		}
	}
	return "en"
}

// complain prints an error on standard error: each issue with its place and the way to mend it, then where help is.
func (r *room) complain(err error, hint string) {
	p := r.speak()
	for _, line := range strings.Split(p.Error(err), "\n") {
		fmt.Fprintf(r.err, "waymark: %s\n", line)
	}
	if hint != "" {
		fmt.Fprintf(r.err, "waymark: %s\n", p.Text(string(codeHint), map[string]any{"command": hint}))
	}
}

// translate puts words in the place of the codes that commands carry, before help is printed.
func (r *room) translate(c *cobra.Command) {
	p := r.speak()
	words := func(s string) string {
		if !strings.Contains(s, ".") || strings.ContainsAny(s, " \n") {
			return s // the flag parser's own, or words already
		}
		return p.Text(s, nil)
	}
	c.Short, c.Long = words(c.Short), words(c.Long)
	each := func(f *pflag.Flag) {
		if f.Name == "help" {
			f.Usage = string(codeHelpFlag)
		}
		f.Usage = words(f.Usage)
		if f.Value.Type() == "string" && f.DefValue != "" { // the flag parser would say it in English
			f.Usage += " " + p.Text("cmd.flag-default", map[string]any{"value": f.DefValue})
			f.DefValue = ""
		}
	}
	c.DisableFlagsInUseLine = true
	c.InitDefaultHelpFlag()
	c.Flags().VisitAll(each)
	c.PersistentFlags().VisitAll(each)
	for _, sub := range c.Commands() {
		if sub.Name() == "help" {
			sub.Short = string(codeHelpVerb)
		}
		r.translate(sub)
	}
	c.SetUsageTemplate(usage(p))
}

// usage is cobra's template of a command's help with our words.
func usage(p *lang.Printer) string {
	t := func(name string) string { return p.Text("cmd.usage."+name, nil) }
	return t("use") + `{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} ...{{end}}{{if .HasExample}}

` + t("examples") + `
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

` + t("verbs") + `{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

` + t("flags") + `
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

` + t("everywhere") + `
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}

` + t("exit") + `
`
}
