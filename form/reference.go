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
	var b strings.Builder
	at := 0
	for _, r := range list {
		b.WriteString(text[at:r.Start])
		at = r.End
		if path := t.path(text, r, from, how); path != "" {
			b.WriteString(path)
		} else {
			b.WriteString(text[r.Start:r.End])
		}
	}
	b.WriteString(text[at:])
	return b.String()
}

// Output gives the path of one reference of a text shown to people.
func (t *Tree) Output(text string, r Reference, from *Node) string {
	return t.path(text, r, from, Resolving{})
}

func (t *Tree) path(text string, r Reference, from *Node, how Resolving) string {
	target := t.names[r.Name]
	if target == nil {
		return ""
	}
	if !r.LastSaved && from != nil && !inIndexedRepeat(text, r) {
		how.Current = how.Current || inFilter(text, r)
		if path := relative(target, from, how); path != "" {
			return path
		}
	}
	if r.LastSaved {
		return " instance('" + LastSavedInstance + "')" + target.Path() + " "
	}
	return " " + target.Path() + " "
}

// inIndexedRepeat says whether a reference is an argument of indexed-repeat() that names nodes rather than a
// number: the first, second, fourth and sixth. Those must be absolute.
func inIndexedRepeat(text string, r Reference) bool {
	const name = "indexed-repeat("
	for at := 0; ; {
		next := strings.Index(text[at:], name)
		if next < 0 || at+next > r.Start {
			return false
		}
		at += next + len(name)
		depth, argument := 1, 0
		for i := at; i < r.Start && depth > 0; i++ {
			switch text[i] {
			case '(', '[':
				depth++
			case ')', ']':
				depth--
			case ',':
				if depth == 1 {
					argument++
				}
			}
		}
		if depth > 0 {
			return depth == 1 && (argument == 0 || argument == 1 || argument == 3 || argument == 5)
		}
	}
}

// inFilter says whether a reference stands in the condition of a path into a table beside the record.
func inFilter(text string, r Reference) bool {
	if !strings.Contains(text, "instance(") {
		return false
	}
	open := strings.LastIndexByte(text[:r.Start], '[')
	return open >= 0 && !strings.Contains(text[open:r.Start], "]") && strings.Contains(text[r.End:], "]")
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
