package form

// Tree is a form as phones carry it: the nodes of a record in order, and of each what it says of its answer
// and how it is shown. Expressions and texts hold references as their author wrote them, ${name}; Resolve
// makes paths of them.
type Tree struct {
	Root       *Node
	Language   string     // name of the language of texts without one: "default"
	Attributes []Property // of the root element
	Namespaces []Property // prefix and address, beside those that every form has
	Namespace  string     // of the root element itself; "" none
	Prefix     string     // of a record kept in short form
	Delimiter  string     // of a record kept in short form
	Submission Submission
	Entities   string        // version of the entities specification that the form needs; "" none
	Lists      []*OptionList // in the order met
	Instances  []Instance    // tables beside the record that come as files, in the order met
	Itemsets   [][]string    // the sheet of external choices with its header; nil where no question asks for it

	names map[string]*Node // nil where two nodes share a name
}

// Submission is what a form says about sending records.
type Submission struct {
	URL            string
	PublicKey      string
	AutoSend       string
	AutoDelete     string
	ClientEditable bool
}

// NodeKind is what a node of a tree stands for.
type NodeKind uint8

const (
	RootNode      NodeKind = iota // the record
	GroupNode                     // a group
	RepeatNode                    // a group that is filled in several times
	QuestionNode                  // an answer, asked for or calculated
	ExternalNode                  // a file of the form; no part of the record
	EntityNode                    // an entity that the record makes or changes
	AttributeNode                 // an attribute of an entity
	LabelNode                     // the label of an entity
)

// Node is one node of a tree.
type Node struct {
	Kind     NodeKind
	Name     string
	Type     string // the one word for its type: "select one"; "" of groups
	Row      int    // 1-based, in the survey sheet; 0 of nodes that the compiler adds
	Parent   *Node
	Children []*Node

	Label    Wording
	Hint     Wording
	Guidance Wording // a hint of its own place: help for the interviewer
	Media    []Property
	Bind     []Property // what holds of the answer: type, relevant, calculate
	Element  string     // element of the page: "input", "select1"; "" where nothing is shown
	Control  []Property // attributes of that element
	Instance []Property // attributes of the node in the record
	Value    string     // of an attribute
	Default  string
	Dynamic  bool     // the default is an expression
	Actions  []Action // what happens by itself
	Triggers []string // questions whose change works out the answer anew
	Choices  *Choosing
	Tags     []Tag // of a question about the map of OpenStreetMap

	Added    bool // put in by the compiler: no row of the sheet asks for it
	Flat     bool // a group whose nodes stand where it stands
	Bodyless bool // not shown

	path string
}

// Property is a named value: plain, or a text in several languages.
type Property struct {
	Name  string
	Value string
	Text  Wording // filled in place of Value
}

// Action is something that happens by itself: a value set, a place or a recording taken.
type Action struct {
	Name    string // "setvalue"
	Event   string
	Value   string // expression; "" takes the default of the node
	Quality string // of a recording
}

// Choosing says where the choices of a question come from and which of them are offered.
type Choosing struct {
	List      string // name of the list; of a file its name, of a question's answers the reference to it
	File      bool   // List is the name of a file
	Reference bool   // List refers to a question in a repeat, or to a repeat
	Search    bool   // looked up on the phone: choices stand in the question itself
	External  bool   // List is one of external choices
	Geometry  bool   // choices are shapes on a map
	Filter    string
	Randomize bool
	Seed      string
	Value     string // column that holds the code; "" the usual one
	Label     string // column that holds the text; "" the usual one
}

// Tag is a tag of OpenStreetMap that is asked for.
type Tag struct {
	Name  string
	Label Wording
}

// OptionList is a list of choices as phones carry it.
type OptionList struct {
	Name      string
	Options   []Option
	Localized bool // has texts by language, media, or references in its texts
	Search    bool // used by questions that look choices up; kept out of the tables beside the record
}

