package xlsform

import (
	"slices"
	"strings"

	"waymark/fault"
	"waymark/form"
)

// unseen are appearances that the page (@getodk/web-forms 0.22) shows as if they were not there.
var unseen = map[string]bool{
	"url": true, "bearing": true, "vertical": true, "no-ticks": true, "picker": true, "new": true, "new-front": true, "draw": true,
	"annotate": true, "signature": true, "no-calendar": true, "ethiopian": true, "coptic": true, "islamic": true, "bikram-sambat": true,
	"myanmar": true, "persian": true, "hide-input": true, "quick": true, "image-map": true, "counter": true, "hidden-answer": true, "printer": true,
}

// checkWeb reports what the web form does not show.
func (c *compiler) checkWeb() {
	if c.survey == nil {
		return
	}
	report := func(code fault.Code, n *form.Node, column []string, args map[string]any) {
		c.issue(code, fault.Soft, c.survey.place(n.Row, c.survey.column(column...), n.Name), args)
	}
	general := func(code fault.Code, column string) {
		at := fault.Place{}
		if t := c.settingsAt; t != nil {
			at = t.place(t.first+1, t.column(column), "")
		}
		c.issue(code, fault.Soft, at, nil)
	}
	if style := strings.Fields(c.form.Style); slices.Contains(style, "pages") || slices.Contains(style, "theme-grid") {
		general(CodeWebPages, "style")
	}
	if c.form.PublicKey != "" {
		general(CodeWebEncryption, "public_key")
	}
	c.tree.Root.Walk(func(n *form.Node) {
		if n.Added {
			return
		}
		about := map[string]any{"name": n.Name}
		switch n.Type {
		case "barcode", "background-audio", "osm", "audio", "video", "file", selectExternal:
			report(CodeWebType, n, []string{"type"}, map[string]any{"name": n.Name, "type": n.Type})
		case "audit":
			report(CodeWebType, n, []string{"type"}, map[string]any{"name": "audit", "type": "audit"})
		}
		if !n.Guidance.Empty() {
			report(CodeWebGuidance, n, []string{"guidance_hint"}, about)
		}
		if looksBack(n) {
			report(CodeWebLastSaved, n, []string{"default"}, about)
		}
		if n.Choices != nil && n.Choices.Search {
			report(CodeWebSearch, n, []string{"control", "appearance"}, about)
			return
		}
		for _, look := range strings.Fields(form.PropertyValue(n.Control, "appearance")) {
			if unseen[look] || strings.HasPrefix(look, "ex:") {
				report(CodeWebAppearance, n, []string{"control", "appearance"}, map[string]any{"name": n.Name, "appearance": look})
			}
		}
	})
}
