package web

import (
	"cmp"
	"slices"
	"strings"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) flagRoutes() []route.Route {
	return []route.Route{
		s.get("/projects/{project}/flags", access.ReadRecords, s.flags),
		s.post("/projects/{project}/flags/{flag}", access.ReviewRecords, s.flagDone),
	}
}

// flagLine is a flag in the list.
type flagLine struct {
	collect.Flag
	Text   string
	Owner  string
	Form   string // its title
	Whole  bool   // its note is at hand: on the page of its record
	People []personLine
}

type flagsView struct {
	Flags []flagLine
	Kinds []kindLine
	Kind  string
}

// kindLine counts the open flags of a code.
type kindLine struct {
	Code  string
	Text  string
	Count int
}

type personLine struct{ Actor, Name string }

var outcomes = []string{"explained", "corrected", "confirmed"}

func (v *voice) flagLine(f collect.Flag, names who) flagLine {
	line := flagLine{Flag: f, Text: v.code(f.Code, f.Args), People: names.people()}
	if f.Owner != "" {
		line.Owner = names.of(f.Owner)
	}
	return line
}

// people are those whom a flag can be handed to.
func (w who) people() []personLine {
	var out []personLine
	for actor, name := range w {
		if strings.HasPrefix(actor, "user:") {
			out = append(out, personLine{actor, name})
		}
	}
	slices.SortFunc(out, func(x, y personLine) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Actor, y.Actor)) })
	return out
}

// flags lists what is open, those of one kind where the address names it.
func (s *site) flags(a *ask) error {
	v, err := s.flagsView(a)
	if err != nil {
		return err
	}
	return a.show("flags", "flags", a.title("flags"), v)
}

func (s *site) flagsView(a *ask) (flagsView, error) {
	forms, err := s.desk.Forms(a.ctx, a.by, a.project.ID)
	v := flagsView{Kind: a.value("kind")}
	if err != nil {
		return v, err
	}
	names := s.names(a)
	counts := map[string]int{}
	for _, f := range forms {
		open, err := s.desk.Flags(a.ctx, a.by, a.project.ID, f.ID, "")
		if err != nil {
			return v, err
		}
		for _, one := range open {
			counts[string(one.Code)]++
			if v.Kind != "" && v.Kind != string(one.Code) {
				continue
			}
			line := a.flagLine(one, names)
			line.Form = f.Title
			v.Flags = append(v.Flags, line)
		}
	}
	for code, n := range counts {
		v.Kinds = append(v.Kinds, kindLine{code, a.kindOfFlag(code), n})
	}
	slices.SortFunc(v.Kinds, func(x, y kindLine) int { return cmp.Or(y.Count-x.Count, cmp.Compare(x.Code, y.Code)) })
	return v, nil
}

// kindOfFlag names a kind of flag in a few words.
func (v *voice) kindOfFlag(code string) string {
	if short := "web." + code; v.Has(short) {
		return v.text(short, nil)
	}
	return v.text(code, nil)
}

func (s *site) flagDone(a *ask) error {
	id, err := a.number("flag")
	if err != nil {
		return err
	}
	outcome := a.value("outcome")
	if outcome != "" && !slices.Contains(outcomes, outcome) {
		return fault.Invalid
	}
	note := a.value("note")
	if _, sent := a.r.Form["note"]; !sent { // the list does not show notes: what there is stays
		flags, err := s.desk.Flags(a.ctx, a.by, a.project.ID, a.value("form"), a.value("instance"))
		if err != nil {
			return err
		}
		for _, f := range flags {
			if f.ID == id {
				note = f.Note
			}
		}
	}
	if err := s.desk.SetFlag(a.ctx, a.by, a.project.ID, id, a.value("owner"), outcome, note); err != nil {
		return err
	}
	to := within(a.value("back"))
	if to == "" {
		to = at("projects", a.project.ID, "flags")
	}
	return a.see(to, "flag")
}
