package study

import (
	"fmt"
	"io"

	"waymark/lang"
	"waymark/publish/datapackage"
)

// writeTables writes the cleared tables as files for others: a Data Package with CSV files, a workbook and a
// description, open in the folder "tables" and as one zip.
func (r *runner) writeTables(w *writer) error {
	var speak []*lang.Printer
	for _, tag := range r.opt.Languages {
		p, err := lang.New(tag)
		if err != nil {
			return err
		}
		speak = append(speak, p)
	}
	facts := map[string]string{"plan": r.plan.ID, "plan_sha256": r.plan.Hash, "program": "waymark " + r.opt.Version}
	p := datapackage.Package{Name: r.plan.ID, Title: labels(r.plan.Title), Description: labels(r.plan.Subtitle), Facts: facts}
	if r.simulated() {
		facts["simulated"] = words("study.simulated")["en"]
	}
	if !r.opt.Made.IsZero() {
		p.Created = r.opt.Made.Format("2006-01-02")
	}
	for _, d := range r.plan.Data {
		if in, ok := r.in[d.Name]; ok && in.Loaded != nil {
			facts["data_sha256_"+d.Name] = in.Loaded.Accounts.SHA256
		}
	}
	if title := r.plan.Source["en"]; title != "" {
		p.Sources = []datapackage.Source{{Title: title}}
	}
	files, err := datapackage.Files(p, r.result.Tables, speak)
	if err != nil {
		return fmt.Errorf("write tables: %w", err)
	}
	for _, f := range files {
		if err := w.put("tables/"+f.Path, f.Content); err != nil {
			return err
		}
	}
	return w.stream(r.plan.ID+".zip", func(to io.Writer) error {
		return datapackage.Write(to, p, r.result.Tables, speak)
	})
}
