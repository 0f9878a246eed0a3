package web

import (
	"slices"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/route"
	"waymark/trust/access"
)

// openingRoutes are those of the door that needs two people.
func (s *site) openingRoutes() []route.Route {
	return []route.Route{
		s.get("/projects/{project}/openings", access.ReadRecords, s.openings),
		s.post("/projects/{project}/openings", access.AskStrict, s.openingDone),
		s.post("/projects/{project}/openings/{opening}", access.GrantStrict, s.grantDone),
	}
}

type openingLine struct {
	collect.Opening
	Asker, Granter string
	FormTitle      string
	Mine           bool // the reader asked for it
	Waiting, Now   bool // not answered yet; open now
}

type openingsView struct {
	Lines    []openingLine
	Forms    []collect.Form
	Purposes []string
	Ask      bool
	Grant    bool
	Form     string // what the page was asked to fill in
	Instance string
	Purpose  string
	Note     string
}

// CodePurpose says that no purpose was chosen, or none that there is.
const CodePurpose fault.Code = "web.purpose"

func (s *site) openingsView(a *ask) (openingsView, error) {
	v := openingsView{Purposes: access.Purposes(), Ask: a.may(access.AskStrict), Grant: a.may(access.GrantStrict),
		Form: a.value("form"), Instance: a.value("instance"), Purpose: a.value("purpose"), Note: a.value("note")}
	all, err := s.desk.Openings(a.ctx, a.by, a.project.ID)
	if err != nil {
		return v, err
	}
	if v.Forms, err = s.desk.Forms(a.ctx, a.by, a.project.ID); err != nil {
		return v, err
	}
	titles := map[string]string{}
	for _, f := range v.Forms {
		titles[f.ID] = f.Title
	}
	names := s.names(a)
	now := s.options.Now()
	for _, o := range all {
		line := openingLine{Opening: o, Asker: names.of("user:" + itoa(o.AskedBy)), FormTitle: titles[o.Form], Mine: o.AskedBy == a.by.ID,
			Waiting: o.Granted.IsZero() && !o.Refused, Now: !o.Granted.IsZero() && !o.Refused && now.Before(o.Ends)}
		if o.GrantedBy != 0 {
			line.Granter = names.of("user:" + itoa(o.GrantedBy))
		}
		v.Lines = append(v.Lines, line)
	}
	slices.SortStableFunc(v.Lines, func(x, y openingLine) int {
		if x.Waiting != y.Waiting {
			if x.Waiting {
				return -1
			}
			return 1
		}
		return y.Asked.Compare(x.Asked)
	})
	return v, nil
}

func (s *site) openings(a *ask) error {
	v, err := s.openingsView(a)
	if err != nil {
		return err
	}
	return a.show("openings", "openings", a.title("openings"), v)
}

func (s *site) openingDone(a *ask) error {
	purpose := access.Purpose{Code: a.value("purpose"), Note: a.value("note")}
	var wrong fault.Issues
	if a.value("form") == "" {
		wrong = append(wrong, fieldIssue("form", CodeRequired, nil))
	}
	if !purpose.Known() {
		wrong = append(wrong, fieldIssue("purpose", CodePurpose, nil))
	}
	var err error
	if len(wrong) > 0 {
		err = wrong
	} else {
		_, err = s.desk.AskOpening(a.ctx, a.by, a.project.ID, a.value("form"), a.value("instance"), purpose)
	}
	if err != nil {
		v, other := s.openingsView(a)
		if other != nil {
			return other
		}
		return a.again("openings", "openings", a.title("openings"), v, err)
	}
	return a.see(at("projects", a.project.ID, "openings"), "asked")
}

func (s *site) grantDone(a *ask) error {
	decision, done := collect.Refuse, "refused"
	if a.value("decision") == "grant" {
		decision, done = collect.Allow, "granted"
	}
	if err := s.desk.GrantOpening(a.ctx, a.by, a.project.ID, a.r.PathValue("opening"), decision); err != nil {
		v, other := s.openingsView(a)
		if other != nil {
			return err
		}
		return a.again("openings", "openings", a.title("openings"), v, err)
	}
	return a.see(at("projects", a.project.ID, "openings"), done)
}
