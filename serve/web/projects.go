package web

import (
	"strconv"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/lang"
	"waymark/serve/route"
	"waymark/trust/access"
)

func (s *site) projectRoutes() []route.Route {
	return []route.Route{
		s.get("/projects", "", s.projects),
		s.get("/projects/new", access.ManageProject, s.projectNew),
		s.post("/projects/new", access.ManageProject, s.projectNewDone),
		s.get("/projects/{project}", "", s.projectHome),
		s.get("/projects/{project}/settings", access.ManageProject, s.settings),
		s.post("/projects/{project}/settings", access.ManageProject, s.settingsDone),
	}
}

// projectLine is a project in the list.
type projectLine struct {
	collect.Project
	Forms, Records int
}

type projectsView struct {
	Open, Archived []projectLine
	New            bool // the reader may make one
}

func (s *site) projects(a *ask) error {
	all, err := s.desk.Projects(a.ctx, a.by)
	if err != nil {
		return err
	}
	v := projectsView{New: everywhere(a.by, access.ManageProject)}
	for _, p := range all {
		line := projectLine{Project: p}
		if forms, err := s.desk.Forms(a.ctx, a.by, p.ID); err == nil {
			line.Forms = len(forms)
			for _, f := range forms {
				line.Records += f.Records
			}
		}
		if p.Archived {
			v.Archived = append(v.Archived, line)
		} else {
			v.Open = append(v.Open, line)
		}
	}
	return a.show("projects", "projects", a.title("projects"), v)
}

// projectNames gives the names of the projects that the asker sees, by id.
func (s *site) projectNames(a *ask) map[int64]string {
	names := map[int64]string{}
	all, err := s.desk.Projects(a.ctx, a.by)
	if err != nil {
		return names
	}
	for _, p := range all {
		names[p.ID] = p.Name
	}
	return names
}

type settingsView struct {
	collect.Project
	New  bool
	Tags []string
}

func (s *site) projectNew(a *ask) error {
	if !everywhere(a.by, access.ManageProject) {
		return fault.Forbidden
	}
	return a.show("settings", "projects", a.title("project-new"), settingsView{New: true, Project: collect.Project{Language: a.Tag()}, Tags: lang.Tags()})
}

func (s *site) projectNewDone(a *ask) error {
	if !everywhere(a.by, access.ManageProject) {
		return fault.Forbidden
	}
	p, wrong := a.projectForm(collect.Project{})
	p.Training = a.ticked("training")
	var err error
	if len(wrong) > 0 {
		err = wrong
	} else {
		p, err = s.desk.AddProject(a.ctx, a.by, p)
	}
	if err != nil {
		return a.again("settings", "projects", a.title("project-new"), settingsView{New: true, Project: p, Tags: lang.Tags()}, err)
	}
	return a.see(at("projects", p.ID), "project-made")
}

// longestRetention is a hundred years in days: more is a slip of the hand.
const longestRetention = 36525

// CodeRetention says that the days of keeping records are no number within reason.
const CodeRetention fault.Code = "web.retention" // limit: days

// projectForm reads the fields that both pages of a project's settings have.
func (a *ask) projectForm(p collect.Project) (collect.Project, fault.Issues) {
	wrong := required(a, "name")
	p.Name, p.Note, p.Archived = a.value("name"), a.value("note"), a.ticked("archived")
	p.Language = a.value("language")
	if lang.Base(p.Language) != p.Language || a.site.voices[p.Language] == nil {
		p.Language = a.Tag()
	}
	days := a.value("days")
	n, err := strconv.Atoi(days)
	switch {
	case days == "":
		n = 0
	case err != nil || n < 0 || n > longestRetention:
		wrong = append(wrong, fieldIssue("days", CodeRetention, map[string]any{"limit": longestRetention}))
	}
	p.RetainDays = n
	return p, wrong
}

func (s *site) settings(a *ask) error {
	return a.show("settings", "settings", a.title("settings"), settingsView{Project: a.project, Tags: lang.Tags()})
}

