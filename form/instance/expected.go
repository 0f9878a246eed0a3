package instance

import (
	"slices"
	"strings"

	"waymark/form"
)

// Attachment is a file that a record names.
type Attachment struct {
	Name string
	Path form.Path // of the question; nil of the files of an encrypted record
}

// Attachments lists the files that the record says come with it, each once, in order: answers that are files,
// the log of the phone, or what the list of an encrypted record names.
func (in *Instance) Attachments(f *form.Form) []Attachment { return NewChecker(f).Attachments(in) }

// Attachments lists the files that a record says come with it.
func (c *Checker) Attachments(in *Instance) []Attachment {
	var out []Attachment
	seen := map[string]bool{}
	add := func(name string, path form.Path) {
		if name = strings.TrimSpace(name); name != "" && !seen[name] && !ofForm(name) {
			seen[name] = true
			out = append(out, Attachment{name, path})
		}
	}
	if in.Encrypted {
		for _, name := range in.Manifest.Media {
			add(name, nil)
		}
		add(in.Manifest.XMLFile, nil)
		return out
	}
	var walk func(n *Node, p *place)
	walk = func(n *Node, p *place) {
		next := 0
		for _, child := range n.Children {
			i := p.child(child.Name, next)
			if i < 0 {
				continue
			}
			to := p.children[i]
			if next = i; !to.repeat {
				next++
			}
			if to.asks == nil {
				walk(child, to)
				continue
			}
			switch to.asks.question.Type {
			case form.Image, form.Audio, form.Video, form.File, form.Audit:
				add(child.Value(), to.path)
			}
		}
	}
	walk(in.Root, c.root)
	if in.Meta != nil {
		if log := in.Meta.Child("audit"); log != nil {
			add(log.Value(), form.Path{"meta", "audit"})
		}
	}
	return out
}

// Entity is what a record says of an entry of a list that phones carry: as it was sent, unchecked.
type Entity struct {
	List         string
	ID           string
	Create       bool
	Update       bool
	BaseVersion  string
	TrunkVersion string
	BranchID     string
	Label        string
	Repeat       form.Path // the repeat it stands in; nil for one a record
	At           []int     // positions of the repeats' instances around it, outermost first
	Properties   []Property
}

// Property is an answer that is kept with an entity.
type Property struct {
	Name, Value string
}

// String names the entity's list and nothing of its answers.
func (e Entity) String() string { return "entity of " + e.List + " (sealed)" }

// GoString is String, so that %#v shows no answers either.
func (e Entity) GoString() string { return e.String() }

// String hides the value.
func (p Property) String() string { return "property " + p.Name + " (sealed)" }

// GoString is String, so that %#v shows no value either.
func (p Property) GoString() string { return p.String() }

// Entities lists the entities that the record makes or changes, in order. Answers are kept as properties by what
// the form says; one whose question was not sent is left out, so that it is not changed.
func (in *Instance) Entities(f *form.Form) []Entity {
	if in.Encrypted {
		return nil
	}
	var out []Entity
	var walk func(n *Node, path form.Path, at []int)
	walk = func(n *Node, path form.Path, at []int) {
		positions := map[string]int{}
		for _, c := range n.Children {
			positions[c.Name]++
			if c.Name == "meta" {
				for _, e := range c.Children {
					if list, ok := e.Attribute("dataset"); ok && e.Name == "entity" {
						out = append(out, in.entity(f, e, list, n, path, at))
					}
				}
				continue
			}
			if len(c.Children) == 0 {
				continue
			}
			here := append(path[:len(path):len(path)], c.Name)
			inner := at
			if isRepeat(f, here) {
				inner = append(at[:len(at):len(at)], positions[c.Name])
			}
			walk(c, here, inner)
		}
	}
	walk(in.Root, nil, nil)
	return out
}

func isRepeat(f *form.Form, path form.Path) bool {
	return slices.ContainsFunc(f.Groups, func(g form.Group) bool { return g.Repeat && slices.Equal(g.Path, path) })
}

// entity reads one entity; around is the record or the instance of the repeat that it stands in.
func (in *Instance) entity(f *form.Form, e *Node, list string, around *Node, path form.Path, at []int) Entity {
	said := func(name string) string {
		s, _ := e.Attribute(name)
		return strings.TrimSpace(s)
	}
	truth := func(name string) bool { return said(name) == "1" || strings.EqualFold(said(name), "true") }
	out := Entity{List: list, ID: said("id"), Create: truth("create"), Update: truth("update"), BaseVersion: said("baseVersion"),
		TrunkVersion: said("trunkVersion"), BranchID: said("branchId"), At: at}
	if len(at) > 0 {
		out.Repeat = path
	}
	if label := e.Child("label"); label != nil {
		out.Label = label.Value()
	}
	for _, known := range f.Entities {
		if known.List != list || !slices.Equal(known.Repeat, out.Repeat) {
			continue
		}
		for _, s := range known.SaveTo {
			if n := in.nearest(s.Question, around, path); n != nil {
				out.Properties = append(out.Properties, Property{s.Property, n.Value()})
			}
		}
		break
	}
	return out
}

// nearest finds the answer to a question in the same instances of repeats as a node.
func (in *Instance) nearest(question form.Path, around *Node, path form.Path) *Node {
	shared := 0
	for shared < len(path) && shared < len(question)-1 && path[shared] == question[shared] {
		shared++
	}
	n := around
	for range len(path) - shared {
		n = n.Parent
	}
	for _, name := range question[shared:] {
		if n = n.Child(name); n == nil {
			return nil
		}
	}
	return n
}
