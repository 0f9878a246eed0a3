package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/lang"
	"waymark/plans"
	"waymark/serve/web"
	"waymark/study"
	"waymark/study/plan"
	"waymark/trust/access"
)

// codeNeedsTable says that a plan needs a table besides the records: name.
const codeNeedsTable fault.Code = "server.needs-table"

// planRunner runs plans on the records of projects for the staff pages: the plans that ship, and those that the
// mission keeps in the folder "plans" of its records, with the tables they need besides (NAME.csv) beside them.
type planRunner struct {
	dir  string
	desk *collect.Desk
	one  sync.Mutex // a fit takes all cores: a second one waits
}

var _ web.Runner = (*planRunner)(nil)

// Plans lists the plans by name.
func (p *planRunner) Plans() []web.Plan {
	files, _ := filepath.Glob(filepath.Join(p.dir, "*.yaml"))
	names := map[string]bool{}
	for _, f := range files {
		names[filepath.Base(f)] = true
	}
	for _, n := range plans.Names() {
		names[n] = true
	}
	var out []web.Plan
	for _, n := range slices.Sorted(maps.Keys(names)) {
		if read, _, err := p.read(n); err == nil {
			out = append(out, web.Plan{Name: n, Title: read.Title})
		}
	}
	return out
}

// read reads a plan of the mission's own, or one that ships.
func (p *planRunner) read(name string) (*plan.Plan, fault.Issues, error) {
	if strings.ContainsAny(name, `/\`) {
		return nil, nil, fault.Issue{Code: codeNoPlan, Kind: fault.NotFound, Args: map[string]any{"file": name, "plans": strings.Join(plans.Names(), ", ")}}
	}
	if own, notes, err := readPlan(filepath.Join(p.dir, name)); err == nil {
		return own, notes, nil
	}
	return readPlan(name)
}

// Run makes the report of a form's records in both languages. Nothing of it touches the disk, and what was not
// cleared is dropped.
func (p *planRunner) Run(ctx context.Context, by access.Actor, project int64, form, name string) (web.Report, error) {
	p.one.Lock()
	defer p.one.Unlock()
	chosen, _, err := p.read(name)
	if err != nil {
		return web.Report{}, err
	}
	inputs := map[string]study.Input{}
	var notes fault.Issues
	for _, d := range chosen.Data {
		if d.Name == chosen.Main().Name {
			from := recordSet{project: project, form: form, opening: openingOf(ctx, p.desk, by, project, form)}
			if inputs[d.Name], notes, err = from.load(ctx, p.desk, by, d); err != nil {
				return web.Report{}, err
			}
			continue
		}
		beside, _, err := openInput(chosen, d, filepath.Join(p.dir, d.Name+".csv"))
		switch {
		case err == nil:
			inputs[d.Name] = beside
		case !d.Optional && errors.Is(err, fault.NotFound):
			return web.Report{}, fault.Issue{Code: codeNeedsTable, Kind: fault.NotFound, Args: map[string]any{"name": d.Name}}
		case !d.Optional:
			return web.Report{}, err
		}
	}
	made := memory{}
	_, err = study.Run(ctx, chosen, inputs, study.Outputs{Public: made, Working: nowhere{}},
		study.Options{Languages: lang.Tags(), Version: builtVersion().Version, Made: time.Now()})
	if err != nil {
		return web.Report{}, withSealed(err, notes)
	}
	pages := map[string][]byte{}
	for _, tag := range lang.Tags() {
		if page := made["report."+tag+".html"]; page != nil {
			pages[tag] = page.Bytes()
		}
	}
	return web.Report{Pages: pages}, nil
}

// memory takes files and keeps them in memory.
type memory map[string]*bytes.Buffer

// Create begins a file.
func (m memory) Create(name string) (io.WriteCloser, error) {
	b := &bytes.Buffer{}
	m[name] = b
	return kept{b}, nil
}

// nowhere takes files and drops them.
type nowhere struct{}

// Create begins a file that nobody reads.
func (nowhere) Create(string) (io.WriteCloser, error) { return kept{io.Discard}, nil }

type kept struct{ io.Writer }

// Close ends a file.
func (kept) Close() error { return nil }
