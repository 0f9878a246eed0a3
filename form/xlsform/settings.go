package xlsform

import (
	"strings"

	"waymark/fault"
	"waymark/form"
)

// settings are the cells of the settings sheet's first row that are needed while compiling.
type settings struct {
	values map[string]string
}

func (s settings) get(name string) string { return s.values[name] }

func (c *compiler) readSettings() {
	c.set.values = map[string]string{}
	c.untaggedName, c.tidy = "default", true
	root := defaultName
	if c.options.Instance != "" {
		root = c.options.Instance
	}
	t := c.table("settings", settingColumns, true)
	c.settingsAt = t
	if t != nil && len(t.rows) > 0 {
		c.noHeader(t)
		c.readSetting(t)
	} else if t == nil {
		c.misspelt("settings")
	}
	for _, pair := range strings.Fields(c.set.get("namespaces")) {
		prefix, address, ok := strings.Cut(pair, "=")
		address = strings.Trim(address, `"'`)
		usable := ok && form.IsName(prefix) && !strings.Contains(prefix, ":") && !declared[prefix] && prefix != "waymark" && !strings.HasPrefix(strings.ToLower(prefix), "xml")
		if usable && address != "" && !strings.Contains(address, "=") {
			c.tree.Namespaces = form.SetProperty(c.tree.Namespaces, form.Property{Name: "xmlns:" + prefix, Value: address})
		}
	}
	if name := c.set.get("name"); name != "" {
		root = name
	}
	if !c.isName(root) {
		at := fault.Place{}
		if t != nil {
			at = t.place(t.first+1, t.column("name"), "")
		}
		c.issue(CodeRootName, fault.Hard, at, map[string]any{"name": root})
		root = defaultName
	}
	c.tree.Root.Name = root
	if v := c.set.get("clean"); v != "" {
		c.tidy = yes(v)
	}
	if v := c.set.get("language"); v != "" {
		c.untaggedName = v
	}
	c.tree.Language = c.untaggedName
	if t != nil {
		c.attributeNames(t)
	}
	c.untag()
}

// untag finds the tag of texts without a language.
func (c *compiler) untag() {
	own := ""
	if v := c.set.get("language"); v != "" && v != "default" {
		own = form.ParseLanguage(v).Tag
	}
	c.form.Language = own
	c.untagged = c.options.Language
	if c.untagged == "" {
		c.untagged = own
	}
	if c.untagged == "" {
		c.untagged = "und"
	}
	if c.form.Language == "" {
		c.form.Language = c.untagged
	}
	if form.WrittenRight(c.form.Language) {
		c.form.Direction = "rtl"
	}
}

// readSetting reads the one row of settings that counts. Of a setting given twice the first that is filled
// in holds; the older name of the form's id gives way to the newer.
func (c *compiler) readSetting(t *table) {
	row := t.rows[0]
	for i := 0; blank(row) && i+1 < len(t.rows); i++ {
		row = t.rows[i+1]
	}
	older, newer := false, false
	for i, h := range t.headings {
		switch strings.ToLower(strings.Join(strings.Fields(h.text), "_")) {
		case "id_string":
			older = true
		case "form_id":
			newer = true
		}
		text := code(cell(row, i))
		if h.path == nil || text == "" {
			continue
		}
		if h.known && h.path[0] == "attribute" && len(h.path) > 1 {
			c.tree.Attributes = form.SetProperty(c.tree.Attributes, form.Property{Name: h.path[1], Value: text})
			continue
		}
		if !h.known || len(h.path) > 1 {
			continue
		}
		if c.set.values[h.path[0]] == "" || h.path[0] == "id" && strings.EqualFold(h.text, "form_id") {
			c.set.values[h.path[0]] = text
		}
	}
	if older && newer {
		c.issue(CodeIDTwice, fault.Soft, t.place(t.first, t.column("id"), ""), nil)
	}
}

