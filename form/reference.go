package form

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reference is a reference to an answer in an expression or text: ${name}, or ${last-saved#name} for the
// answer in the record saved before.
type Reference struct {
	Name      string
	LastSaved bool
	Start     int // of "${", in bytes
	End       int // after "}"
}

// lastSaved begins a reference to the record saved before; LastSavedInstance is the name of that record's table.
const (
	lastSaved         = "last-saved#"
	LastSavedInstance = "__last-saved"
)

// References lists the well-formed references of a text, in order.
func References(text string) []Reference {
	list, _ := ParseReferences(text)
	return list
}

// ParseReferences lists the references of a text and says whether all that begin as one are well formed.
func ParseReferences(text string) ([]Reference, bool) {
	var list []Reference
	ok := true
	for at := strings.Index(text, "${"); at >= 0; {
		length := strings.IndexByte(text[at:], '}')
		if length < 0 {
			return list, false
		}
		inner, end := text[at+2:at+length], at+length+1
		name, last := strings.CutPrefix(inner, lastSaved)
		switch {
		case IsName(name) && !strings.Contains(name, ":"):
			list = append(list, Reference{Name: name, LastSaved: last, Start: at, End: end})
		case inner != "":
			ok = false
		}
		next := strings.Index(text[end:], "${")
		if next < 0 {
			break
		}
		at = end + next
	}
	return list, ok
}

// IsReference says whether a text is one reference and nothing else.
func IsReference(text string) bool {
	list := References(text)
	return len(list) == 1 && list[0].Start == 0 && list[0].End == len(text)
}

// IsName knows names that XML allows, with one prefix at the most.
func IsName(s string) bool {
	prefix, rest, parts := strings.Cut(s, ":")
	if parts {
		return isPart(prefix) && isPart(rest)
	}
	return isPart(s)
}

func isPart(s string) bool {
	for i, r := range s {
		if !startsName(r) && (i == 0 || !goesOnName(r)) {
			return false
		}
	}
	return s != ""
}

// startsName and goesOnName follow NCName of XML Namespaces 1.0.
func startsName(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_'
	}
	return r != 0xD7 && r != 0xF7 && r != 0x37E && r != utf8.RuneError && r >= 0xC0 && (r < 0x300 || r > 0x36F) && (r < 0x2000 || r > 0x206F || r == 0x200C || r == 0x200D) && !unicode.IsSpace(r) && (r < 0x3000 || r > 0x3000) && (r < 0x2190 || r > 0x2BFF)
}

func goesOnName(r rune) bool {
	return startsName(r) || '0' <= r && r <= '9' || r == '-' || r == '.' || r == 0xB7 || 0x300 <= r && r <= 0x36F || r == 0x203F || r == 0x2040
}

// Resolving says how references become paths.
type Resolving struct {
	Current bool // relative paths begin at the question, inside a filter
	Parent  bool // the path is to the nodes of a repeat, so it steps out of the repeat where it can
}

// Resolve makes paths of the references of a text that belongs to a node, nil for none: relative ones where
// both stand in the same repeat, absolute ones elsewhere. A path has a space at either end. References to
// nothing, or to several nodes, stay as they are.
func (t *Tree) Resolve(text string, from *Node, how Resolving) string {
	list := References(text)
	if len(list) == 0 {
		return text
	}
	paths := t.Targets(text, list, from, how)
	var b strings.Builder
	at := 0
	for i, r := range list {
		b.WriteString(text[at:r.Start])
		at = r.End
		if paths[i] != "" {
			b.WriteString(paths[i])
		} else {
			b.WriteString(text[r.Start:r.End])
		}
	}
	b.WriteString(text[at:])
	return b.String()
}

// Targets gives the path of each reference of a text, as Resolve has it; "" for one to nothing or to several.
func (t *Tree) Targets(text string, list []Reference, from *Node, how Resolving) []string {
	out := make([]string, len(list))
	around := situations(text, list)
	for i, r := range list {
		target := t.names[r.Name]
		if target == nil {
			continue
		}
		if !r.LastSaved && from != nil && !around[i].argument {
			own := how
			own.Current = own.Current || around[i].filter
			out[i] = relative(target, from, own)
		}
		switch {
		case out[i] != "":
		case r.LastSaved:
			out[i] = " instance('" + LastSavedInstance + "')" + target.Path() + " "
		default:
			out[i] = " " + target.Path() + " "
		}
	}
	return out
}

// situation is what stands around a reference.
type situation struct {
	argument bool // it is an argument of indexed-repeat() that names nodes rather than a number: those must be absolute
	filter   bool // it stands in the condition of a path into a table beside the record
}

// situations reads a text once.
func situations(text string, list []Reference) []situation {
	out := make([]situation, len(list))
	calls, tables := strings.Contains(text, "indexed-repeat("), strings.Contains(text, "instance(")
	if !calls && !tables {
		return out
	}
	type bracket struct {
		indexed  bool
		argument int
	}
	var open []bracket
	opened, closed, lastClosed := -1, -1, strings.LastIndexByte(text, ']')
	at := 0
	for i, r := range list {
		for ; at < r.Start; at++ {
			switch text[at] {
			case '(':
				open = append(open, bracket{indexed: strings.HasSuffix(text[:at], "indexed-repeat")})
			case '[':
				open, opened = append(open, bracket{}), at
			case ')', ']':
				if text[at] == ']' {
					closed = at
				}
				if len(open) > 0 {
					open = open[:len(open)-1]
				}
			case ',':
				if len(open) > 0 {
					open[len(open)-1].argument++
				}
			}
		}
		at = r.End
		out[i].filter = tables && opened > closed && lastClosed > r.Start
		if len(open) == 0 {
			continue
		}
		switch b := open[len(open)-1]; b.argument {
		case 0, 1, 3, 5: // the node, and the repeats it is looked for in
			out[i].argument = b.indexed
		}
	}
	return out
}

// relative gives the path from one node to another in the same repeat, "" where no repeat holds both.
func relative(target, from *Node, how Resolving) string {
	steps, shared := meet(from, target, func(n *Node) bool { return n.Kind == RepeatNode })
	if shared == nil {
		return ""
	}
	base := shared
	outside := how.Parent && shared == target.Repeat() && (shared.Repeat() == nil || from.Repeat() != shared)
	if outside {
		steps, base = steps+1, shared.Parent
	} else {
		steps, base = meet(from, target, func(n *Node) bool { return n.Kind == RepeatNode || n.Kind == GroupNode })
	}
	path := target.below(base)
	if !strings.HasSuffix(path, target.Name) {
		path = "/" + target.Name
	}
	prefix := " "
	if how.Current {
		prefix = " current()/"
	}
	return prefix + strings.TrimSuffix(strings.Repeat("../", steps), "/") + path + " "
}

// meet finds the innermost node around both that is of a kind, and the steps up to it from the first.
func meet(a, b *Node, kind func(*Node) bool) (int, *Node) {
	steps := 0
	for p := a.Parent; p != nil; p = p.Parent {
		steps++
		if !kind(p) {
			continue
		}
		for q := b.Parent; q != nil; q = q.Parent {
			if q == p {
				return steps, p
			}
		}
	}
	return 0, nil
}
