package instance

import (
	"strconv"
	"strings"
	"time"

	"waymark/fault"
	"waymark/form"
	"waymark/form/xpath"
)

// What may be wrong with an answer, all soft: a record is taken as it is. Each has the argument path, the
// question with the positions of repeats around it.
const (
	CodeUnknownField fault.Code = "instance.unknown-field" // the form does not have it
	CodeTwice        fault.Code = "instance.twice"         // it stands a second time
	CodeRequired     fault.Code = "instance.required"      // there is no answer
	CodeConstraint   fault.Code = "instance.constraint"    // the form's condition is not met
	CodeNotAsked     fault.Code = "instance.not-asked"     // answered though the form's condition says it is not asked
	CodeNotNumber    fault.Code = "instance.not-number"    //
	CodeNotWhole     fault.Code = "instance.not-whole"     //
	CodeDate         fault.Code = "instance.date"          // no day of the calendar
	CodeTime         fault.Code = "instance.time"          // no time of the day
	CodePlace        fault.Code = "instance.place"         // not written as a place
	CodeLatitude     fault.Code = "instance.latitude"      // beyond 90 degrees
	CodeLongitude    fault.Code = "instance.longitude"     // beyond 180 degrees
	CodePoints       fault.Code = "instance.points"        // too few for a line or an area
	CodeRing         fault.Code = "instance.ring"          // an area whose line does not end where it begins
	CodeChoice       fault.Code = "instance.choice"        // count: codes that the list does not have
	CodeFormula      fault.Code = "instance.formula"       // a spreadsheet would take it for a formula
	CodeFileName     fault.Code = "instance.file-name"     // it names a folder
	CodeMore         fault.Code = "instance.more"          // count: further issues; without path
)

// mostIssues bounds what is reported of one record, mostWork the nodes that all its conditions may look at: where
// more are needed, as in a repeat of ten thousand that asks each about all, the rest is not worked out.
const (
	mostIssues = 100
	mostWork   = 20_000_000
)

// Check holds a record against its form, with nothing known but what the two say.
func Check(f *form.Form, in *Instance) fault.Issues { return NewChecker(f).Check(in, time.Time{}) }

// Check holds a record against the form. Conditions are worked out as on the phone, where they need nothing
// that only the phone has; at the time that the record says it was filled in, else at now, which may be zero.
// An encrypted record has nothing to check.
func (c *Checker) Check(in *Instance, now time.Time) fault.Issues {
	if in.Encrypted {
		return nil
	}
	k := &checking{Checker: c, root: in.Root, meta: in.Meta}
	work := mostWork
	k.context = xpath.Context{Root: in.Root, Now: c.filledIn(in, now), Find: k.find, Version: in.Version, Work: &work}
	k.group(in.Root, c.root, yes)
	if k.more > 0 {
		k.issues = append(k.issues, fault.Issue{Code: CodeMore, Severity: fault.Soft, Args: map[string]any{"count": k.more}})
	}
	return k.issues
}

// filledIn gives the time that the record says it was filled in: its end, else its beginning.
func (c *Checker) filledIn(in *Instance, now time.Time) time.Time {
	for _, which := range [...]string{"end", "start"} {
		for i := range c.form.Questions {
			q := &c.form.Questions[i]
			if q.Type != form.Metadata || strings.ToLower(strings.TrimSpace(q.Written)) != which || len(q.Path) != 1 {
				continue
			}
			n := in.Root.Child(q.Name())
			if n == nil {
				continue
			}
			for _, layout := range [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05"} {
				if t, err := time.Parse(layout, strings.TrimSpace(n.Value())); err == nil {
					return t
				}
			}
		}
	}
	return now
}

type checking struct {
	*Checker
	root    *Node
	meta    *Node
	context xpath.Context
	issues  fault.Issues
	more    int
}

// find gives the path of a question by name, the root element's name first.
func (k *checking) find(name string) ([]string, bool) {
	p, ok := k.names[name]
	if !ok {
		return nil, false
	}
	return append([]string{k.root.Name}, p...), true
}

func (k *checking) note(code fault.Code, n *Node, args map[string]any) {
	if len(k.issues) >= mostIssues {
		k.more++
		return
	}
	path := k.pathOf(n)
	if args == nil {
		args = map[string]any{}
	}
	args["path"] = path
	k.issues = append(k.issues, fault.Issue{Code: code, Severity: fault.Soft, Place: fault.Place{Field: path}, Args: args})
}

