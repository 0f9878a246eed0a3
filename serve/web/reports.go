package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/lang"
	"waymark/serve/route"
	"waymark/trust/access"
	"waymark/trust/audit"
	"waymark/trust/seal"
)

func (s *site) reportRoutes() []route.Route {
	run := s.post("/projects/{project}/reports", access.Export, s.reportDone)
	run.Within = 10 * time.Minute
	return []route.Route{
		run,
		s.get("/projects/{project}/reports", access.Export, s.reportList),
		s.get("/projects/{project}/reports/{report}", access.Export, s.report),
	}
}

// shelf keeps the latest reports that were made, in memory: they are made again from the records at any time.
type shelf struct {
	mu   sync.Mutex
	made []madeReport
}

type madeReport struct {
	ID      string
	Project int64
	Form    string
	Plan    string
	Title   map[string]string
	At      time.Time
	By      string
	Report  Report
}

const mostReports = 20

func (s *shelf) put(r madeReport) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append([]madeReport{r}, s.made...)
	s.made = s.made[:min(len(s.made), mostReports)]
}

func (s *shelf) of(project int64) []madeReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []madeReport
	for _, r := range s.made {
		if r.Project == project {
			out = append(out, r)
		}
	}
	return out
}

// reportLine is a report that was made.
type reportLine struct {
	madeReport
	Title string
	Form  string
	Tags  []string
}

type reportsView struct {
	Plans []planLine
	Forms []collect.Form
	Made  []reportLine
	Form  string
	Plan  string
}

type planLine struct{ Name, Title string }

func (s *site) reportsView(a *ask) (reportsView, error) {
	v := reportsView{Form: a.value("form"), Plan: a.value("plan")}
	if s.options.Runner != nil {
		for _, p := range s.options.Runner.Plans() {
			v.Plans = append(v.Plans, planLine{p.Name, a.label(p.Title, p.Name)})
		}
	}
	forms, err := s.desk.Forms(a.ctx, a.by, a.project.ID)
	if err != nil {
		return v, err
	}
	titles := map[string]string{}
	for _, f := range forms {
		titles[f.ID] = f.Title
		if f.Current != nil {
			v.Forms = append(v.Forms, f)
		}
	}
	for _, r := range s.reports.of(a.project.ID) {
		line := reportLine{madeReport: r, Title: a.label(r.Title, r.Plan), Form: titles[r.Form]}
		for _, tag := range lang.Tags() {
			if r.Report.Pages[tag] != nil {
				line.Tags = append(line.Tags, tag)
			}
		}
		v.Made = append(v.Made, line)
	}
	return v, nil
}

func (s *site) reportList(a *ask) error {
	v, err := s.reportsView(a)
	if err != nil {
		return err
	}
	return a.show("reports", "reports", a.title("reports"), v)
}

// reportDone runs a plan. Its report holds only what was cleared; that it was made is in the audit log.
func (s *site) reportDone(a *ask) error {
	v, err := s.reportsView(a)
	if err != nil {
		return err
	}
	plan := slices.IndexFunc(v.Plans, func(p planLine) bool { return p.Name == v.Plan })
	if plan < 0 || !slices.ContainsFunc(v.Forms, func(f collect.Form) bool { return f.ID == v.Form }) {
		return a.again("reports", "reports", a.title("reports"), v, required(a, "plan", "form"))
	}
	made, err := s.options.Runner.Run(a.ctx, a.by, a.project.ID, v.Form, v.Plan)
	if err != nil {
		return a.again("reports", "reports", a.title("reports"), v, err)
	}
	now := s.options.Now()
	entry := audit.Entry{At: now, Actor: "user:" + itoa(a.by.ID), Act: "report.run", Project: a.project.ID, Object: "form:" + v.Form, Detail: map[string]string{"plan": v.Plan}}
	if err := s.desk.Note(a.ctx, entry); err != nil {
		return err
	}
	one := madeReport{ID: seal.Token(12), Project: a.project.ID, Form: v.Form, Plan: v.Plan, Title: s.options.Runner.Plans()[plan].Title, At: now, By: a.user.Name, Report: made}
	s.reports.put(one)
	return a.see(at("projects", a.project.ID, "reports"), "report")
}

// report shows a report as it was made: a page of its own, that asks for nothing from anywhere.
func (s *site) report(a *ask) error {
	tag := a.value("lang")
	for _, r := range s.reports.of(a.project.ID) {
		if r.ID != a.r.PathValue("report") {
			continue
		}
		page := r.Report.Pages[tag]
		if page == nil {
			page = r.Report.Pages[a.Tag()]
		}
		if page == nil {
			return fault.NotFound
		}
		a.w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src "+styleHashes(page)+"; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		a.w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, err := a.w.Write(page)
		_ = err // whoever asked has gone
		return nil
	}
	return fault.NotFound
}

// styleHashes allows the styles that a page holds by their digest, and no others (invariant 1).
func styleHashes(page []byte) string {
	var out []string
	for {
		_, rest, found := bytes.Cut(page, []byte("<style"))
		if !found {
			break
		}
		_, rest, _ = bytes.Cut(rest, []byte(">"))
		style, after, closed := bytes.Cut(rest, []byte("</style>"))
		if !closed {
			break
		}
		sum := sha256.Sum256(style)
		out = append(out, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
		page = after
	}
	if out == nil {
		return "'none'"
	}
	return strings.Join(out, " ")
}
