package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"waymark/dataset"
	"waymark/fault"
	"waymark/form/flatten"
	"waymark/study/plan"
)

// codeExists says that a file to be written is there already.
const codeExists fault.Code = "studynew.exists"

// studyNew are the flags of `study new`.
type studyNew struct {
	data     string
	form     string
	language string
	out      string
}

func newStudyNew(r *room) *cobra.Command {
	var f studyNew
	c := &cobra.Command{
		Use:   "new",
		Short: "studynew.verb",
		Long:  "studynew.verb-long",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := need(c, "data"); err != nil {
				return err
			}
			return f.run(r)
		},
	}
	c.Flags().StringVar(&f.data, "data", "", "studynew.flag.data")
	c.Flags().StringVar(&f.form, "form", "", "studynew.flag.form")
	c.Flags().StringVar(&f.language, "form-language", "", "studynew.flag.form-language")
	c.Flags().StringVar(&f.out, "out", "", "studynew.flag.out")
	return c
}

func (f studyNew) run(r *room) error {
	if f.language != "" {
		if _, err := languagesOf(f.language); err != nil {
			return err
		}
	}
	if err := f.refuseOverwriting(); err != nil {
		return err
	}
	text, notes, err := f.draft()
	if err != nil {
		return err
	}
	p, issues := plan.Parse(filepath.Base(f.data), text)
	if err := issues.Err(); err != nil {
		return err
	}
	say := r.speak()
	for _, n := range notes {
		fmt.Fprintln(r.err, say.Text("verb.note", map[string]any{"text": say.Issue(n)}))
	}
	if f.out == "" {
		_, err := r.out.Write(text)
		return err
	}
	if err := writeBeside(f.out, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	command := fmt.Sprintf("waymark study run %s --data %s=%s", f.out, p.Main().Name, f.data)
	if f.form != "" {
		command += " --data form=" + f.form
	}
	fmt.Fprintln(r.out, say.Text("studynew.done", map[string]any{"file": f.out, "command": command + " --out DIR"}))
	return nil
}

func (f studyNew) refuseOverwriting() error {
	if f.out == "" {
		return nil
	}
	if _, err := os.Lstat(f.out); !errors.Is(err, fs.ErrNotExist) {
		return fault.Issue{Code: codeExists, Kind: fault.Conflict, Args: map[string]any{"file": f.out}}
	}
	return nil
}

// draft reads the file twice: first to find the codes that look missing, then with them.
func (f studyNew) draft() ([]byte, fault.Issues, error) {
	name := filepath.Base(f.data)
	first, err := openTable(f.data, tableOptions{})
	if err != nil {
		return nil, nil, err
	}
	if first.Table.Rows() == 0 {
		return nil, nil, fault.Issue{Code: plan.CodeNothingToDraft, Place: fault.Place{Document: name}}
	}
	missing := plan.DraftMissingOf(first.Accounts.Suspects, first.Table)
	again := tableOptions{}
	again.Missing, again.ColumnMissing = missingOf(missing.All), map[string]dataset.MissingCodes{}
	for column, codes := range missing.Columns {
		again.ColumnMissing[column] = missingOf(codes)
	}
	loaded, err := openTable(f.data, again)
	if err != nil {
		return nil, nil, err
	}
	in := plan.DraftInput{File: name, Table: loaded.Table, Missing: missing, Form: f.form != "", Language: f.language}
	var notes fault.Issues
	if in.Form {
		form, soft, err := openForm(f.form, f.language)
		if err != nil {
			return nil, nil, err
		}
		table, differs := flatten.Apply(flatten.Describe(form), loaded.Table)
		in.Table, notes = table, append(soft, differs...)
	}
	text, err := plan.Draft(in)
	return text, notes, err
}