// longestName bounds a name that the form does not have, which a client may have made up.
const longestName = 64

// pathOf names a node by its path with the positions of repeats: home/person[2]/age.
func (k *checking) pathOf(n *Node) string {
	var chain []*Node
	for ; n != nil && n != k.root; n = n.Parent {
		chain = append(chain, n)
	}
	var b strings.Builder
	at := k.Checker.root
	for i := len(chain) - 1; i >= 0; i-- {
		if b.Len() > 0 {
			b.WriteByte('/')
		}
		name := chain[i].Name
		next := -1
		if at != nil {
			next = at.child(name, 0)
		}
		if next < 0 {
			at = nil
			b.WriteString(name[:min(len(name), longestName)])
			continue
		}
		at = at.children[next]
		b.WriteString(name)
		if at.repeat {
			b.WriteString("[" + strconv.Itoa(chain[i].Position()) + "]")
		}
	}
	return strings.ToValidUTF8(b.String(), "")
}

// holds works a condition out at a node.
func (k *checking) holds(c condition, n *Node) known {
	if c.expr == nil {
		return c.holds
	}
	k.context.Node = n
	v, err := c.expr.Evaluate(&k.context)
	switch {
	case err != nil:
		return unknown
	case v.Truth():
		return yes
	}
	return no
}

// asked says whether a place is asked, given whether what is around it is.
func (k *checking) asked(p *place, n *Node, around known) known {
	if !p.relevant.there || around == no {
		return around
	}
	own := k.holds(p.relevant, n)
	if own == no {
		return no
	}
	return min(own, around) // unknown before yes
}

// group checks what stands in a group, in an instance of a repeat, or in the record.
func (k *checking) group(n *Node, p *place, asked known) {
	seen := make([]bool, len(p.children))
	next := 0
	for _, c := range n.Children {
		if c == k.meta {
			continue
		}
		i := p.child(c.Name, next)
		if i < 0 {
			if c.Name != "meta" || len(p.path) > 0 && !p.repeat { // what a record, or an entity in a repeat, says of itself
				k.note(CodeUnknownField, c, nil)
			}
			continue
		}
		to := p.children[i]
		next = i + 1
		switch {
		case to.repeat:
			next = i
			if _, template := c.Attribute("template"); !template {
				k.within(c, to, asked)
			}
		case seen[i]:
			k.note(CodeTwice, c, nil)
		case to.asks != nil:
			k.answer(c, to, asked)
		default:
			k.within(c, to, asked)
		}
		seen[i] = true
	}
	for i, to := range p.children {
		if !seen[i] && !to.repeat && asked == yes {
			k.missing(n, to)
		}
	}
}

// within checks a group, or one instance of a repeat.
func (k *checking) within(n *Node, p *place, around known) {
	asked := k.asked(p, n, around)
	if asked == no && around != no && answers(n) {
		k.note(CodeNotAsked, n, nil)
	}
	k.group(n, p, asked)
}

// answers says whether there is any answer in a group.
func answers(n *Node) bool {
	if strings.TrimSpace(n.Text) != "" {
		return true
	}
	for _, c := range n.Children {
		if answers(c) {
			return true
		}
	}
	return false
}

// missing checks what was not sent: a question that must be answered, or a group with one in it.
func (k *checking) missing(around *Node, p *place) {
	n := &Node{Name: p.name(), Parent: around}
	if p.asks == nil {
		if k.asked(p, n, yes) == yes {
			for _, c := range p.children {
				if !c.repeat {
					k.missing(n, c)
				}
			}
		}
		return
	}
	if p.asks.required.there && k.asked(p, n, yes) == yes && k.holds(p.asks.required, n) == yes {
		k.note(CodeRequired, n, nil)
	}
}

// answer checks one question.
func (k *checking) answer(n *Node, p *place, around known) {
	text := strings.TrimSpace(n.Value())
	if text == "" {
		if p.asks.required.there && around == yes && k.asked(p, n, yes) == yes && k.holds(p.asks.required, n) == yes {
			k.note(CodeRequired, n, nil)
		}
		return
	}
	if around != no && k.asked(p, n, around) == no {
		k.note(CodeNotAsked, n, nil)
	}
	if code, count := look(p.asks, text); code != "" {
		var args map[string]any
		if count > 0 {
			args = map[string]any{"count": count}
		}
		k.note(code, n, args)
	}
	if p.asks.constraint.there && k.holds(p.asks.constraint, n) == no {
		k.note(CodeConstraint, n, nil)
	}
}
