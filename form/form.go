package form

import "strings"

// Form is one version of a questionnaire.
type Form struct {
	ID       string
	Title    string
	Version  string
	Language string     // BCP 47 tag that a phone shows first; "und" where the form does not say
	Texts    []Language // languages that the form has texts in, in the order met

	Direction string // "rtl" where the default language is written from right to left, else ""
	Style     string // theme and layout that the author asked for: "pages theme-grid"
	Instance  string // name of the root element of a record; "data" by default
	PublicKey string // base64 of the RSA key that records are encrypted with on the phone; "" where they are not

	Groups    []Group    // groups and repeats in the order they begin
	Questions []Question // in order, calculations and notes among them
	Lists     []List     // choice lists in the order met
	Media     []string   // names of the files that the form asks for, without their folder, each once
	Entities  []Entity   // entities that a record makes or changes

	Tree *Tree // the form as phones carry it; nil where it was not compiled from sheets
}

// Entity says how a record makes or changes an entry of a list that phones carry (ODK entities).
type Entity struct {
	List   string // name of the list
	Repeat Path   // the repeat in which each instance stands for one; nil for one a record
	ID     string // expression that gives the id of the entity to change; "" where it makes one
	Create string // condition under which it makes one; "" always (where ID is "")
	Update string // condition under which it changes one
	Label  string // expression of its label
	SaveTo []Save // answers kept as properties
}

// Save says which answer becomes which property of an entity.
type Save struct {
	Question Path
	Property string
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
	Count    string // of a repeat: expression of how many instances it has; "" where people add them
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

	Required     string // condition under which an answer is asked for; "" never
	Constraint   string // condition that an answer must meet
	Calculation  string // expression that gives the answer
	ReadOnly     string // condition under which it cannot be answered
	Default      string // answer, or expression of one, it starts with
	Appearance   string // how it is shown, as written
	ChoiceFilter string // condition that a choice must meet to be offered
	Class        string // who may see the answer, as the form says: public, internal, restricted, strict; "" by type
	Row          int    // 1-based, in the survey sheet
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
