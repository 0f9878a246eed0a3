package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"waymark/collect"
	"waymark/fault"
	"waymark/form"
	"waymark/form/xlsform"
	"waymark/lang"
)

// Codes of the verbs that check forms and write them for phones.
const (
	codeFormMistakes fault.Code = "formverb.mistakes" // count
	codeFormCounts   fault.Code = "formverb.counts"   // id, version, questions, groups, lists, languages
	codeFormFine     fault.Code = "formverb.fine"
)

func newForm(r *room) *cobra.Command {
	c := &cobra.Command{
		Use:   "form",
		Short: "formverb.form",
		Args:  group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newFormCheck(r))
	c.AddCommand(newFormConvert(r))
	return c
}

// formRecord is what a form is and what is wrong with it, in the fields that docs/formats/xlsform.md lists.
type formRecord struct {
	File      string           `json:"file"`
	Usable    bool             `json:"usable"` // no mistake that a phone would stumble over
	ID        string           `json:"id"`
	Title     string           `json:"title"`
	Version   string           `json:"version"`
	Language  string           `json:"language"`
	Direction string           `json:"direction,omitempty"`
	Languages []languageRecord `json:"languages"`
	Questions int              `json:"questions"`
	Groups    int              `json:"groups"`
	Repeats   int              `json:"repeats"`
	Lists     int              `json:"lists"`
	Media     []string         `json:"media"`
	Encrypted bool             `json:"encrypted"`
	Mistakes  []formIssue      `json:"mistakes"`
	Advice    []formIssue      `json:"advice"`
	Web       []formIssue      `json:"web"`                // what the web form does not show
	Out       string           `json:"out,omitempty"`      // of a conversion: the form for phones
	Bytes     int              `json:"bytes,omitempty"`    // its size
	Hash      string           `json:"md5,omitempty"`      // its hash, by which phones know it
	Itemsets  string           `json:"itemsets,omitempty"` // the file of external choices that goes with it
}

type languageRecord struct {
	Tag  string `json:"tag"`
	Name string `json:"name"`
}

type formIssue struct {
	Code   string `json:"code"`
	Sheet  string `json:"sheet,omitempty"`
	Row    int    `json:"row,omitempty"`
	Column int    `json:"column,omitempty"`
	Field  string `json:"field,omitempty"`
	Text   string `json:"text"`

	line string         // place and text as one line
	args map[string]any // of the text
}

func newFormCheck(r *room) *cobra.Command {
	asJSON, instance := false, ""
	c := &cobra.Command{
		Use:   "check FILE",
		Short: "formverb.check",
		Long:  "formverb.check-long",
		Args:  oneForm("waymark form check"),
		RunE: func(_ *cobra.Command, args []string) error {
			_, record, err := readForm(args[0], instance, r.speak())
			if err != nil {
				return err
			}
			if err := record.print(r, asJSON); err != nil {
				return err
			}
			return record.err()
		},
	}
	c.Flags().StringVar(&instance, "instance", "", "formverb.flag.instance")
	c.Flags().BoolVar(&asJSON, "json", false, "cmd.flag.json")
	return c
}

// oneForm is the Args of a verb that takes one form.
func oneForm(verb string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return misused(codeOneArgument, map[string]any{"verb": verb, "want": "FILE"})
		}
		return nil
	}
}

// readForm compiles the sheets of a file and gathers all there is to say about them.
func readForm(name, instance string, p *lang.Printer) (*form.Form, formRecord, error) {
	f, err := openFile(name)
	if err != nil {
		return nil, formRecord{}, err
	}
	defer f.Close()
	document := filepath.Base(name)
	book, err := bookOf(f, document)
	if err != nil {
		return nil, formRecord{}, err
	}
	compiled, issues := xlsform.Compile(book, xlsform.Options{Document: document, Instance: instance, Web: true, Texts: true})
	for _, i := range collect.ProtectedQuestions(compiled) { // as an upload says it
		i.Place.Sheet = "survey"
		issues = append(issues, i)
	}
	return compiled, recordOf(document, compiled, issues, p), nil
}