func (s *site) settingsDone(a *ask) error {
	p, wrong := a.projectForm(a.project)
	var err error
	if len(wrong) > 0 {
		err = wrong
	} else {
		err = s.desk.SetProject(a.ctx, a.by, p)
	}
	if err != nil {
		return a.again("settings", "settings", a.title("settings"), settingsView{Project: p, Tags: lang.Tags()}, err)
	}
	return a.see(at("projects", p.ID, "settings"), "saved")
}

// formLine is a form on the project's first page.
type formLine struct {
	collect.Form
	Today, Week, Waiting int // records of today and of seven days; waiting for review
	Late                 bool
}

type homeView struct {
	Forms       []formLine
	Total       int
	Today, Week int
	Quarantine  int
	Flags       int
	Openings    int       // asked for and not answered
	Phones, Web int       // devices in use
	Retain      time.Time // when the oldest record is deleted; zero: none, or no end is set
	HasRecords  bool      // the reader may see records
}

func (s *site) projectHome(a *ask) error {
	forms, err := s.desk.Forms(a.ctx, a.by, a.project.ID)
	if err != nil {
		return err
	}
	v := homeView{HasRecords: a.may(access.ReadRecords)}
	local := s.options.Now().In(s.options.Zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, s.options.Zone)
	for _, f := range forms {
		line := formLine{Form: f}
		v.Total += f.Records
		if v.HasRecords && f.Records > 0 && a.project.RetainDays > 0 {
			first, err := s.desk.Records(a.ctx, a.by, collect.Query{Project: a.project.ID, Form: f.ID, Limit: 1})
			if err != nil {
				return err
			}
			if len(first) > 0 {
				ends := first[0].Received.AddDate(0, 0, a.project.RetainDays)
				if v.Retain.IsZero() || ends.Before(v.Retain) {
					v.Retain = ends
				}
			}
		}
		if v.HasRecords && f.Records > 0 {
			if line, err = s.countForm(a, line, midnight); err != nil {
				return err
			}
			v.Today += line.Today
			v.Week += line.Week
		}
		v.Forms = append(v.Forms, line)
	}
	return s.homeDoubts(a, v)
}

// countForm counts what came today, in seven days, and what waits for review.
func (s *site) countForm(a *ask, line formLine, midnight time.Time) (formLine, error) {
	q := collect.Query{Project: a.project.ID, Form: line.ID, Review: []collect.Review{collect.Received, collect.Edited, collect.HasIssues}}
	var err error
	if line.Waiting, err = s.desk.CountRecords(a.ctx, a.by, q); err != nil {
		return line, err
	}
	for r, err := range s.recent(a, line.ID, midnight.AddDate(0, 0, -6)) {
		if err != nil {
			return line, err
		}
		line.Week++
		if !r.Received.Before(midnight) {
			line.Today++
		}
	}
	return line, nil
}

// homeDoubts adds what waits for somebody, as far as the reader may know of it.
func (s *site) homeDoubts(a *ask, v homeView) error {
	if a.may(access.SettleQuarantine) {
		held, err := s.desk.Quarantine(a.ctx, a.by, a.project.ID)
		if err != nil {
			return err
		}
		for _, q := range held {
			if q.Settled.IsZero() {
				v.Quarantine++
			}
		}
	}
	if v.HasRecords {
		for _, f := range v.Forms {
			flags, err := s.desk.Flags(a.ctx, a.by, a.project.ID, f.ID, "")
			if err != nil {
				return err
			}
			v.Flags += len(flags)
		}
	}
	if a.may(access.GrantStrict) || a.may(access.AskStrict) {
		asked, err := s.desk.Openings(a.ctx, a.by, a.project.ID)
		if err != nil {
			return err
		}
		for _, o := range asked {
			if o.Granted.IsZero() && !o.Refused {
				v.Openings++
			}
		}
	}
	if a.may(access.ManageDevices) {
		devices, err := s.desk.Devices(a.ctx, a.by, a.project.ID)
		if err != nil {
			return err
		}
		for _, d := range devices {
			switch {
			case d.Revoked:
			case d.Web:
				v.Web++
			default:
				v.Phones++
			}
		}
	}
	return a.show("project", "home", a.project.Name, v)
}