// Option is one choice of an OptionList.
type Option struct {
	Name  string
	Label Wording
	Media []Property
	Extra []Property // further columns, for filters
	Short string     // code in a record kept in short form
	Row   int
}

// Instance is a table beside the record.
type Instance struct {
	Name   string
	Source string // jr://file-csv/places.csv
	Row    int    // of the question that asks for it first
}

// FindProperty finds a property by name; its index is -1 where there is none.
func FindProperty(list []Property, name string) int {
	for i := range list {
		if list[i].Name == name {
			return i
		}
	}
	return -1
}

// SetProperty puts a property in a list: in place of the one of its name, else at the end.
func SetProperty(list []Property, p Property) []Property {
	if i := FindProperty(list, p.Name); i >= 0 {
		list[i] = p
		return list
	}
	return append(list, p)
}

// PropertyValue gives the plain value of a property, "" where there is none.
func PropertyValue(list []Property, name string) string {
	if i := FindProperty(list, name); i >= 0 {
		return list[i].Value
	}
	return ""
}

// Add puts a node at the end of another.
func (n *Node) Add(child *Node) {
	child.Parent = n
	n.Children = append(n.Children, child)
}

// Walk calls visit for a node and all below it, in order.
func (n *Node) Walk(visit func(*Node)) {
	visit(n)
	for _, c := range n.Children {
		c.Walk(visit)
	}
}

// Section says whether a node holds others that are answers.
func (n *Node) Section() bool {
	return n.Kind == RootNode || n.Kind == GroupNode || n.Kind == RepeatNode || n.Kind == EntityNode
}

// Repeat gives the innermost repeat around a node, nil where there is none.
func (n *Node) Repeat() *Node {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Kind == RepeatNode {
			return p
		}
	}
	return nil
}

// Shown says whether a question has an element on the page: what is only worked out has none unless it has a
// label or a hint.
func (n *Node) Shown() bool { return n.Element != "" && !n.Worked() }

// Worked says whether an answer is worked out and nobody sees it.
func (n *Node) Worked() bool {
	if n.Type == "calculate" {
		return true
	}
	worked := len(n.Triggers) > 0 || FindProperty(n.Bind, "calculate") >= 0
	return worked && n.Label.Empty() && n.Hint.Empty()
}

// Localized says whether the label must stand in the table of texts: it is in several languages, or has media.
func (n *Node) Localized() bool { return n.Label.ByLanguage || len(n.Media) > 0 }

// Path is where the node stands in the record: /data/person/age, an attribute as /data/meta/entity/@id.
func (n *Node) Path() string {
	if n.path == "" {
		n.path = n.below(nil)
	}
	return n.path
}

// below gives the path from under an ancestor, nil for the whole.
func (n *Node) below(ancestor *Node) string {
	if n == nil || n == ancestor {
		return ""
	}
	parent := n.Parent.below(ancestor)
	if n.Flat && n.Kind != RootNode {
		return parent
	}
	if n.Kind == AttributeNode {
		return parent + "/@" + n.Name
	}
	return parent + "/" + n.Name
}

// Index makes the tree ready for finding nodes by name. It must be called again when nodes have been added.
func (t *Tree) Index() {
	t.names = map[string]*Node{}
	t.Root.Walk(func(n *Node) {
		n.path = ""
		if n.Kind == ExternalNode || n.Kind == AttributeNode || n.Kind == LabelNode {
			return
		}
		if _, twice := t.names[n.Name]; twice {
			t.names[n.Name] = nil
			return
		}
		t.names[n.Name] = n
	})
}

// Find gives the node of a name, nil where there is none or more than one.
func (t *Tree) Find(name string) *Node { return t.names[name] }

// List finds a list of choices by name, nil where there is none.
func (t *Tree) List(name string) *OptionList {
	for _, l := range t.Lists {
		if l.Name == name {
			return l
		}
	}
	return nil
}
