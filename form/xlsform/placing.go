package xlsform

import (
	"cmp"
	"slices"

	"waymark/fault"
	"waymark/form"
)

// An entity stands in the meta group of the record, a group or a repeat. Which one follows from the questions
// that are saved to it or that it refers to: all must see each other, so the innermost repeat among them is
// its scope, and of the groups in that scope it takes the innermost around all that is saved. No group holds
// two entities, nor does one between an entity and what is saved to it hold another.

// wish is where an entity wants to stand.
type wish struct {
	x       *entity
	scope   *form.Node   // the record or repeat it must stay in
	at      *form.Node   // where it would best stand
	savedIn []*form.Node // groups of what is saved to it
}

// placeEntities puts the entities of the form in their places, and the meta group of the record at its end.
func (c *compiler) placeEntities() {
	defer c.addMeta()
	if len(c.entities) == 0 || c.survey == nil {
		return
	}
	ordered := slices.Clone(c.entities)
	slices.SortStableFunc(ordered, func(a, b *entity) int { // those with uses first, in the order met
		return cmp.Or(boolCompare(a.first == 0, b.first == 0), cmp.Compare(a.first, b.first))
	})
	var scopes []*form.Node
	wishes := map[*form.Node][]wish{}
	for _, x := range ordered {
		w, ok := c.wish(x)
		if !ok {
			return
		}
		if wishes[w.scope] == nil {
			scopes = append(scopes, w.scope)
		}
		wishes[w.scope] = append(wishes[w.scope], w)
	}
	root := c.tree.Root
	if len(c.entities) == 1 && scopes[0] == root {
		c.entities[0].container = root
	} else {
		taken := map[*form.Node]*entity{}
		for _, s := range scopes {
			slices.SortStableFunc(wishes[s], func(a, b wish) int { return cmp.Compare(a.x.row, b.x.row) })
			for _, w := range wishes[s] {
				if !c.grant(w, taken) {
					return
				}
			}
		}
	}
	c.tree.Entities = entitiesOne
	if len(c.entities) > 1 {
		c.tree.Entities = entitiesSeveral
	}
	var put func(n *form.Node)
	put = func(n *form.Node) {
		within := slices.Clone(n.Children)
		for _, x := range c.entities {
			if x.container == n {
				repeated := scopeOf(n).Kind == form.RepeatNode
				if repeated {
					c.tree.Entities = entitiesSeveral
				}
				metaOf(n).Add(x.node(repeated))
			}
		}
		for _, child := range within {
			if child.Kind == form.GroupNode || child.Kind == form.RepeatNode {
				put(child)
			}
		}
	}
	put(root)
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// scopeOf gives the repeat or record that a group belongs to, itself included.
func scopeOf(n *form.Node) *form.Node {
	for n.Kind == form.GroupNode {
		n = n.Parent
	}
	return n
}

func depth(n *form.Node) int {
	d := 0
	for ; n != nil; n = n.Parent {
		d++
	}
	return d
}

// repeatsAround counts the repeats around a group, itself included.
func repeatsAround(n *form.Node) int {
	d := 0
	for ; n != nil; n = n.Parent {
		if n.Kind == form.RepeatNode {
			d++
		}
	}
	return d
}

func within(n, ancestor *form.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == ancestor {
			return true
		}
	}
	return false
}

// shared gives the innermost group around two, themselves included.
func shared(a, b *form.Node) *form.Node {
	for !within(b, a) {
		a = a.Parent
	}
	return a
}

// inScope says how deep a group lies in its scope.
func inScope(n *form.Node) int { return depth(n) - depth(scopeOf(n)) }

// wish works out where an entity wants to stand, and refuses uses that cannot see each other.
func (c *compiler) wish(x *entity) (wish, bool) {
	w := wish{x: x, scope: c.tree.Root, at: c.tree.Root}
	if len(x.uses) == 0 {
		return w, true
	}
	w.scope = nil
	var deepest, saved *use
	for i := range x.uses {
		u := &x.uses[i]
		scope := scopeOf(u.at)
		if w.scope == nil || repeatsAround(scope) > repeatsAround(w.scope) {
			w.scope, deepest = scope, u
			if u.property != "" {
				saved = u
			}
		}
		if scope == w.scope && inScope(u.at) > inScope(deepest.at) {
			deepest = u
		}
		if u.property == "" {
			continue
		}
		w.savedIn = append(w.savedIn, u.at)
		if saved == nil || scope == w.scope && inScope(u.at) > inScope(saved.at) {
			saved = u
		}
	}
	w.at = deepest.at
	if saved != nil {
		w.at = w.savedIn[0]
		for _, n := range w.savedIn[1:] {
			w.at = shared(w.at, n)
		}
		if own := scopeOf(saved.at); cmp.Or(cmp.Compare(repeatsAround(own), repeatsAround(w.at)), cmp.Compare(0, inScope(w.at))) >= 0 {
			w.at = own
		}
	}
	for _, u := range x.uses {
		scope := scopeOf(u.at)
		if within(w.scope, scope) && (u.property == "" || scopeOf(w.at) == scope) {
			continue
		}
		at := c.entitiesAt.place(x.row, 0, "")
		if u.property != "" {
			at = c.survey.place(u.row, c.survey.column("bind", saveto), u.question)
		}
		c.issue(CodeEntityScope, fault.Hard, at, map[string]any{"list": x.list, "question": u.question})
		return w, false
	}
	return w, true
}

// grant gives an entity the innermost free group from where it wants to stand up to its scope.
func (c *compiler) grant(w wish, taken map[*form.Node]*entity) bool {
	var other *entity
	for n := w.at; n != nil; n = n.Parent {
		if other = taken[n]; other == nil {
			w.x.container = n
			taken[n] = w.x
			for _, s := range w.savedIn {
				for ; within(s, n); s = s.Parent {
					taken[s] = w.x
				}
			}
			return true
		}
		blocked := slices.IndexFunc(w.savedIn, func(s *form.Node) bool { return taken[s] != nil })
		if blocked >= 0 {
			other = taken[w.savedIn[blocked]]
			break
		}
		if n == w.scope {
			break
		}
	}
	c.issue(CodeEntityCrowded, fault.Hard, c.entitiesAt.place(w.x.row, c.entitiesAt.column("list"), ""), map[string]any{"list": w.x.list, "row": other.row})
	return false
}
