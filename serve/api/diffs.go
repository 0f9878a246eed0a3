package api

import (
	"strconv"

	"waymark/form/instance"
)

// change is one difference between two versions of a record.
type change struct {
	New  any   `json:"new"`
	Old  any   `json:"old"`
	Path []any `json:"path"`
}

// diffs tells for every version but the first what it changed. It shows answers, so it reads bodies as recordXML does.
func (s *server) diffs(c *call) error {
	versions, err := s.desk.RecordVersions(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"))
	if err != nil {
		return err
	}
	bodies := make([]*instance.Instance, len(versions))
	for i, v := range versions {
		raw, err := s.desk.RawRecord(c.r.Context(), c.by, c.project, c.form, c.r.PathValue("instance"), v.Instance, c.opening())
		if err != nil {
			return err
		}
		if bodies[i], err = instance.Parse(raw, instance.Limits{}); err != nil {
			return err
		}
	}
	out := map[string][]change{}
	for i := range versions {
		before := -1
		for k := range versions {
			if versions[k].At.Before(versions[i].At) && (before < 0 || versions[k].At.After(versions[before].At)) {
				before = k
			}
		}
		if bodies[i].DeprecatedID != "" { // the version it says it takes the place of
			for k := range versions {
				if versions[k].Instance == bodies[i].DeprecatedID {
					before = k
				}
			}
		}
		if before < 0 || bodies[i].DeprecatedID == "" {
			continue
		}
		changes := []change{}
		differ(&changes, bodies[before].Root, bodies[i].Root, nil)
		out[versions[i].Instance] = changes
	}
	c.w.Header().Set("Cache-Control", "no-store")
	return c.json(out)
}

// differ compares two elements of a name: the texts of answers, and what one of the two has alone.
func differ(out *[]change, old, becomes *instance.Node, path []any) {
	if len(old.Children) == 0 && len(becomes.Children) == 0 {
		if old.Text != becomes.Text {
			*out = append(*out, change{New: maybe(becomes.Text), Old: maybe(old.Text), Path: path})
		}
		return
	}
	was, is := byName(old), byName(becomes)
	for _, name := range namesOf(old, becomes) {
		a, b := was[name], is[name]
		many := len(a) > 1 || len(b) > 1
		for i := range max(len(a), len(b)) {
			step := append(path[:len(path):len(path)], any(name))
			if many {
				step[len(step)-1] = []any{name, i}
			}
			switch {
			case i >= len(a):
				*out = append(*out, change{New: tree(b[i]), Path: step})
			case i >= len(b):
				*out = append(*out, change{Old: tree(a[i]), Path: step})
			default:
				differ(out, a[i], b[i], step)
			}
		}
	}
}

func byName(n *instance.Node) map[string][]*instance.Node {
	out := map[string][]*instance.Node{}
	for _, c := range n.Children {
		out[c.Name] = append(out[c.Name], c)
	}
	return out
}

func namesOf(nodes ...*instance.Node) []string {
	var out []string
	met := map[string]bool{}
	for _, n := range nodes {
		for _, c := range n.Children {
			if !met[c.Name] {
				met[c.Name] = true
				out = append(out, c.Name)
			}
		}
	}
	return out
}

// tree gives an element that only one version has: a text, or its children by name.
func tree(n *instance.Node) any {
	if len(n.Children) == 0 {
		return maybe(n.Text)
	}
	out := map[string]any{}
	for name, list := range byName(n) {
		for i, c := range list {
			key := name
			if i > 0 {
				key += "[" + strconv.Itoa(i+1) + "]"
			}
			out[key] = tree(c)
		}
	}
	return out
}
