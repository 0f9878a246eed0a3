package form

import "strings"

// Form is one version of a questionnaire.
type Form struct {
	ID       string
	Title    string
	Version  string
	Language string     // BCP 47 tag that a phone shows first; "und" where the form does not say
	Texts    []Language // languages that the form has texts in, in the order met

	Groups    []Group    // groups and repeats in the order they begin
	Questions []Question // in order, calculations and notes among them
	Lists     []List     // choice lists in the order met
}

// Language is a language of a form's texts.
type Language struct {
	Tag  string // BCP 47: "fr"; "x-" and letters of its name where that is all there is; "und" without a name
	Name string // as the form's author wrote it: "Français (fr)"
}

// Labels are texts by BCP 47 tag.
type Labels map[string]string

// Path is where something stands: the names of the groups and repeats around it, outermost first, and its own.
type Path []string

// String joins the names with slashes, as exports do.
func (p Path) String() string { return strings.Join(p, "/") }

// Group is a group of questions, or a repeat: a group that is filled in once a person, a child, a room.
type Group struct {
	Path     Path
	Labels   Labels
	Repeat   bool
	Relevant string // condition under which it is asked
	Row      int    // 1-based, in the survey sheet
}

// Question is one row that an answer or a calculation stands for.
type Question struct {
	Path     Path
	Repeat   Path // the innermost repeat around it; nil where it is asked once
	Type     Type
	Written  string // the type as the author wrote it
	List     string // choice list of a select or a rank
	File     string // of a select from a file: its name
	Other    bool   // "or_other": a choice "other" and a text beside it
	Labels   Labels
	Hints    Labels
	Relevant string // condition under which it is asked
	Row      int    // 1-based, in the survey sheet
}

// Name is the question's own name.
func (q Question) Name() string { return q.Path[len(q.Path)-1] }

// List is a choice list.
type List struct {
	Name     string
	External bool // kept in a sheet of its own for lists too long for a phone's form
	Choices  []Choice
}

// Choice is one answer that may be chosen.
type Choice struct {
	Name   string // the code that data hold
	Labels Labels
	Row    int // 1-based, in the sheet of choices
}

// OtherChoice is the code that "or_other" adds to a list.
const OtherChoice = "other"

// List finds a choice list by name; nil where there is none. A list kept in the form comes before one kept
// in a sheet of its own.
func (f *Form) List(name string) *List {
	var found *List
	for i := range f.Lists {
		switch l := &f.Lists[i]; {
		case l.Name != name:
		case !l.External:
			return l
		case found == nil:
			found = l
		}
	}
	return found
}

// Repeats lists the repeats of a form, in order.
func (f *Form) Repeats() []Group {
	var out []Group
	for _, g := range f.Groups {
		if g.Repeat {
			out = append(out, g)
		}
	}
	return out
}
