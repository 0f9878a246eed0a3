package study

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"waymark/fault"
	"waymark/lang"
	"waymark/publish/chart"
	"waymark/publish/report"
)

// write renders the document and puts everything into the two outputs.
func (r *runner) write() error {
	w := &writer{to: r.out.Public}
	pages := map[string][]byte{}
	for i, tag := range r.opt.Languages {
		r.opt.Progress("study.step.report", i, len(r.opt.Languages))
		page, err := r.writeLanguage(w, tag)
		if err != nil {
			return err
		}
		pages[tag] = page
	}
	if len(pages) > 1 {
		r.notes(report.Agree(r.plan.ID, pages))
	}
	if err := r.writeTables(w); err != nil {
		return err
	}
	r.result.Record = r.recordOf()
	r.result.Record.Files = w.files
	text, err := marshal(r.result.Record)
	if err != nil {
		return fmt.Errorf("write run.json: %w", err)
	}
	if err := w.put("run.json", text); err != nil {
		return err
	}
	for _, f := range w.files {
		r.result.Files = append(r.result.Files, f.Name)
	}
	return r.writeWorking()
}

// writeLanguage writes the page of one language, its figures and, where it can be had, its PDF.
func (r *runner) writeLanguage(w *writer, tag string) ([]byte, error) {
	p, err := lang.New(tag)
	if err != nil {
		return nil, err
	}
	page, err := report.Render(r.result.Document, p)
	if err != nil {
		return nil, fmt.Errorf("render report in %s: %w", tag, err)
	}
	if err := w.put("report."+p.Tag()+".html", page); err != nil {
		return nil, err
	}
	if err := r.writeFigures(w, p); err != nil {
		return nil, err
	}
	if r.opt.PDF == nil {
		return page, nil
	}
	pdf, err := r.opt.PDF(r.ctx, page)
	if err != nil {
		if r.ctx.Err() != nil {
			return nil, r.ctx.Err()
		}
		note := fault.Issue{Code: CodeWithoutPDF, Severity: fault.Soft, Kind: fault.Unavailable}
		if !slices.ContainsFunc(r.result.Notes, func(i fault.Issue) bool { return i.Code == CodeWithoutPDF }) {
			r.result.Notes = append(r.result.Notes, note)
			r.result.Notes = append(r.result.Notes, fault.Of(err)...)
		}
		return page, nil
	}
	return page, w.put("report."+p.Tag()+".pdf", pdf)
}

// writeFigures writes every chart and map of the document as a file of its own.
func (r *runner) writeFigures(w *writer, p *lang.Printer) error {
	for _, s := range r.result.Document.Sections {
		for _, b := range s.Blocks {
			f, ok := b.(report.Figure)
			if !ok || f.Draw == nil {
				continue
			}
			svg, err := report.Draw(f, p)
			if err != nil {
				return fmt.Errorf("draw figure %s: %w", f.ID, err)
			}
			sheet, err := chart.Sheet(p, svg, f.Table)
			if err != nil {
				return fmt.Errorf("lay figure %s out: %w", f.ID, err)
			}
			if err := w.put("figures/"+f.ID+"."+p.Tag()+".svg", sheet.Body); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeWorking writes what was not cleared, for the owner of the data.
func (r *runner) writeWorking() error {
	if r.out.Working == nil {
		return nil
	}
	w := &writer{to: r.out.Working}
	notice := words("study.not-cleared")
	rec := workingRecord{
		Notice: notice["en"] + " " + notice["fr"], Run: r.result.Record, Accounts: map[string]accountRecord{},
		Withheld: r.record.Working(), Notes: notesOf(r.result.Notes), Sample: r.steps, Models: r.models,
	}
	for name, in := range r.in {
		if in.Loaded != nil {
			a := in.Loaded.Accounts
			rec.Accounts[name] = accountRecord{Read: a.Read, Loaded: a.Loaded, Listed: a.Listed, Blank: a.Blank}
		}
	}
	text, err := marshal(rec)
	if err != nil {
		return fmt.Errorf("write full record: %w", err)
	}
	if err := w.put("NOT-CLEARED.txt", []byte(notice["en"]+"\n\n"+notice["fr"]+"\n")); err != nil {
		return err
	}
	if err := w.put("full-record.json", text); err != nil {
		return err
	}
	return r.writeRejected(w)
}

// writer puts files into an output and remembers their hashes.
type writer struct {
	to    Output
	files []FileRecord
}

func (w *writer) put(name string, content []byte) error {
	return w.stream(name, func(to io.Writer) error {
		_, err := to.Write(content)
		return err
	})
}

func (w *writer) stream(name string, fill func(io.Writer) error) error {
	f, err := w.to.Create(name)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n := &counter{}
	if err := fill(io.MultiWriter(f, sum, n)); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	w.files = append(w.files, FileRecord{Name: name, SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: n.bytes})
	return nil
}

type counter struct{ bytes int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return len(p), nil
}
