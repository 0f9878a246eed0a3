package collect

import (
	"context"
	"strconv"
	"strings"

	"waymark/fault"
	"waymark/trust/access"
)

// What cannot be done with projects.
const (
	CodeProjectName fault.Code = "collect.project-name" //
	CodeRetention   fault.Code = "collect.retention"    //
)

func projectObject(id int64) string { return "project:" + strconv.FormatInt(id, 10) }

func (p Project) check() error {
	switch {
	case p.Name == "" || len(p.Name) > 200:
		return fault.Issue{Code: CodeProjectName}
	case p.RetainDays < 0:
		return fault.Issue{Code: CodeRetention}
	}
	return nil
}

// AddProject makes a project. It needs the right everywhere.
func (d *Desk) AddProject(ctx context.Context, by access.Actor, p Project) (Project, error) {
	if err := need(by, access.ManageProject, 0); err != nil {
		return Project{}, err
	}
	p.Name = strings.TrimSpace(p.Name)
	if err := p.check(); err != nil {
		return Project{}, err
	}
	if p.UID == "" {
		p.UID = d.options.Keys.UUID()
	}
	p.Created = d.now()
	return written(ctx, d, func(tx Tx) (Project, error) {
		p := p
		id, err := tx.AddProject(p)
		if err != nil {
			return Project{}, err
		}
		p.ID = id
		return p, tx.Append(d.entry(by, "project.add", id, projectObject(id)))
	})
}

// SetProject changes name, note, language, training, retention and whether a project is archived. A project that
// has records stays what it is, training or not (invariant 4).
func (d *Desk) SetProject(ctx context.Context, by access.Actor, p Project) error {
	if err := need(by, access.ManageProject, p.ID); err != nil {
		return err
	}
	p.Name = strings.TrimSpace(p.Name)
	if err := p.check(); err != nil {
		return err
	}
	defer d.forget(p.ID)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		have, err := tx.GetProject(p.ID)
		if err != nil {
			return err
		}
		if p.Training != have.Training {
			n, err := tx.CountRecords(Query{Project: p.ID})
			if err != nil {
				return err
			}
			if n > 0 {
				return fault.Issue{Code: CodeTrainingFixed, Kind: fault.Conflict}
			}
		}
		now := p
		now.UID, now.Created = have.UID, have.Created
		if err := tx.SetProject(now); err != nil {
			return err
		}
		e := d.entry(by, "project.set", p.ID, projectObject(p.ID))
		e.Detail = map[string]string{"archived": strconv.FormatBool(p.Archived), "retain-days": strconv.Itoa(p.RetainDays)}
		return tx.Append(e)
	})
}

// CodeTrainingFixed is said where a project with records is to become, or no longer to be, one for training.
const CodeTrainingFixed fault.Code = "collect.training-fixed"

// sees says whether an actor may know of a project.
func sees(by access.Actor, project int64) bool {
	if by.Kind == access.System {
		return true
	}
	for _, h := range by.Rights {
		switch {
		case h.Scope.Project == project:
			return true
		case h.Scope.Project == 0 && h.Right != access.ManageUsers && h.Right != access.ManageServer && h.Right != access.ReadAudit:
			return true
		}
	}
	return false
}

// Project gives a project that the actor may see.
func (d *Desk) Project(ctx context.Context, by access.Actor, id int64) (Project, error) {
	if !sees(by, id) {
		return Project{}, forbidden(access.ReadForms)
	}
	return looked(ctx, d, func(tx Tx) (Project, error) { return tx.GetProject(id) })
}

// Projects lists those the actor may see.
func (d *Desk) Projects(ctx context.Context, by access.Actor) ([]Project, error) {
	all, err := looked(ctx, d, func(tx Tx) ([]Project, error) { return tx.ListProjects() })
	var out []Project
	for _, p := range all {
		if sees(by, p.ID) {
			out = append(out, p)
		}
	}
	return out, err
}
