package study

import (
	"encoding/json"
	"maps"
	"slices"

	"waymark/fault"
	"waymark/release"
)

// Record is what makes a run repeatable. It is public: it holds no number that was not cleared.
type Record struct {
	Format     string         `json:"format"` // "run/1"
	Program    string         `json:"program"`
	Version    string         `json:"version"`
	Made       string         `json:"made"` // ISO day
	PlanID     string         `json:"plan_id"`
	PlanSHA256 string         `json:"plan_sha256"`
	Plan       string         `json:"plan"` // the text of the plan, whole
	Data       []DataRecord   `json:"data"`
	Seeds      map[string]int `json:"seeds"` // of every draw of the run; the kernels of a report draw with fixed seeds
	Simulated  bool           `json:"simulated"`
	Caveats    []string       `json:"caveats"`
	Cleared    release.Record `json:"cleared"`
	Files      []FileRecord   `json:"files"`
}

// DataRecord says which file stood behind a name of the plan. The number of rows is that of the file, which
// its owner knows; it is not a number of the report.
type DataRecord struct {
	Name      string `json:"name"`
	File      string `json:"file"`
	SHA256    string `json:"sha256"`
	Bytes     int64  `json:"bytes"`
	Format    string `json:"format"`
	Encoding  string `json:"encoding,omitempty"`
	Delimiter string `json:"delimiter,omitempty"`
}

// FileRecord is one file of the public folder.
type FileRecord struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// workingRecord is the full record, for the owner of the data; it was not cleared.
type workingRecord struct {
	Notice    string                   `json:"notice"`
	Run       Record                   `json:"run"`
	Accounts  map[string]accountRecord `json:"accounts"`
	Sample    []sampleStep             `json:"sample,omitempty"`
	Models    []modelRecord            `json:"models,omitempty"`
	Withheld  []release.Working        `json:"withheld"`
	Notes     []string                 `json:"notes"`
	Durations map[string]float64       `json:"seconds,omitempty"`
}

type accountRecord struct {
	Read   int `json:"rows_read"`
	Loaded int `json:"rows_loaded"`
	Listed int `json:"rows_listed"`
	Blank  int `json:"rows_blank"`
}

// recordOf fills the public record; the files are added as they are written.
func (r *runner) recordOf() Record {
	rec := Record{
		Format: "run/1", Program: "waymark", Version: r.opt.Version, PlanID: r.plan.ID, PlanSHA256: r.plan.Hash,
		Plan: string(r.plan.Text), Seeds: map[string]int{}, Simulated: r.simulated(), Cleared: r.record,
		Caveats: r.result.Document.Caveats(),
	}
	if !r.opt.Made.IsZero() {
		rec.Made = r.opt.Made.Format("2006-01-02")
	}
	for _, name := range slices.Sorted(maps.Keys(r.in)) {
		in := r.in[name]
		d := DataRecord{Name: name, File: in.File}
		if in.Loaded != nil {
			a := in.Loaded.Accounts
			d.SHA256, d.Bytes, d.Format, d.Encoding, d.Delimiter = a.SHA256, a.Bytes, a.Format, a.Encoding, a.Delimiter
		}
		rec.Data = append(rec.Data, d)
	}
	return rec
}

// simulated says whether the main data set calls itself simulated.
func (r *runner) simulated() bool {
	in := r.in[r.plan.Main().Name]
	return in.Loaded != nil && in.Loaded.Table.Column("simulated") != nil
}

func marshal(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// notesOf gives soft issues as codes with places and arguments.
func notesOf(issues fault.Issues) []string {
	out := []string{}
	for _, i := range issues {
		out = append(out, i.Error())
	}
	return out
}