func recordOf(document string, f *form.Form, issues fault.Issues, p *lang.Printer) formRecord {
	r := formRecord{File: document, Usable: issues.Err() == nil, ID: f.ID, Title: f.Title, Version: f.Version, Language: f.Language, Direction: f.Direction,
		Questions: len(f.Questions), Repeats: len(f.Repeats()), Lists: len(f.Lists), Encrypted: f.PublicKey != "",
		Languages: []languageRecord{}, Media: append([]string{}, f.Media...), Mistakes: []formIssue{}, Advice: []formIssue{}, Web: []formIssue{}}
	r.Groups = len(f.Groups) - r.Repeats
	for _, l := range f.Texts {
		r.Languages = append(r.Languages, languageRecord{l.Tag, l.Name})
	}
	for _, i := range issues {
		at := formIssue{Code: string(i.Code), Sheet: i.Place.Sheet, Row: i.Place.Row, Column: i.Place.Column, Field: i.Place.Field, Text: p.Text(string(i.Code), i.Args)}
		i.Place.Document = ""
		at.line, at.args = p.Issue(i), i.Args
		switch {
		case i.Severity == fault.Hard:
			r.Mistakes = append(r.Mistakes, at)
		case strings.HasPrefix(string(i.Code), "xlsform.web-"):
			r.Web = append(r.Web, at)
		default:
			r.Advice = append(r.Advice, at)
		}
	}
	return r
}

// err says that a form cannot be used.
func (f formRecord) err() error {
	if f.Usable {
		return nil
	}
	return fault.Issue{Code: codeFormMistakes, Place: fault.Place{Document: f.File}, Args: map[string]any{"count": len(f.Mistakes)}}
}

// print says what a form is, then what is wrong with it, what is worth a look, and what the web does not show.
func (f formRecord) print(r *room, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(r.out)
		e.SetEscapeHTML(false)
		return e.Encode(f)
	}
	p := r.speak()
	names := make([]string, len(f.Languages))
	for i, l := range f.Languages {
		names[i] = l.Tag
		if l.Tag == "und" {
			names[i] = p.Text("formverb.unnamed", nil)
		}
		if l.Name != "" {
			names[i] = l.Name
		}
	}
	fmt.Fprintln(r.out, p.Text(string(codeFormCounts), map[string]any{"file": f.File, "title": f.Title, "id": f.ID, "version": f.Version,
		"questions": f.Questions, "groups": f.Groups, "repeats": f.Repeats, "lists": f.Lists, "languages": strings.Join(names, ", ")}))
	for _, part := range []struct {
		heading string
		issues  []formIssue
	}{{"formverb.heading.mistakes", f.Mistakes}, {"formverb.heading.advice", f.Advice}, {"formverb.heading.web", folded(f.Web, p)}} {
		if len(part.issues) == 0 {
			continue
		}
		fmt.Fprintf(r.out, "\n%s\n", p.Text(part.heading, nil))
		for _, i := range part.issues {
			fmt.Fprintf(r.out, "  %s\n", i.line)
		}
	}
	if len(f.Mistakes)+len(f.Advice)+len(f.Web) == 0 {
		fmt.Fprintln(r.out, p.Text(string(codeFormFine), nil))
	}
	return nil
}

// folded makes one line of what the web form does not show for one reason, though it be of many questions: forms for
// phones have the same appearance on a hundred rows.
func folded(all []formIssue, p *lang.Printer) []formIssue {
	var out []formIssue
	rows, at := [][]int{}, map[string]int{}
	for _, i := range all {
		args := maps.Clone(i.args)
		delete(args, "name")
		key := fmt.Sprint(i.Code, i.Sheet, args) // fmt prints a map by its keys in order
		n, there := at[key]
		if !there || i.Row == 0 {
			at[key] = len(out)
			out, rows = append(out, i), append(rows, []int{i.Row})
			continue
		}
		rows[n] = append(rows[n], i.Row)
	}
	for n := range out {
		if len(rows[n]) == 1 {
			continue
		}
		args := maps.Clone(out[n].args)
		if args == nil {
			args = map[string]any{}
		}
		args["many"] = len(rows[n])
		place := p.Text("formverb.rows", map[string]any{"sheet": out[n].Sheet, "rows": stretches(rows[n])})
		out[n].line = p.Text("lang.issue", map[string]any{"place": place, "text": p.Text(out[n].Code, args)})
	}
	return out
}

// stretches writes rows shortly: 3, 5-9, 12.
func stretches(rows []int) string {
	slices.Sort(rows)
	rows = slices.Compact(rows)
	var out []string
	for from := 0; from < len(rows); {
		to := from
		for to+1 < len(rows) && rows[to+1] == rows[to]+1 {
			to++
		}
		one := strconv.Itoa(rows[from])
		if to > from {
			one += "-" + strconv.Itoa(rows[to])
		}
		out = append(out, one)
		from = to + 1
	}
	return strings.Join(out, ", ")
}
