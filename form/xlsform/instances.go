package xlsform

import (
	"path"
	"regexp"
	"strings"

	"waymark/fault"
	"waymark/form"
)

// source is a table beside the record and the row that asks for it.
type source struct {
	form.Instance
	file     string
	external bool // named by a row of its own
}

var pulldataPattern = regexp.MustCompile(`pulldata\s*\(\s*(.*?),`)

// expressions are the properties of answers that may look into tables.
var expressions = []string{"calculate", "constraint", "readonly", "required", "relevant"}

// findInstances lists the tables that come as files, in the order met, and refuses two of one name.
func (c *compiler) findInstances() {
	if c.survey == nil {
		return
	}
	var (
		found     []source
		lastSaved bool
	)
	c.tree.Root.Walk(func(n *form.Node) {
		if n.Kind == form.ExternalNode {
			kind, _, _ := strings.Cut(n.Type, "-")
			found = append(found, fileSource(n.Name, n.Name+"."+kind, n.Row, true))
			return
		}
		found = append(found, pulled(n)...)
		if ch := n.Choices; ch != nil && ch.File && !ch.Search && !ch.Geometry {
			found = append(found, fileSource(strings.TrimSuffix(ch.List, path.Ext(ch.List)), ch.List, n.Row, false))
		}
		lastSaved = lastSaved || looksBack(n)
	})
	if lastSaved {
		found = append(found, source{Instance: form.Instance{Name: form.LastSavedInstance, Source: "jr://instance/last-saved"}})
	}
	for _, l := range c.tree.Lists {
		if !l.Search {
			row := 0
			if len(l.Options) > 0 {
				row = l.Options[0].Row
			}
			found = append(found, source{Instance: form.Instance{Name: l.Name, Row: row}})
		}
	}
	c.keep(found)
}

func fileSource(name, file string, row int, external bool) source {
	folder := "file"
	if path.Ext(file) == ".csv" {
		folder = "file-csv"
	}
	return source{Instance: form.Instance{Name: name, Source: "jr://" + folder + "/" + file, Row: row}, file: file, external: external}
}

// pulled lists the files that pulldata() of a node's expressions reads.
func pulled(n *form.Node) []source {
	var texts []string
	for _, p := range n.Bind {
		for _, name := range expressions {
			if p.Name == name {
				texts = append(texts, p.Value)
			}
		}
	}
	if n.Choices != nil {
		texts = append(texts, n.Choices.Filter)
	}
	var out []source
	for _, text := range append(texts, n.Default) {
		if !strings.Contains(text, "pulldata(") {
			continue
		}
		for _, m := range pulldataPattern.FindAllStringSubmatch(text, -1) {
			name := strings.TrimSpace(strings.NewReplacer("'", "", `"`, "").Replace(m[1]))
			out = append(out, fileSource(name, name+".csv", n.Row, false))
		}
	}
	return out
}

// looksBack says whether a node's expressions look at the record saved before.
func looksBack(n *form.Node) bool {
	back := func(text string) bool {
		for _, r := range form.References(text) {
			if r.LastSaved {
				return true
			}
		}
		return false
	}
	for _, p := range n.Bind {
		for _, name := range expressions {
			if p.Name == name && back(p.Value) {
				return true
			}
		}
	}
	return back(n.Default) || n.Choices != nil && back(n.Choices.Filter)
}

// keep takes each table once and refuses names that stand for two.
func (c *compiler) keep(found []source) {
	seen := map[string]source{}
	for _, s := range found {
		before, twice := seen[s.Name]
		if !twice {
			seen[s.Name] = s
			if s.Source != "" {
				c.tree.Instances = append(c.tree.Instances, s.Instance)
			}
			if s.file != "" {
				c.media(s.file)
			}
			continue
		}
		sheet, row := c.survey, s.Row
		switch {
		case s.Source == "" && before.Row > 0:
			row = before.Row
		case s.Source == "":
			sheet = c.choicesAt
		}
		if row == 0 { // the record saved before has no row of its own
			row = before.Row
		}
		column := sheet.column("type")
		switch {
		case s.external && before.external:
			c.issue(CodeInstanceTwice, fault.Hard, sheet.place(row, column, s.Name), map[string]any{"name": s.Name})
		case s.Source != before.Source:
			c.issue(CodeInstanceSources, fault.Hard, sheet.place(row, column, ""), map[string]any{"name": s.Name, "source": s.Source, "other": before.Source})
		}
	}
}