// endSettings takes the settings over into the form, those given among the rows of the survey included, and
// gives the record its meta group.
func (c *compiler) endSettings() {
	f, t := c.form, c.tree
	f.ID = c.set.get("id")
	first := f.ID
	if f.ID == "" {
		f.ID = c.stem()
	}
	if f.ID == "" {
		f.ID = defaultName
	}
	f.Title, f.Version, f.Style = c.set.get("title"), c.set.get("version"), c.set.get("style")
	if f.Title == "" {
		f.Title = f.ID
		if first != "" {
			f.Title = first
		}
	}
	f.Instance, f.PublicKey = t.Root.Name, c.set.get("public_key")
	t.Namespace, t.Prefix, t.Delimiter = c.set.get("instance_xmlns"), c.set.get("prefix"), c.set.get("delimiter")
	t.Submission = form.Submission{URL: c.set.get("submission_url"), PublicKey: f.PublicKey,
		AutoSend: c.set.get("auto_send"), AutoDelete: c.set.get("auto_delete"), ClientEditable: yes(c.set.get("client_editable"))}
	c.flatten()
	c.endMeta()
}

// endMeta adds what every record says of itself.
func (c *compiler) endMeta() {
	if yes(c.set.get("omit_instanceid")) {
		if c.form.PublicKey != "" {
			at := c.settingsAt
			c.issue(CodeNoInstanceID, fault.Hard, at.place(at.first+1, at.column("omit_instanceid"), ""), nil)
		}
	} else {
		preload := c.set.get("instance_id")
		if preload == "" {
			preload = "uid"
		}
		c.meta = append(c.meta, &form.Node{Kind: form.QuestionNode, Name: "instanceID", Type: "calculate", Added: true,
			Bind: bound("type", "string", "readonly", "true()", "jr:preload", preload)})
	}
	if v := c.set.get("instance_name"); v != "" {
		c.meta = append(c.meta, &form.Node{Kind: form.QuestionNode, Name: "instanceName", Type: "calculate", Added: true,
			Bind: bound("type", "string", "calculate", convert("calculate", v))})
	}
}

// addMeta puts the meta group at the end of the record, after what entities put there.
func (c *compiler) addMeta() {
	if len(c.meta) == 0 {
		return
	}
	group := metaOf(c.tree.Root)
	for _, n := range c.meta {
		group.Add(n)
	}
}

// metaOf gives the meta group of a group, and makes it where there is none.
func metaOf(n *form.Node) *form.Node {
	for _, c := range n.Children {
		if c.Name == "meta" && c.Kind == form.GroupNode && c.Bodyless {
			return c
		}
	}
	group := &form.Node{Kind: form.GroupNode, Name: "meta", Bodyless: true, Added: true}
	n.Add(group)
	return group
}

// flatten takes the groups out of the record, for a setting of older forms: their nodes stand where they
// stood, and the condition of a group goes to each node in it.
func (c *compiler) flatten() {
	if c.set.get("flat") == "" {
		return
	}
	var down func(n *form.Node, condition string)
	down = func(n *form.Node, condition string) {
		for _, child := range n.Children {
			own := form.PropertyValue(child.Bind, "relevant")
			all := condition
			switch {
			case condition != "" && own != "":
				all = condition + " and (" + own + ")"
			case own != "":
				all = own
			}
			if len(child.Children) > 0 {
				child.Flat = true
				down(child, all)
			} else if all != "" {
				child.Bind = form.SetProperty(child.Bind, form.Property{Name: "relevant", Value: all})
			}
		}
	}
	down(c.tree.Root, "")
}

// misspelt reports a sheet whose name is nearly that of one looked for.
func (c *compiler) misspelt(sheet string) {
	if have := c.likely(sheet); len(have) > 0 {
		c.issue(CodeSheetName, fault.Soft, fault.Place{}, map[string]any{"sheet": sheet, "have": strings.Join(have, ", ")})
	}
}
