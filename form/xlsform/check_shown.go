package xlsform

import (
	"regexp"
	"slices"
	"strings"

	"waymark/fault"
	"waymark/form"
	"waymark/form/xpath"
)

var mediaKinds = []string{"image", "big-image", "audio", "video"}

// checkShown sees that what is shown says something.
func (c *compiler) checkShown() {
	if c.survey == nil {
		return
	}
	triggered := map[string]*form.Node{}
	c.tree.Root.Walk(func(n *form.Node) {
		for _, name := range n.Triggers {
			if n.Type != "background-geopoint" && triggered[name] == nil {
				triggered[name] = n
			}
		}
	})
	c.tree.Root.Walk(func(n *form.Node) {
		at := func(column ...string) fault.Place { return c.survey.place(n.Row, c.survey.column(column...), n.Name) }
		about := func() map[string]any { return map[string]any{"name": n.Name} }
		for _, m := range n.Media {
			if !slices.Contains(mediaKinds, m.Name) {
				c.issue(CodeBadMedia, fault.Hard, at("media", m.Name), map[string]any{"kind": m.Name})
			}
		}
		if n.Kind != form.QuestionNode {
			return
		}
		if by := triggered[n.Name]; by != nil && n.Worked() {
			c.issue(CodeTriggerHidden, fault.Hard, c.survey.place(by.Row, c.survey.column("trigger"), by.Name), map[string]any{"question": n.Name, "name": by.Name})
		}
		if !n.Shown() {
			return
		}
		if n.Label.Empty() && len(n.Media) == 0 && n.Hint.Empty() {
			severity := fault.Hard
			if e := c.entryOf(n); e != nil && e.someMedia { // as older forms had it: shown, with nothing to read
				severity = fault.Soft
			}
			c.issue(CodeNoLabel, severity, at("label"), about())
		}
		if form.FindProperty(n.Media, "big-image") >= 0 && form.FindProperty(n.Media, "image") < 0 {
			c.issue(CodeNoImage, fault.Hard, at("media", "big-image"), about())
		}
	})
}

// checkPhones finds what phones refuse and the reference compiler of the standard takes.
func (c *compiler) checkPhones() {
	if c.survey == nil || !c.options.Texts && !c.options.Strict {
		return
	}
	severity := fault.Soft
	if c.options.Strict {
		severity = fault.Hard
	}
	c.tree.Root.Walk(func(n *form.Node) {
		at := c.survey.place(n.Row, c.survey.column("type"), n.Name)
		if n.Kind == form.GroupNode && !n.Added && !n.Bodyless && !anyShown(n) {
			c.issue(CodeEmptyGroup, severity, at, map[string]any{"name": n.Name})
		}
		for _, w := range [...]form.Wording{n.Label, n.Hint, n.Guidance} {
			for _, text := range w.Texts {
				c.checkLookups(n, text.Text, severity)
			}
		}
		ch := n.Choices
		if ch == nil || ch.File || ch.Reference || ch.External || ch.Search || n.Added {
			return
		}
		if l := c.tree.List(ch.List); l != nil && !slices.ContainsFunc(l.Options, func(o form.Option) bool { return !o.Label.Empty() || len(o.Media) > 0 }) {
			c.issue(CodeNoLabels, severity, at, map[string]any{"name": n.Name, "list": ch.List})
		}
	})
}

// checkLookups parses the paths into tables that a text shows.
func (c *compiler) checkLookups(n *form.Node, text string, severity fault.Severity) {
	for _, at := range form.Lookups(text) {
		_, err := xpath.Parse(text[at[0]:at[1]])
		for _, i := range fault.Of(err) {
			c.issue(i.Code, severity, c.survey.place(n.Row, c.survey.column("label"), n.Name), i.Args)
		}
	}
}

// anyShown says whether anything in a group is shown.
func anyShown(n *form.Node) bool {
	return slices.ContainsFunc(n.Children, func(c *form.Node) bool {
		return c.Kind == form.QuestionNode && c.Shown() || (c.Kind == form.GroupNode && !c.Bodyless || c.Kind == form.RepeatNode)
	})
}

var searchPattern = regexp.MustCompile(`search\(.*?\)`)

// checkSearch finds the questions whose choices the phone looks up: those stand in the question itself, so
// their list cannot also serve questions that do not look up.
func (c *compiler) checkSearch() {
	searching, other := map[string][]*form.Node{}, map[string][]string{}
	c.tree.Root.Walk(func(n *form.Node) {
		ch := n.Choices
		if ch == nil || ch.External || ch.Geometry || n.Element == "range" {
			return
		}
		look := form.PropertyValue(n.Control, "appearance")
		if !strings.Contains(look, "search(") || !searchPattern.MatchString(look) {
			if !ch.File && !ch.Reference {
				other[ch.List] = append(other[ch.List], n.Name)
			}
			return
		}
		if ch.File {
			c.issue(CodeSearchFile, fault.Hard, c.survey.place(n.Row, c.survey.column("control", "appearance"), n.Name), map[string]any{"name": n.Name})
			return
		}
		ch.Search = true
		searching[ch.List] = append(searching[ch.List], n)
		if l := c.tree.List(ch.List); l != nil {
			l.Search = true
		}
	})
	for list, nodes := range searching {
		for _, n := range nodes {
			if len(other[list]) > 0 {
				c.issue(CodeSearchList, fault.Hard, c.survey.place(n.Row, c.survey.column("control", "appearance"), n.Name),
					map[string]any{"name": n.Name, "list": list, "others": strings.Join(other[list], ", ")})
			}
		}
	}
}
