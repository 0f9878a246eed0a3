package web

import (
	"fmt"
	"maps"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) quarantineRoutes() []route.Route {
	return []route.Route{
		s.get("/projects/{project}/quarantine", access.SettleQuarantine, s.quarantine),
		s.get("/projects/{project}/quarantine/{held}", access.SettleQuarantine, s.held),
		s.post("/projects/{project}/quarantine/{held}", access.SettleQuarantine, s.settle),
	}
}

type heldLine struct {
	collect.Quarantined
	Text string
	Who  string
	By   string
}

// reason says to staff why a body is held; the text of the code itself speaks to who sent it. A body of a joined server
// may be held for what only that one knows.
func (v *voice) reason(q collect.Quarantined) string {
	if code := "web.reason." + string(q.Reason); v.Has(code) {
		args := maps.Clone(q.Args)
		if right := "web.right." + fmt.Sprint(args["right"]); v.Has(right) {
			args["right"] = v.text(right, nil)
		}
		return v.text(code, args)
	}
	return v.text("web.reason.other", map[string]any{"code": string(q.Reason)})
}

type quarantineView struct{ Open, Settled []heldLine }

func (s *site) quarantine(a *ask) error {
	all, err := s.desk.Quarantine(a.ctx, a.by, a.project.ID)
	if err != nil {
		return err
	}
	var v quarantineView
	names := s.names(a)
	for _, q := range all {
		line := heldLine{q, a.reason(q), names.of(q.Actor), names.of(q.By)}
		if q.Settled.IsZero() {
			v.Open = append(v.Open, line)
		} else {
			v.Settled = append(v.Settled, line)
		}
	}
	return a.show("quarantine", "quarantine", a.title("quarantine"), v)
}

// heldBodyView puts what is held beside the record it clashes with.
type heldBodyView struct {
	heldLine
	Pairs   []answerChange
	Clashes bool // there is a record that it differs from
	Whole   bool // it could be read as a record
	Opening string
	Bytes   string // as they came, where they are no whole record
	Same    int
	Changed int
}

const mostBytes = 20_000 // of a body that is no record, shown as it came

func (s *site) held(a *ask) error {
	v, err := s.heldView(a)
	if err != nil {
		return err
	}
	return a.show("held", "quarantine", a.title("held"), v)
}

func (s *site) heldView(a *ask) (heldBodyView, error) {
	id, err := a.number("held")
	if err != nil {
		return heldBodyView{}, err
	}
	all, err := s.desk.Quarantine(a.ctx, a.by, a.project.ID)
	if err != nil {
		return heldBodyView{}, err
	}
	v := heldBodyView{Opening: a.value("opening")}
	names := s.names(a)
	for _, q := range all {
		if q.ID == id {
			v.heldLine = heldLine{q, a.reason(q), names.of(q.Actor), names.of(q.By)}
		}
	}
	if v.ID == 0 {
		return v, fault.NotFound
	}
	if !v.Settled.IsZero() {
		return v, nil
	}
	held, kept, err := s.desk.QuarantinedBody(a.ctx, a.by, a.project.ID, id, v.Opening)
	if err != nil {
		return v, err
	}
	v.Clashes = len(kept) > 0
	v.Whole = bodyOf(held) != nil
	if !v.Whole {
		v.Bytes = cut(string(held[:min(len(held), mostBytes)]), mostBytes)
	}
	v.Pairs = sideBySide(kept, held, s.formWords(a, v.Form))
	for _, p := range v.Pairs {
		if p.What == "" {
			v.Same++
		} else {
			v.Changed++
		}
	}
	return v, nil
}

// formWords words a form as its current version does.
func (s *site) formWords(a *ask, form string) dictionary {
	f, err := s.desk.Form(a.ctx, a.by, a.project.ID, form)
	if err != nil {
		return dictionary{}
	}
	a.form = f
	return s.dictionary(a, collect.Record{})
}

func (s *site) settle(a *ask) error {
	id, err := a.number("held")
	if err != nil {
		return err
	}
	outcome := collect.Outcome(a.value("outcome"))
	if outcome != collect.TakeHeld && outcome != collect.DropHeld {
		return fault.Invalid
	}
	if err := s.desk.Settle(a.ctx, a.by, a.project.ID, id, outcome); err != nil {
		v, other := s.heldView(a)
		if other != nil {
			return err
		}
		return a.again("held", "quarantine", a.title("held"), v, err)
	}
	return a.see(at("projects", a.project.ID, "quarantine"), "settled")
}
