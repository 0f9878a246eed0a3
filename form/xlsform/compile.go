package xlsform

import (
	"cmp"
	"errors"
	"path"
	"slices"
	"strings"

	"waymark/fault"
	"waymark/form"
)

// Options say what a form's sheets do not.
type Options struct {
	Document string // file name without its folder: the place of issues, and the form's id where the settings have none
	Language string // BCP 47 tag of texts without a language; default: the form's default language, else "und"
	Instance string // name of the record's root element where the settings have none; default "data"
	Web      bool   // also report, softly, what the web form does not show
	Texts    bool   // also report, softly, languages that lack texts cell by cell, and what only phones refuse
	Strict   bool   // refuse what only phones refuse: a list of choices without any label, a group without questions
}

// defaultName is the name of the root element, and the id of a form that has none.
const defaultName = "data"

// Compile reads the sheets of a form. The form is never nil; issues are in the order of sheets and rows.
func Compile(book Book, o Options) (*form.Form, fault.Issues) {
	c := &compiler{book: book, options: o, form: &form.Form{}, tree: &form.Tree{Root: &form.Node{}}, lists: map[string]*choices{}}
	c.form.Tree = c.tree
	c.readSettings()
	c.readChoices()
	c.readExternal()
	c.readEntities()
	c.readTags()
	c.readSurvey()
	c.endSettings()
	c.placeEntities()
	c.tree.Index()
	c.checkSearch()
	c.checkReferences()
	c.checkShown()
	c.checkPhones()
	c.checkExpressions()
	c.findInstances()
	c.checkLanguages()
	c.summarise()
	if o.Web {
		c.checkWeb()
	}
	c.sort()
	return c.form, c.issues
}

// compiler holds what is known while a form is compiled.
type compiler struct {
	book    Book
	options Options
	form    *form.Form
	tree    *form.Tree
	issues  fault.Issues

	set          settings
	settingsAt   *table
	untagged     string // tag of texts without a language
	untaggedName string // its name in the sheets: "default"
	tidy         bool   // several spaces count as one

	choicesAt    *table
	externalAt   *table
	lists        map[string]*choices // of the sheet choices, by name
	order        []string            // their names in the order met
	external     map[string]bool     // lists of the sheet of external choices
	externalUsed bool
	tags         map[string][]form.Tag

	entitiesAt *table
	entities   []*entity

	survey     *table
	rows       []*entry
	stack      []*opened
	tableList  string // list of the table being read; "" none, tableOpen before its first question
	names      map[string]int
	repeats    map[string]int
	questions  map[string]bool // names of rows that are no groups
	triggers   []trigger
	geometries []geometry
	files      map[string]bool // names of tables beside the record that come as files
	meta       []*form.Node
	otherSeen  bool
	copies     int                      // nodes that loops have made
	nameless   bool                     // the sheet has no column of names, which has been said
	known      map[string]form.Language // languages by name, read once
	asked      map[string]bool          // files the form asks for
}

// opened is a group or repeat that is being read.
type opened struct {
	node  *form.Node
	noun  string // "" of the record itself
	row   int
	class string         // of what is in it, unless that says otherwise
	exact map[string]int // names in it, to rows
	lower map[string]int
}

func (c *compiler) issue(code fault.Code, severity fault.Severity, place fault.Place, args map[string]any) {
	place.Document = c.options.Document
	c.issues = append(c.issues, fault.Issue{Code: code, Severity: severity, Place: place, Args: args})
}

func (c *compiler) failed(err error) {
	var issue fault.Issue
	if errors.As(err, &issue) {
		if !slices.ContainsFunc(c.issues, func(i fault.Issue) bool { return i.Error() == issue.Error() }) {
			c.issues = append(c.issues, issue)
		}
		return
	}
	c.issue(CodeBadText, fault.Hard, fault.Place{}, nil)
}

// stem is the document's name without its ending.
func (c *compiler) stem() string {
	return strings.TrimSuffix(c.options.Document, path.Ext(c.options.Document))
}

// yes reads the words that forms use for true.
func yes(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "true", "true()", "1", "1.0", "y":
		return true
	}
	return false
}

// sort puts issues in the order a person mends them in: sheet by sheet, row by row.
func (c *compiler) sort() {
	rank := func(i fault.Issue) int {
		return slices.Index([]string{"settings", "choices", "external_choices", "entities", "osm", "survey"}, strings.ToLower(i.Place.Sheet))
	}
	slices.SortStableFunc(c.issues, func(a, b fault.Issue) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Place.Row, b.Place.Row), cmp.Compare(a.Place.Column, b.Place.Column))
	})
}
