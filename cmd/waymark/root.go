package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"waymark/fault"
	"waymark/lang"
)

// Codes of the texts of this room; the words stand in lang/messages/cmd.*.toml.
const (
	codeRootShort      fault.Code = "cmd.root"
	codeUnknownVerb    fault.Code = "cmd.unknown-verb"
	codeUnknownFlag    fault.Code = "cmd.unknown-flag"
	codeFlagValue      fault.Code = "cmd.flag-value"
	codeFlagNeedsValue fault.Code = "cmd.flag-needs-value"
	codeFlagSyntax     fault.Code = "cmd.flag-syntax"
	codeArguments      fault.Code = "cmd.arguments"
	codeMissingFlag    fault.Code = "cmd.missing-flag"
	codeLanguage       fault.Code = "cmd.language"
	codeHint           fault.Code = "cmd.hint"
	codeHelpFlag       fault.Code = "cmd.help-flag"
	codeHelpVerb       fault.Code = "cmd.help-verb"
)

// Exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitWrongUse = 2
)

// room is the outside world of one command: its streams and its environment. The language is found on the
// first word asked for, so that a run that prints only numbers loads no texts.
type room struct {
	in     io.Reader
	out    io.Writer
	err    io.Writer
	getenv func(string) string

	language string // of --lang; "" means the environment's
	printer  *lang.Printer
}

// wrongUse is an error in how the command was written; it exits with 2.
type wrongUse struct{ issue fault.Issue }

func (e wrongUse) Error() string { return e.issue.Error() }
func (e wrongUse) Unwrap() error { return e.issue }

// misused builds the error of a command that was written wrongly.
func misused(code fault.Code, args map[string]any) error {
	return wrongUse{fault.Issue{Code: code, Args: args}}
}

// run does one command and gives its exit code.
func run(ctx context.Context, args []string, r room) int {
	root := newRoot(&r)
	root.SetArgs(args)
	at, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	var use wrongUse
	if errors.As(err, &use) {
		r.complain(err, at.CommandPath()+" --help")
		return exitWrongUse
	}
	r.complain(err, "")
	return exitFailed
}

// newRoot builds the command with every verb. A verb's Short, Long and flag usages are codes of texts; they
// become words only where help is printed.
func newRoot(r *room) *cobra.Command {
	asked := false
	root := &cobra.Command{
		Use:           "waymark",
		Short:         string(codeRootShort),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return misused(codeUnknownVerb, map[string]any{"verb": args[0]})
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if asked {
				return printVersion(r, false)
			}
			return c.Help()
		},
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetIn(r.in)
	root.SetOut(r.out)
	root.SetErr(r.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.Flags().BoolVar(&asked, "version", false, "cmd.version")
	root.PersistentFlags().StringVar(&r.language, "lang", "", "cmd.flag.lang")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if _, err := lang.New(r.tag()); err != nil {
			bad := r.language
			r.language = ""
			return misused(codeLanguage, map[string]any{"have": bad, "known": lang.Tags()})
		}
		return nil
	}
	help := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		r.translate(c.Root())
		help(c, args)
	})
	root.AddCommand(newStudy(r))
	root.AddCommand(newForm(r))
	root.AddCommand(newSimulate(r))
	root.AddCommand(newModel(r))
	root.AddCommand(newSurvey(r))
	root.AddCommand(newServe(r))
	root.AddCommand(newUser(r))
	root.AddCommand(newAudit(r))
	root.AddCommand(newJoin(r))
	root.AddCommand(newBackup(r))
	root.AddCommand(newRestore(r))
	root.AddCommand(newPull(r))
	root.AddCommand(newVersion(r))
	return root
}

// noArguments refuses words after a verb that takes none.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return misused(codeArguments, map[string]any{"verb": c.CommandPath(), "have": args[0]})
	}
	return nil
}

// group is the Args of a verb that only holds further verbs.
func group(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return misused(codeUnknownVerb, map[string]any{"verb": c.CommandPath()[len(c.Root().Name())+1:] + " " + args[0]})
	}
	return nil
}

// need refuses a command without a flag that it cannot do without.
func need(c *cobra.Command, names ...string) error {
	for _, n := range names {
		if f := c.Flags().Lookup(n); f == nil || !f.Changed {
			return misused(codeMissingFlag, map[string]any{"flag": "--" + n, "verb": c.CommandPath()})
		}
	}
	return nil
}

// flagError gives the flag parser's error as an issue with a code.
func flagError(err error) error {
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	var without *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		return misused(codeUnknownFlag, map[string]any{"flag": dashes(unknown.GetSpecifiedName())})
	case errors.As(err, &value):
		return misused(codeFlagValue, map[string]any{"flag": "--" + value.GetFlag().Name, "have": value.GetValue()})
	case errors.As(err, &without):
		return misused(codeFlagNeedsValue, map[string]any{"flag": dashes(without.GetSpecifiedName())})
	}
	return misused(codeFlagSyntax, nil)
}

func dashes(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}
